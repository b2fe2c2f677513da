"""What went wrong with one photo, in a sentence for the person who keeps the training folder."""

from __future__ import annotations

import errno
from dataclasses import dataclass

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}

DISK_IS_FULL = (
    "The disk is full. What was done so far is kept, and the other photos were left where they were; "
    "nothing is lost. Please make room and try again."
)
RECORD_FAILED = (
    "The step could not be written down, so nothing was changed. "
    "Please check that the disk is there and that you may write to it."
)


@dataclass(frozen=True)
class Problem:
    """Why the photo ``name`` of class ``label`` was left alone. Both are empty for more than one photo."""

    label: str
    name: str
    sentence: str


def quoted(name: str) -> str:
    """``name`` in quotation marks, fit to be shown even if the file system's bytes are no text."""
    return "“" + name.encode("utf-8", "replace").decode("utf-8") + "”"


def is_full(error: OSError) -> bool:
    """Whether there is no room left, so that going on makes no sense."""
    return error.errno in _FULL


def sentence_for(error: OSError, name: str) -> str:
    """What ``error`` means for the photo ``name``, which was left alone because of it."""
    if is_full(error):
        return DISK_IS_FULL
    if isinstance(error, FileNotFoundError):
        return f"{quoted(name)} is gone: somebody moved or deleted it. Please look at the folder again."
    if error.errno in _FORBIDDEN:
        return (
            f"{quoted(name)} was left alone, because you may not change this folder. "
            "Please ask its owner for permission to write."
        )
    reason = error.strerror or type(error).__name__
    return f"{quoted(name)} was left alone, because the disk reported a fault: {reason}."
