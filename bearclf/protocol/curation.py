"""What a page asks the curation worker, and what that says."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bearclf.protocol.adopting import Adopted, AdoptExport, ExportContents, ForgetExport, LookAtExport
from bearclf.protocol.base import Done, Message, Refused, Trouble
from bearclf.protocol.finding import FindingRequest, Found
from bearclf.protocol.records import (
    Change,
    Comparison,
    EpochRow,
    Focus,
    FolderSummary,
    ModelSummary,
    Order,
    Part,
    SheetPhoto,
    StepSummary,
)

# Requests


class ShowSheet(Message, frozen=True, kw_only=True):
    """Request: page number ``page`` (from 0) of the photos that are chosen. Reply: :class:`SheetPage`."""

    label: str
    """A class, or empty for all."""
    part: Part
    order: Order
    focus: Focus
    page: int
    page_size: int


class ApplyChanges(Message, frozen=True):
    """Request: apply these changes as one step. Reply: :class:`Applied`."""

    changes: tuple[Change, ...]


class UndoStep(Message, frozen=True):
    """Request: undo a step of the history. Reply: :class:`Applied`."""

    step: int


class StagePhoto(Message, frozen=True, kw_only=True):
    """Request: keep one photo of a ``batch`` for class ``label``. Reply: :class:`Done`."""

    batch: str
    label: str
    name: str
    content: bytes


class AddStaged(Message, frozen=True):
    """Request: add the staged photos of a batch, so many, as one step. Reply: :class:`Applied`."""

    batch: str
    photos: int


class StageArchive(Message, frozen=True, kw_only=True):
    """Request: keep a slice of a zip of class folders, from byte ``start`` on. Reply: :class:`Done`."""

    batch: str
    start: int
    content: bytes


class AddArchive(Message, frozen=True):
    """Request: add the photos of a staged zip, as one step. Reply: :class:`Applied`."""

    batch: str


class Retrain(Message, frozen=True):
    """Request: begin to train on the folder as it is, by this recipe. Reply: :class:`Done`."""

    recipe: Literal["probe", "fine-tune"]


class ShowWays(Message, frozen=True):
    """Request: photos of class ``label`` ("": of all), drawn by ``seed``, in every way in which training may
    show them to a network. Replies: as many :class:`WaySeen` as the first of them says.
    """

    label: str
    seed: Annotated[int, Meta(ge=0, lt=2**31)]


class CancelWork(Message, frozen=True):
    """Request: stop the work under way. Reply: :class:`Done`."""


class Promote(Message, frozen=True):
    """Request: make a model live; 0 is the one that the server was started with. Reply: :class:`Promoted`."""

    model_number: int


class DownloadFile(Message, frozen=True):
    """Request: a file of a model. Reply: :class:`FileContent`."""

    model_number: int
    name: str


class MakeReport(Message, frozen=True):
    """Request: how good a model is on the training folder, as a page. Reply: :class:`FileContent`."""

    model_number: int


FileRequest = DownloadFile | MakeReport

# Replies


class SheetPage(Message, frozen=True, kw_only=True):
    """Reply: the photos of one page; ``total`` are those on all ``pages``."""

    photos: tuple[SheetPhoto, ...]
    page: int
    pages: int
    total: int


class Applied(Message, frozen=True, kw_only=True):
    """Reply: what was done (``news``) and what was not (``problem``), in sentences or empty.

    ``not_done`` has the digests of the photos whose change was not done.
    """

    news: str
    problem: str
    not_done: tuple[str, ...] = ()


class WaySeen(Message, frozen=True, kw_only=True):
    """Reply, the ``number``-th (from 1) of ``total``: the same photos in one way, which is called ``title``.

    ``cost`` says what it costs, ``alt`` what is on ``picture``, a WebP; ``heading`` is that of its kind, or
    empty. ``passed_over`` names, in sentences, files that are no photos; empty if there are none.
    """

    number: int
    total: int
    heading: str
    title: str
    cost: str
    alt: str
    picture: bytes
    passed_over: str


class Promoted(Message, frozen=True):
    """Reply: which model is live now, in a sentence."""

    news: str


class FileContent(Message, frozen=True):
    """Reply: a file, and a name to save it under."""

    name: str
    content: bytes


# Announcements


class FolderChanged(Message, frozen=True, kw_only=True):
    """Announcement: the folder, its scores or its models have changed, and are like this now.

    ``steps`` and ``models`` are newest first. ``looking`` is whether photos are still being looked at.
    """

    summary: FolderSummary
    steps: tuple[StepSummary, ...] = ()
    models: tuple[ModelSummary, ...] = ()
    looking: bool = False


class Progress(Message, frozen=True):
    """Announcement: how much of the work under way is done; ``total`` is 0 while nobody knows.

    An empty ``what`` says that nothing is under way any more.
    """

    what: str
    done: int
    total: int


class Training(Message, frozen=True):
    """Announcement: the epochs of the training under way, or of the last one; ``note`` says in a sentence
    why it ended early, if it did. None at its beginning.
    """

    epochs: tuple[EpochRow, ...] = ()
    note: str = ""


class Retrained(Message, frozen=True):
    """Announcement: the new model ``model_number`` is trained, and how it compares with the live one."""

    model_number: int
    comparison: Comparison
    news: str


CurationRequest = (
    ShowSheet
    | ApplyChanges
    | UndoStep
    | StagePhoto
    | AddStaged
    | StageArchive
    | AddArchive
    | Retrain
    | ShowWays
    | CancelWork
    | Promote
    | DownloadFile
    | FindingRequest
    | MakeReport
    | LookAtExport
    | AdoptExport
    | ForgetExport
)
CurationReply = (
    Done | SheetPage | Applied | WaySeen | Promoted | FileContent | Found | ExportContents | Adopted | Refused
)
CurationAnnouncement = FolderChanged | Progress | Training | Retrained | Trouble
