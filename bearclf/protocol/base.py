"""What all messages have in common, and those that either worker says."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a message."""


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Whatever is sent by itself."""


class Done(Message, frozen=True):
    """Reply: it was done, and there is nothing more to say."""


class Refused(Message, frozen=True):
    """Reply: it was not done, and ``message`` says why in a sentence."""

    message: str


class Trouble(Message, frozen=True):
    """Announcement: something is wrong that concerns no single request, in a sentence."""

    message: str


class Restarting(Message, frozen=True):
    """Announcement, by the page's own line: the worker is gone, and another is being started."""
