"""Finish a step that was interrupted, by what is found on the disk and never by a guess."""

from __future__ import annotations

import stat
from pathlib import Path

from bearclf.curation.file_work.carrying import Carrier
from bearclf.curation.file_work.files import finish_dropping, has_content, is_same_file, is_taken
from bearclf.curation.file_work.history import Move, RecordedStep
from bearclf.curation.file_work.journal import Journal
from bearclf.curation.file_work.places import INCOMING, Area
from bearclf.curation.file_work.problems import Problem, quoted
from bearclf.errors import UserError
from bearclf.photos.disk import sync_folder


def finish_step(area: Area, journal: Journal, step: RecordedStep) -> list[Problem]:
    """Complete each photo's move that had begun; the other photos stay where they are, and are reported.

    Photos on their way in are all put where they belong, since nobody may have another copy. Doing this
    again after being stopped is safe. Raises OSError if it can't be written down.
    """
    carrier = Carrier(area, journal, step)
    arriving = []
    for index, move in enumerate(step.moves):
        with carrier.reporting(move):
            if _has_moved(carrier, index, move):
                carrier.done.append(index)
            elif move.source.label == INCOMING:
                arriving.append(index)
            else:
                name = quoted(move.shown_place.name)
                carrier.say(move, f"The program was stopped before {name} was moved, so it is where it was.")
    # What was found need not be on the disk yet: it is before the journal says so.
    for label in {place.label for move in step.moves for place in (move.target, move.source)}:
        if area.holder(label).is_dir():
            sync_folder(area.holder(label))
    carrier.move_group(arriving)
    carrier.finish()
    return carrier.problems


def _has_moved(carrier: Carrier, index: int, move: Move) -> bool:
    """End one move that had begun; False if it had not. Raises UserError if it can't be told."""
    if move.source == move.target:
        return True
    source, target, leaving = carrier.paths(index)
    if is_taken(leaving):
        finish_dropping(source, target, leaving)
    if is_same_file(source, target):
        sync_folder(target.parent)
        carrier.drop_name(index)
        return True
    is_here = has_content(source, move.digest, move.seen)
    is_there = has_content(target, move.digest, move.seen)
    name = quoted(move.shown_place.name)
    if is_here and is_there:
        raise UserError(
            f"The program was stopped while {name} was moved, and somebody copied it: it is in both places "
            "now. Please delete the one that you don't want."
        )
    if not is_here and not is_there:
        raise UserError(
            f"The program was stopped while {name} was moved, and somebody changed or moved it since. "
            "Please look where it is; nothing was done to it."
        )
    if is_here:
        _remove_reservation(target)
    return is_there


def _remove_reservation(path: Path) -> None:
    """Without hard links, a name is taken with an empty file that only its owner may read."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(status.st_mode) and status.st_size == 0 and stat.S_IMODE(status.st_mode) == 0o600:
        path.unlink()
