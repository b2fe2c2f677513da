"""What the journal tells: which steps there were, where each photo went, and where it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bearclf.curation.file_work.files import Identity
from bearclf.curation.file_work.places import BIN, INCOMING, Place, shown_place_of
from bearclf.errors import UserError


@dataclass(frozen=True)
class Move:
    """One photo's way. ``digest`` is the SHA-256 of its content in hex, ``seen`` the file at the last look.

    ``undoes`` is the step and the index of the move that this one takes back.
    """

    source: Place
    target: Place
    digest: str
    seen: Identity
    undoes: tuple[int, int] | None = None

    @property
    def shown_place(self) -> Place:
        """The place by which people know the photo."""
        return shown_place_of(self.source, self.target)

    def to(self, target: Place) -> Move:
        """The same photo's way to another place."""
        return replace(self, target=target)

    def as_record(self) -> dict[str, Any]:
        """The move, as the journal keeps it."""
        return {
            "from": self.source,
            "to": self.target,
            "sha256": self.digest,
            "seen": self.seen,
            "undoes": self.undoes,
        }


@dataclass(frozen=True)
class Step:
    """One step of the history, to be shown. ``time`` is in UTC, ISO 8601; ``undoes`` a step's number.

    ``moved`` counts photos that went from class to class, ``restored`` those that came back from the bin.
    ``undone`` is true once no photo of it is left that could be taken back.
    """

    number: int
    time: str
    moved: int
    deleted: int
    added: int
    restored: int
    undoes: int | None
    undone: bool


@dataclass
class RecordedStep:
    """A step as the journal has it. ``done`` is None until it is known which of its moves were done.

    ``new_classes`` are the class folders that it needed to make. An undo also has ``dropped_classes``, those
    that it was to remove if they were empty (once it's done: those that it did remove), and
    ``restored_classes``, those that it was to bring back even if they are empty.
    """

    number: int
    time: str
    undoes: int | None
    new_classes: tuple[str, ...]
    dropped_classes: tuple[str, ...]
    restored_classes: tuple[str, ...]
    moves: list[Move]
    done: list[int] | None = None
    undone: set[int] = field(default_factory=set)
    photos: dict[int, int] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """The intent, for the journal."""
        return {
            "step": self.number,
            "time": self.time,
            "undoes": self.undoes,
            "made": self.new_classes,
            "dropped": self.dropped_classes,
            "restored": self.restored_classes,
            "moves": [move.as_record() for move in self.moves],
        }


class History:
    """All steps, by replaying the journal's records in order."""

    def __init__(self) -> None:
        self._steps: dict[int, RecordedStep] = {}
        self._unfinished: dict[int, RecordedStep] = {}
        self._shown: dict[int, Step] = {}
        self._new_photo = count()
        self._photo_at: dict[tuple[Place, str], int] = {}
        self._place_of: dict[int, Place] = {}

    def take(self, record: dict[str, Any]) -> None:
        """Take in one record; one that makes no sense is passed over, as if it had not been written."""
        try:
            if "moves" in record:
                step = _recorded(record)
                self._steps[step.number] = self._unfinished[step.number] = step
            elif "other" in record:
                step, index = self._steps[record["step"]], record["other"]
                step.moves[index] = step.moves[index].to(_place(record["to"]))
            else:
                done = [int(index) for index in record["done"]]
                self._finish(self._steps[record["step"]], done, tuple(record["dropped"]))
        except (KeyError, IndexError, TypeError, ValueError):
            return

    def _finish(self, step: RecordedStep, done: list[int], dropped: tuple[str, ...]) -> None:
        if step.done is not None:
            raise ValueError("finished twice")
        moves = [(index, step.moves[index]) for index in done]
        step.done, step.dropped_classes = done, dropped
        self._unfinished.pop(step.number, None)
        for index, move in moves:
            photo = self._photo_at.pop((move.source, move.digest), None)
            step.photos[index] = photo = next(self._new_photo) if photo is None else photo
            self._photo_at[move.target, move.digest] = photo
            self._place_of[photo] = move.target
            self._mark(move.undoes, undone=True)

    def _mark(self, which: tuple[int, int] | None, *, undone: bool) -> None:
        """An undo of an undo is a redo: walk the chain of ``undoes``, and flip each."""
        while which is not None and which[0] in self._steps:
            step, index = self._steps[which[0]], which[1]
            (step.undone.add if undone else step.undone.discard)(index)
            self._shown.pop(step.number, None)
            which, undone = step.moves[index].undoes, not undone

    @property
    def next_step_number(self) -> int:
        """The number of the next step."""
        return next(reversed(self._steps), 0) + 1

    def unfinished(self) -> list[RecordedStep]:
        """Steps during which the program was stopped, oldest first."""
        return list(self._unfinished.values())

    def to_undo(self, step_number: int) -> tuple[RecordedStep, dict[int, Place]]:
        """A step, and where the photos are now that it moved and that were not taken back yet, by index.

        Raises UserError if there is no such step or nothing of it is left to undo.
        """
        step = self._steps.get(step_number)
        if step is None or not step.done:
            raise UserError("There is no such step to undo. Please look at the list of steps again.")
        undoable = [index for index in step.done if index not in step.undone]
        if not undoable:
            raise UserError("This step was undone already.")
        return step, {index: self._place_of[step.photos[index]] for index in undoable}

    def steps(self) -> list[Step]:
        """Steps that changed something, newest first."""
        for number, step in list(self._steps.items()):
            if step.done and number not in self._shown:
                self._shown[number] = _shown(step, step.done)
        return [self._shown[number] for number in reversed(self._steps) if number in self._shown]


def _shown(step: RecordedStep, done: Sequence[int]) -> Step:
    moves = [step.moves[index] for index in done]
    added = sum(move.source.label == INCOMING for move in moves)
    return Step(
        step.number,
        step.time,
        moved=sum(move.source.in_folder and move.target.in_folder for move in moves),
        deleted=sum(move.target.label == BIN for move in moves),
        added=added,
        restored=sum(move.source.label == BIN and move.target.in_folder for move in moves),
        undoes=step.undoes,
        undone=set(done) <= step.undone,
    )


def _place(pair: Sequence[str]) -> Place:
    label, name = pair
    if not isinstance(label, str) or not isinstance(name, str):
        raise TypeError("a place is two texts")
    return Place(label, name)


def _recorded(record: dict[str, Any]) -> RecordedStep:
    moves = [
        Move(
            _place(move["from"]),
            _place(move["to"]),
            str(move["sha256"]),
            Identity(*move["seen"]),
            None if move["undoes"] is None else (int(move["undoes"][0]), int(move["undoes"][1])),
        )
        for move in record["moves"]
    ]
    return RecordedStep(
        int(record["step"]),
        str(record["time"]),
        record["undoes"],
        tuple(record["made"]),
        tuple(record["dropped"]),
        tuple(record["restored"]),
        moves,
    )
