"""What a page asks of an export that a curator brings, and what the curation worker says of it.

The export comes before, in slices, as a zip of photos does: as
:class:`bearclf.protocol.curation.StageArchive`.
"""

from __future__ import annotations

from bearclf.protocol.base import Message


class LookAtExport(Message, frozen=True):
    """Request: what would a staged export import? Reply: :class:`ExportContents`."""

    batch: str


class AdoptExport(Message, frozen=True):
    """Request: read an export that was looked at, and make a model of it. Reply: :class:`Adopted`."""

    batch: str


class ForgetExport(Message, frozen=True):
    """Request: delete an export that was looked at. Reply: :class:`bearclf.protocol.base.Done`."""

    batch: str


class ExportContents(Message, frozen=True):
    """Reply: what an export would import, in sentences, the unusual first."""

    sentences: tuple[str, ...]


class Adopted(Message, frozen=True):
    """Reply: the new model, which isn't live, and what is to be known of it."""

    model_number: int
    news: str
