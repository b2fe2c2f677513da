"""Carry out a planned step: all file work of the training folder happens here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bearclf.curation.file_work.files import add_name, drop_name, is_taken, withdraw
from bearclf.curation.file_work.history import Move, RecordedStep
from bearclf.curation.file_work.journal import Journal
from bearclf.curation.file_work.places import Area, Place, numbered
from bearclf.curation.file_work.problems import DISK_IS_FULL, RECORD_FAILED, Problem, is_full, sentence_for
from bearclf.errors import UserError
from bearclf.photos.disk import sync_folder

AT_ONCE = 200
"""Photos of one group: each has two names for a moment, and the disk is waited for once a group."""

_NOT_WRITTEN_DOWN = (
    "What was done could not be written down. No photo is lost, and the list of steps will be put right "
    "the next time this folder is opened."
)


class Carrier:
    """One step's moves: ``done`` are the indices of those done, ``problems`` says why others were not."""

    def __init__(self, area: Area, journal: Journal, step: RecordedStep) -> None:
        self.done: list[int] = []
        self.problems: list[Problem] = []
        self._area = area
        self._journal = journal
        self._step = step
        self._moves = step.moves
        self._is_full = False

    def carry_out(self, on_group: Callable[[int], None]) -> None:
        """Write the intent down, move the photos, write down what was done.

        ``on_group`` is told how many photos were dealt with so far. Raises no OSError: whatever the disk
        refuses is in ``problems``.
        """
        try:
            self._journal.append(self._step.as_record())
        except OSError as error:
            self.problems.append(Problem("", "", DISK_IS_FULL if is_full(error) else RECORD_FAILED))
            with contextlib.suppress(OSError):  # in case the intent can be read in spite of it
                self._journal.append({"step": self._step.number, "done": [], "dropped": []})
            return
        for start in range(0, len(self._moves), AT_ONCE):
            group = range(start, min(start + AT_ONCE, len(self._moves)))
            self.move_group(group)
            if self._is_full:
                break
            on_group(group.stop)
        try:
            self.finish()
        except OSError as error:
            if is_full(error):
                self._say_full()
            else:
                self.problems.append(Problem("", "", _NOT_WRITTEN_DOWN))

    def move_group(self, indices: Iterable[int]) -> None:
        """Give all photos their new names, make sure of these, and only then take the old ones away."""
        named: list[int] = []
        moved: list[int] = []
        for index in indices:
            if self._is_full:
                break
            move = self._moves[index]
            if move.source == move.target:  # an undo of what somebody put back already
                self.done.append(index)
                continue
            with self.reporting(move):
                (named if self._add_name(index) else moved).append(index)
        try:
            self._sync(self._moves[index].target.label for index in named + moved)
        except OSError as error:
            for index in named:
                with self.reporting(self._moves[index]):
                    self._withdraw(index)
                    raise error
            named = []
        for index in named:
            with self.reporting(self._moves[index]):
                self.drop_name(index)
                moved.append(index)
        # From here on each photo has a name that is on the disk: a fault of the disk can't cost it.
        with contextlib.suppress(OSError):
            self._sync(self._moves[index].source.label for index in moved)
        self.done += moved

    def finish(self) -> None:
        """Put the class folders in order, and write down what was done. Raises OSError."""
        step = self._step
        restored, dropped = (step.restored_classes, step.dropped_classes) if self.done else ((), ())
        for label in restored:
            with contextlib.suppress(FileExistsError):
                self._area.holder(label).mkdir()
        for label in {*step.new_classes, *dropped}.difference(restored):
            with contextlib.suppress(OSError):  # one that isn't empty stays
                self._area.holder(label).rmdir()
        with contextlib.suppress(OSError):
            sync_folder(self._area.folder)
        gone = [label for label in dropped if not self._area.is_there(label)]
        self._journal.append({"step": step.number, "done": sorted(self.done), "dropped": gone})

    @contextlib.contextmanager
    def reporting(self, move: Move) -> Iterator[None]:
        """Turn what goes wrong with one photo into a problem, so that the others go on."""
        try:
            yield
        except OSError as error:
            if is_full(error):
                self._say_full()
            else:
                self.say(move, sentence_for(error, move.shown_place.name))
        except UserError as error:
            self.say(move, str(error))

    def say(self, move: Move, sentence: str) -> None:
        """Report a problem with one photo, named as people know it."""
        self.problems.append(Problem(*move.shown_place, sentence))

    def _say_full(self) -> None:
        if not self._is_full:
            self.problems.append(Problem("", "", DISK_IS_FULL))
        self._is_full = True

    def paths(self, index: int) -> tuple[Path, Path, Path]:
        """The paths of one move: the old name, the new one, and where the old one waits to be deleted.

        Raises UserError if one of the folders is a link or elsewhere.
        """
        move = self._moves[index]
        for place in (move.source, move.target):
            self._area.class_folder(place.label)
        leaving = self._area.leaving(self._step.number, index)
        return self._area.path(move.source), self._area.path(move.target), leaving

    def _add_name(self, index: int) -> bool:
        move = self._moves[index]
        source, target, _ = self.paths(index)
        if not target.parent.is_dir():
            target.parent.mkdir()
            sync_folder(self._area.folder)
        try:
            return add_name(source, target, move.seen)
        except FileExistsError:
            pass
        # Another program took the name since it was planned: what is in the journal must be what happens.
        for name in numbered(move.target.name):
            other = Place(move.target.label, name)
            path = self._area.path(other)
            if is_taken(path):
                continue
            self._journal.append({"step": self._step.number, "other": index, "to": other})
            self._moves[index] = move.to(other)
            with contextlib.suppress(FileExistsError):
                return add_name(source, path, move.seen)
        raise AssertionError("names never run out")

    def drop_name(self, index: int) -> None:
        """Take one photo's old name away, or else the new one. Raises OSError, UserError."""
        source, target, leaving = self.paths(index)
        try:
            drop_name(source, target, leaving)
        except OSError:
            withdraw(source, target)
            raise

    def _withdraw(self, index: int) -> None:
        source, target, _ = self.paths(index)
        withdraw(source, target)

    def _sync(self, labels: Iterable[str]) -> None:
        for label in set(labels):
            sync_folder(self._area.holder(label))
