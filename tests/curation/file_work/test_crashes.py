"""A training folder loses nothing: to kill -9 at any moment, to two curators at once, to a long history."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from tests.conftest import ROOT
from tests.helpers.training_folders import contents, digest_of, make_folder, random_step, tree, undo_all

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

CURATOR = """
import random, sys
from pathlib import Path
from bearclf.curation.file_work.training_folder import Change, TrainingFolder
from tests.helpers.training_folders import CLASSES, look, random_step
folder, word = Path(sys.argv[1]), sys.argv[2]
curated, chance, conflicts, looked = TrainingFolder(folder), random.Random(word), 0, []
for number in range(500):
    if number % 20 == 0:
        looked = look(folder)
    if number % 2:
        applied = random_step(curated, folder, chance, f"{word}-{number}")
    else:  # what this curator sees may be 20 steps old, and as many of the other's
        to = chance.choice([None, *CLASSES, *CLASSES])
        applied = curated.apply([Change(*one, to) for one in chance.sample(looked, min(1, len(looked)))])
    for problem in applied.problems if applied else ():
        conflicts += 1
        assert "no longer in" in problem.sentence or "has changed" in problem.sentence, problem
assert not curated.recovered
print(conflicts)
"""


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of waits for a disk would prove nothing more."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def test_killed_at_every_change_of_the_disk_nothing_is_lost(fast: Path) -> None:
    command = [sys.executable, "-m", "tests.helpers.crashing", str(fast)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout)
    assert figures["steps"] == 200
    assert figures["kills"] > 1000
    assert figures["slowest_recovery"] <= 2.0


def test_undoing_200_steps_gives_the_tree_back_byte_for_byte_and_doing_them_again_too(fast: Path) -> None:
    folder = make_folder(fast)
    before, chance = tree(folder), random.Random(5)
    for number in range(200):
        # Opened anew each time: everything that undo needs survives a restart.
        random_step(TrainingFolder(folder), folder, chance, str(number))
    after, curated = tree(folder), TrainingFolder(folder)
    last = curated.steps()[0].number
    undo_all(curated)
    assert tree(folder) == before
    for step in TrainingFolder(folder).steps():
        if step.number > last:
            assert curated.undo(step.number).problems == []
    assert tree(folder) == after


def test_two_curators_at_once_lose_and_overwrite_nothing(fast: Path) -> None:
    folder = make_folder(fast, photos=4)
    original, before = tree(folder), contents(folder)
    commands = [[sys.executable, "-c", CURATOR, str(folder), word] for word in ("one", "two")]
    curators = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    for curator in curators:
        conflicts, said = curator.communicate()
        assert curator.returncode == 0, said
        assert int(conflicts) > 20, "they hardly met"
    left = contents(folder)
    added = left - before
    possible = {
        digest_of(f"{word}-{number} {photo}".encode())
        for word in ("one", "two")
        for number in range(500)
        for photo in range(3)
    }
    assert not before - left
    assert set(added.values()) == {1}
    assert set(added) <= possible
    curated = TrainingFolder(folder)
    assert sum(step.added for step in curated.steps() if step.undoes is None) == len(added)
    undo_all(curated)
    assert tree(folder) == original
