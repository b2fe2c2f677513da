"""Small training folders, random steps in them, and what must stay the same whatever happens."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
from collections import Counter
from pathlib import Path

from bearclf.curation.file_work.training_folder import StepResult, TrainingFolder
from bearclf.errors import UserError
from bearclf.protocol.records import Change

CLASSES = ("black", "grizzly", "teddy")


def make_folder(parent: Path, photos: int = 8) -> Path:
    """``photos`` files in each class; the same names in every class, and each content once."""
    folder = parent / "bears"
    for label in CLASSES:
        (folder / label).mkdir(parents=True)
        for number in range(photos):
            (folder / label / f"{number}.jpg").write_text(f"{label} {number}", "utf-8")
    return folder


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def private_area(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.bearclf"


def tree(folder: Path) -> dict[str, bytes | None]:
    """Contents by path; None for a folder."""
    found: dict[str, bytes | None] = {}
    for inner, folders, names in os.walk(folder):
        below = inner.removeprefix(str(folder)).lstrip("/")
        found |= {f"{below}/{name}".lstrip("/"): None for name in folders}
        found |= {f"{below}/{name}".lstrip("/"): Path(inner, name).read_bytes() for name in names}
    return found


def contents(folder: Path) -> Counter[str]:
    """How often each SHA-256 is there, over the folder, the bin and wherever else a photo could get stuck."""
    files = {
        **tree(folder),
        **{f"{path} in private": it for path, it in tree(private_area(folder)).items() if "/" in path},
    }
    return Counter(digest_of(content) for content in files.values() if content is not None)


def change(folder: Path, place: str, to: str | None) -> Change:
    """What a curator who looks at ``CLASS/NAME`` now would ask for."""
    label, name = place.split("/")
    return Change(label, name, digest_of((folder / place).read_bytes()), to)


def look(folder: Path) -> list[tuple[str, str, str]]:
    """Class, name and SHA-256 of every photo that no other curator takes away meanwhile."""
    seen = []
    for path in sorted(folder.glob("*/*.jpg")):
        with contextlib.suppress(FileNotFoundError):
            seen.append((path.parent.name, path.name, digest_of(path.read_bytes())))
    return seen


def random_step(curated: TrainingFolder, folder: Path, chance: random.Random, word: str) -> StepResult | None:
    """Move, delete, add or undo a few photos. ``word`` makes added contents unique."""
    photos = sorted(path for path in folder.glob("*/*") if path.is_file())
    steps = curated.steps()
    kind, fresh = chance.random(), f"new {chance.randint(1, 3)}"
    if kind < 0.2:
        new = [
            (chance.choice([*CLASSES, fresh]), f"{number}.jpg", f"{word} {number}".encode())
            for number in range(chance.randint(1, 2))
        ]
        return curated.add(new)
    if kind < 0.45 and steps:
        try:
            return curated.undo(chance.choice(steps[:6]).number)
        except UserError:  # undone already
            return None
    changes = []
    for path in chance.sample(photos, min(len(photos), chance.randint(1, 2))):
        try:
            place = f"{path.parent.name}/{path.name}"
            changes.append(change(folder, place, chance.choice([None, *CLASSES, *CLASSES, fresh])))
        except FileNotFoundError:  # another curator was quicker
            continue
    return curated.apply(changes)


def undo_all(curated: TrainingFolder) -> None:
    """Take back every step that is in force, newest first: undoing an undo brings an older one into force."""
    for number in [step.number for step in curated.steps()]:
        with contextlib.suppress(UserError):  # undone already
            assert curated.undo(number).problems == []
