"""A process that dies: kill -9 before each single operation that changes the disk, and what is left then.

Run by ``test_crashes.py`` in a process of its own, for that forks by the thousand. Prints the
figures as JSON; whatever is wrong is an AssertionError.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bearclf.curation.file_work.training_folder import TrainingFolder
from tests.helpers.training_folders import (
    contents,
    digest_of,
    make_folder,
    private_area,
    random_step,
    tree,
    undo_all,
)

# Reading and waiting for the disk change nothing: to die there is to die before the next one of these.
OPERATIONS = ("open", "write", "link", "rename", "replace", "unlink", "mkdir", "rmdir")
TREES, STEPS_EACH = 20, 10


def die_at(point: int) -> None:
    """From now on, count operations that change the disk, and die in place of the ``point``-th.

    A write counts twice: before it, and when half of it is on the disk.
    """
    left = point

    def dying(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def operation(*args: Any, **options: Any) -> Any:
            nonlocal left
            reads = name == "open" and not args[1] & os.O_CREAT
            if reads or (name in ("open", "mkdir") and os.path.lexists(args[0])):
                return original(*args, **options)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if name == "write":
                left -= 1
                if left == 0:
                    descriptor, data = args
                    original(descriptor, bytes(data)[: len(data) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)

        return operation

    for name in OPERATIONS:
        setattr(os, name, dying(name))


def dies(work: Callable[[], Any], point: int) -> bool:
    """Whether ``work``, done in a process of its own, is killed at ``point``; False if it's over before."""
    child = os.fork()
    if child == 0:
        try:
            die_at(point)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work itself failed"
    return False


def same_again(folder: Path, parent: Path) -> Path:
    """The folder and its private area once more. Photos are links, as no photo is ever written to."""
    shutil.rmtree(parent, ignore_errors=True)
    for one in (folder, private_area(folder)):
        for inner, _, names in os.walk(one):
            copy = parent / Path(inner).relative_to(folder.parent)
            copy.mkdir(parents=True)
            for name in names:
                if name == "journal.jsonl":
                    shutil.copyfile(f"{inner}/{name}", f"{copy}/{name}")
                else:
                    os.link(f"{inner}/{name}", f"{copy}/{name}")
    return parent / folder.name


def check_what_is_left(
    folder: Path, before: Counter[str], looked: dict[str, bytes | None], word: str
) -> float:
    """Recover, and compare with what there was before the step; returns the seconds of the recovery."""
    began = time.perf_counter()
    curated = TrainingFolder(folder)
    seconds = time.perf_counter() - began
    left = contents(folder)
    added = left - before
    assert not before - left, "a photo is lost"
    assert set(added.values()) <= {1}, "a photo was doubled"
    assert set(added) <= {digest_of(f"{word} {number}".encode()) for number in range(3)}
    for room in ("incoming", "leaving"):
        assert not list((private_area(folder) / room).iterdir()), f"something is stuck in {room}"
    for problem in curated.recovered:
        assert "stopped before" in problem.sentence, problem
    # The step that died is not there, or what there is of it can be undone.
    if tree(folder) != looked:
        assert curated.undo(curated.steps()[0].number).problems == []
    assert tree(folder) == looked, "undoing the step that died leaves something"
    return seconds


def main(scratch: Path) -> None:
    gc.freeze()  # collecting would touch all memory that a fork shares
    gc.disable()
    points, slowest = 0, 0.0
    for number in range(TREES):
        folder = make_folder(scratch / str(number), photos=4)
        original = tree(folder)
        TrainingFolder(folder)
        for step in range(STEPS_EACH):
            word = f"{number}-{step}"
            before, looked = contents(folder), tree(folder)

            def take_step(folder: Path, word: str = word) -> None:
                random_step(TrainingFolder(folder), folder, random.Random(word), word)

            for point in range(1, sys.maxsize):
                copy = same_again(folder, scratch / "copy")
                if not dies(partial(take_step, copy), point):
                    break
                points += 1
                # Recovering is work too, and dies as well, each time at another point.
                if points % 8 == 0:
                    dies(partial(TrainingFolder, copy), 1 + points % 13)
                slowest = max(slowest, check_what_is_left(copy, before, looked, word))
            take_step(folder)
            shutil.rmtree(scratch / "copy")
        undo_all(TrainingFolder(folder))
        assert tree(folder) == original
    print(json.dumps({"steps": TREES * STEPS_EACH, "kills": points, "slowest_recovery": slowest}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
