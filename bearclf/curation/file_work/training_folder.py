"""All that is done to the files of a training folder, and the way back from each step.

A photo is named by its class, its file name and the SHA-256 of its content: one that has changed or gone
since somebody looked at it is reported and left alone. No step overwrites or deletes anything. Deleted photos
go to a bin beside the folder, on the same file system.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from bearclf.curation.file_work.carrying import Carrier
from bearclf.curation.file_work.files import write_new
from bearclf.curation.file_work.history import History, RecordedStep, Step
from bearclf.curation.file_work.journal import Journal
from bearclf.curation.file_work.places import BIN, INCOMING, Area, Place, check_plain
from bearclf.curation.file_work.planning import Planner, Wish
from bearclf.curation.file_work.problems import DISK_IS_FULL, Problem, is_full, quoted, sentence_for
from bearclf.curation.file_work.recovery import finish_step
from bearclf.errors import UserError
from bearclf.protocol.records import Change

LOCK_SECONDS = 60.0
"""How long another curator's step is waited for."""

_POLL_SECONDS = 0.005

OnProgress = Callable[[int, int], None]
"""Told how much of how much is done. Each photo counts twice: it is looked at, then moved."""


@dataclass(frozen=True)
class StepResult:
    """What came of a step: its number, or None if nothing was changed; how many photos went; what did not."""

    step: int | None
    done: int
    problems: list[Problem]


class TrainingFolder:
    """A folder of class folders that several people may curate at once.

    ``recovered`` tells what could not be completed of steps during which a program was stopped.
    """

    def __init__(self, folder: Path) -> None:
        """Open ``folder`` and end what a stopped program left half done.

        Raises UserError if the folder isn't there, may not be changed or is busy for too long.
        """
        self.recovered: list[Problem] = []
        self._area = Area(folder)
        self._journal = Journal(self._area.private / "journal.jsonl")
        self._history = History()
        self._reading = threading.Lock()
        self._lock = FileLock(self._area.private / "lock", LOCK_SECONDS, poll_interval=_POLL_SECONDS)
        with self._alone():
            pass

    def apply(self, changes: Sequence[Change], on_progress: OnProgress | None = None) -> StepResult:
        """Move photos to other classes or into the bin, as one step.

        A class that isn't there is made. Photos that are in their class already are passed over.
        Raises UserError if the folder is busy for too long.
        """
        with self._alone():
            wishes: list[Wish] = []
            problems: list[Problem] = []
            for index, change in enumerate(changes):
                try:
                    source = Place(check_plain(change.label), change.name)
                    target = self._in_bin(index, change.name)
                    if change.to is not None:
                        target = Place(check_plain(change.to), change.name)
                except UserError as error:
                    problems.append(Problem(change.label, change.name, str(error)))
                else:
                    wishes.append(Wish(source, target, change.digest))
            applied = self._carry_out(wishes, on_progress)
            return replace(applied, problems=problems + applied.problems)

    def add(
        self, photos: Sequence[tuple[str, str, bytes | Path]], on_progress: OnProgress | None = None
    ) -> StepResult:
        """Put new photos, each ``(label, name, content)``, into their classes, as one step.

        Whether they are photos is for the caller to know. Raises UserError if the folder is busy too long.
        """
        with self._alone():
            wishes, problems = self._receive(photos)
            applied = self._carry_out(wishes, on_progress)
            return replace(applied, problems=problems + applied.problems)

    def undo(self, step: int, on_progress: OnProgress | None = None) -> StepResult:
        """Bring each photo of a step back to where it came from; those that were added go into the bin.

        This is a step too: undoing it does the first one again. What can't be brought back now can be tried
        again. Raises UserError if there is nothing to undo, or if the folder is busy for too long.
        """
        with self._alone():
            recorded, places = self._history.to_undo(step)
            wishes = []
            for index, place in places.items():
                move = recorded.moves[index]
                came_from = move.source
                if came_from.label == INCOMING:
                    came_from = self._in_bin(index, move.target.name)
                wishes.append(Wish(place, came_from, move.digest, undoes=(step, index)))
            return self._carry_out(wishes, on_progress, recorded)

    def steps(self) -> list[Step]:
        """The history, newest first, with the steps of other curators. Doesn't wait for a step in progress.

        Raises UserError if it can't be read.
        """
        try:
            self._read()
        except OSError as error:
            raise _unusable(error) from error
        with self._reading:
            return self._history.steps()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock, with all of the history read and interrupted steps finished."""
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._lock)
                self._catch_up()
            except Timeout:
                raise UserError(
                    "Somebody else is changing these photos just now. Please try again in a minute; "
                    "nothing was done."
                ) from None
            except OSError as error:
                raise _unusable(error) from error
            yield

    def _catch_up(self) -> None:
        self._journal.mend()
        self._read()
        for step in self._history.unfinished():
            self.recovered += finish_step(self._area, self._journal, step)
        self._read()
        # Of what arrived, all that a step in the journal wanted is where it belongs by now.
        for path in self._area.holder(INCOMING).iterdir():
            path.unlink()

    def _read(self) -> None:
        with self._reading:
            for record in self._journal.read_new():
                self._history.take(record)

    def _receive(self, photos: Sequence[tuple[str, str, bytes | Path]]) -> tuple[list[Wish], list[Problem]]:
        """Write new photos down to the disk, where nobody sees them yet."""
        wishes: list[Wish] = []
        problems: list[Problem] = []
        for index, (label, name, content) in enumerate(photos):
            arrived = Place(INCOMING, f"{self._history.next_step_number}-{index}")
            try:
                target = Place(check_plain(label), name)
                digest, _ = write_new(self._area.path(arrived), content)
            except OSError as error:
                if is_full(error):
                    sentence = f"The disk is full, so {quoted(name)} and the photos after it were not added."
                    problems.append(Problem(label, name, sentence))
                    break
                problems.append(Problem(label, name, sentence_for(error, name)))
            except UserError as error:
                problems.append(Problem(label, name, str(error)))
            else:
                wishes.append(Wish(arrived, target, digest))
        return wishes, problems

    def _in_bin(self, index: int, name: str) -> Place:
        """A place that tells step and name, so that people find their photo without this program."""
        return Place(BIN, f"{self._history.next_step_number}-{index}-{name}")

    def _carry_out(
        self,
        wishes: Sequence[Wish],
        on_progress: OnProgress | None,
        undone: RecordedStep | None = None,
    ) -> StepResult:
        def tell(part: int) -> None:
            if on_progress is not None:
                on_progress(part, 2 * len(wishes))

        try:
            planner = Planner(self._area)
        except OSError as error:
            raise _unusable(error) from error
        for index, wish in enumerate(wishes):
            planner.plan(wish)
            tell(index + 1)
        if not planner.moves:
            return StepResult(None, 0, planner.problems)
        step_number = self._history.next_step_number
        now = datetime.now(UTC).isoformat(timespec="seconds")
        there = [label for label in undone.new_classes if self._area.is_there(label)] if undone else []
        back = [label for label in undone.dropped_classes if not self._area.is_there(label)] if undone else []
        step = RecordedStep(
            step_number,
            now,
            undone.number if undone else None,
            new_classes=tuple(sorted(planner.new_classes.union(back))),
            dropped_classes=tuple(there),
            restored_classes=tuple(back),
            moves=planner.moves,
        )
        carrier = Carrier(self._area, self._journal, step)
        carrier.carry_out(lambda part: tell(len(wishes) + part))
        with contextlib.suppress(OSError):  # what can't be read now is read before the next step
            self._read()
        return StepResult(
            step_number if carrier.done else None, len(carrier.done), planner.problems + carrier.problems
        )


def _unusable(error: OSError) -> UserError:
    if is_full(error):
        return UserError(DISK_IS_FULL)
    return UserError(
        f"The photos can't be changed just now: {error.strerror or error}. "
        "Please check that the disk is there and that you may write to it; nothing was done."
    )
