"""What a page asks the curation worker about photos from elsewhere, and what that says."""

from __future__ import annotations

from bearclf.protocol.base import Message
from bearclf.protocol.records import FoundPhoto


class FindPhotos(Message, frozen=True, kw_only=True):
    """Request: search ``source`` for photos of ``words``, for class ``label``.

    ``search`` is the page's own name for the search, ``licences`` are Creative Commons' short names, or None
    where a source knows none. Replies: :class:`Found`, as they come, until the search is over.
    """

    search: str
    words: str
    label: str
    source: str
    licences: tuple[str, ...] | None


class StopFinding(Message, frozen=True):
    """Request: end a search; what it has found stays. Reply: :class:`bearclf.protocol.base.Done`."""

    search: str


class ForgetFound(Message, frozen=True):
    """Request: end a search and drop what it has found. Reply: :class:`bearclf.protocol.base.Done`."""

    search: str


class AddFound(Message, frozen=True):
    """Request: add those photos of a search whose digests are given, as one step, and drop the others.

    Reply: :class:`bearclf.protocol.curation.Applied`.
    """

    search: str
    digests: tuple[str, ...]


class Found(Message, frozen=True, kw_only=True):
    """Reply: ``photos`` that were found since the last one, and whether the search is ``over`` with them.

    ``label`` is the class as it will be spelled. ``said`` tells in the end what was passed over.
    """

    label: str
    photos: tuple[FoundPhoto, ...] = ()
    over: bool = False
    said: str = ""


FindingRequest = FindPhotos | StopFinding | ForgetFound | AddFound
