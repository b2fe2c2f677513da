"""Turn wishes into moves: each photo is looked at again, and each new name is free."""

from __future__ import annotations

import os
from typing import NamedTuple

from bearclf.curation.file_work.files import examine
from bearclf.curation.file_work.history import Move
from bearclf.curation.file_work.places import (
    INCOMING,
    Area,
    Place,
    check_plain,
    numbered,
    shown_place_of,
)
from bearclf.curation.file_work.problems import Problem, quoted, sentence_for
from bearclf.errors import UserError
from bearclf.photos.folders import check_class_name


class Wish(NamedTuple):
    """The photo at ``source``, if its SHA-256 in hex is still ``digest``, is to be at ``target``.

    ``undoes`` is the step and the index of the move that is to be taken back.
    """

    source: Place
    target: Place
    digest: str
    undoes: tuple[int, int] | None = None


class Planner:
    """The moves of one step. ``new_classes`` are the class folders that it needs to make."""

    def __init__(self, area: Area) -> None:
        """Raises OSError if the folder can't be read."""
        self.moves: list[Move] = []
        self.problems: list[Problem] = []
        self.new_classes: set[str] = set()
        self._area = area
        self._classes = area.classes()
        self._sources: set[Place] = set()
        self._names: dict[str, set[str]] = {}

    def plan(self, wish: Wish) -> None:
        """Add the move of one photo, or the problem with it."""
        place = shown_place_of(wish.source, wish.target)
        try:
            move = self._move(wish, quoted(place.name))
        except OSError as error:
            sentence = sentence_for(error, place.name)
        except UserError as error:
            sentence = str(error)
        else:
            if move is not None:
                self._sources.add(wish.source)
                self.moves.append(move)
            return
        self.problems.append(Problem(*place, sentence))

    def _move(self, wish: Wish, name: str) -> Move | None:
        if wish.source in self._sources:
            raise UserError(f"{name} was chosen twice. What was chosen first was done.")
        self._area.class_folder(wish.source.label)
        check_plain(wish.target.name)
        label = self._target_label(wish)
        if label == wish.source.label and wish.undoes is None:
            return None
        try:
            digest, seen = examine(self._area.path(wish.source))
        except FileNotFoundError:
            raise UserError(_gone(wish.source.label, name)) from None
        if digest != wish.digest:
            raise UserError(f"{name} has changed since you looked at it, so it was left alone.")
        if wish.undoes is not None and wish.source == wish.target:
            return Move(wish.source, wish.source, digest, seen, wish.undoes)
        if wish.target.in_folder and not self._area.class_folder(label).exists():
            self.new_classes.add(label)
        target = Place(label, self._free_name(Place(label, wish.target.name)))
        return Move(wish.source, target, digest, seen, wish.undoes)

    def _target_label(self, wish: Wish) -> str:
        label = wish.target.label
        if wish.target.in_folder and wish.undoes is None:
            label = check_class_name(label, [*self._classes, *self.new_classes])
        self._area.class_folder(label)
        return label

    def _free_name(self, wanted: Place) -> str:
        """Capitals count for nothing: on many systems, ``Cat.jpg`` and ``cat.jpg`` are one file."""
        taken = self._names.get(wanted.label)
        if taken is None:
            holder = self._area.holder(wanted.label)
            names = os.listdir(holder) if wanted.label not in self.new_classes else []  # noqa: PTH208
            taken = self._names[wanted.label] = {name.casefold() for name in names}
        free = next(name for name in numbered(wanted.name) if name.casefold() not in taken)
        taken.add(free.casefold())
        return free


def _gone(label: str, name: str) -> str:
    if Place(label, name).in_folder:
        return (
            f"{name} is no longer in {quoted(label)}: somebody moved or deleted it. "
            "Please look at the folder again."
        )
    if label == INCOMING:
        return f"{name} was not added, because the disk lost it. Please add it again."
    return f"{name} is no longer in the bin: somebody took it out, so it can't be brought back."
