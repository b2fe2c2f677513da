"""What curation messages speak of: photos on the sheet, changes, the folder, its history and its models."""

from __future__ import annotations

from typing import Literal

from bearclf.protocol.base import Record

Part = Literal["all", "train", "valid"]
Order = Literal["mislabelled", "loss", "typicality", "duplicates", "visitors", "folder"]


class Focus(Record, frozen=True, kw_only=True):
    """What the sheet is narrowed to, called ``title``: a finding by its kind, the photos of one class that
    were taken for another (``cell``), or some photos by digest. At most one of them is set.
    """

    title: str = ""
    finding: str = ""
    cell: tuple[str, str] | None = None
    digests: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether the sheet is narrowed at all."""
        return bool(self.finding or self.cell or self.digests)


class Attribution(Record, frozen=True, kw_only=True):
    """Who made a photo that comes from elsewhere, and under which licence, in the words of strangers.

    ``licence_url`` and ``landing_page`` begin with http, or are empty.
    """

    title: str
    creator: str
    licence: str
    licence_url: str
    landing_page: str
    source: str


class FoundPhoto(Record, frozen=True, kw_only=True):
    """A photo that was found elsewhere. ``thumbnail`` is a JPEG; ``taken_out`` is whether it was a training
    photo before.
    """

    digest: str
    attribution: Attribution
    thumbnail: bytes
    taken_out: bool


class SheetPhoto(Record, frozen=True, kw_only=True):
    """One photo on the sheet.

    ``key`` is the same wherever the photo appears. ``predicted`` is the class that a model which hadn't
    learned from it names, with its ``probability`` (0 to 1) and cross-entropy ``loss``; all None where no
    model was asked yet. ``part`` is "train", "valid" or "" and ``note`` a sentence on what is wrong with the
    file. A photo that a visitor gave, and that waits to be reviewed, has a ``feedback_id``; its ``label`` is
    what the visitor said it shows, or empty for none of the classes. ``thumbnail`` is a JPEG, or empty;
    ``attribution`` is there if the photo was gathered elsewhere.
    """

    key: str
    label: str
    name: str
    digest: str
    predicted: str | None
    probability: float | None
    loss: float | None
    part: str
    note: str
    feedback_id: int | None
    thumbnail: bytes
    attribution: Attribution | None = None


class Change(Record, frozen=True):
    """What is to happen with the photo ``label``/``name``: it goes to the class ``to``, or into the bin
    (None).

    It happens only as long as the SHA-256 of the photo's content, in hex, is ``digest``. A photo that waits
    in the review queue has a ``feedback_id``: it is taken into the class, or discarded.
    """

    label: str
    name: str
    digest: str
    to: str | None
    feedback_id: int | None = None


class EpochRow(Record, frozen=True, kw_only=True):
    """One epoch of a training: its ``number`` within its fit, from 0, whether only the head learned, from
    photos of ``size`` x ``size`` pixels, its losses and metrics by name, and how long it took.
    """

    number: int
    size: int
    frozen: bool
    figures: dict[str, float]
    seconds: float


class ErrorRate(Record, frozen=True, kw_only=True):
    """A share of wrong answers and its 95 % interval, all from 0 to 1."""

    share: float
    low: float
    high: float


class Matrix(Record, frozen=True, kw_only=True):
    """A confusion matrix: photos by true class (row) and predicted class (column)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class FindingSummary(Record, frozen=True, kw_only=True):
    """Something that deserves a look: what it is, what to do about it, and in how many photos."""

    kind: str
    title: str
    advice: str
    photos: int


class FolderSummary(Record, frozen=True, kw_only=True):
    """The training folder at a glance.

    ``classes`` counts photos by class. ``error`` and ``matrix`` are by the last scoring, of ``scored``
    photos; ``unscored`` counts those that it doesn't speak of yet. ``trained`` is when the live model was
    trained, in ISO 8601, or empty if that has other classes. ``imbalance`` and ``cant_train`` are sentences,
    or empty. ``fine_tune_seconds`` is how long that recipe would take, as far as it is known; ``waiting``
    counts visitors' photos to be reviewed.
    """

    classes: dict[str, int]
    error: ErrorRate | None = None
    trained: str = ""
    findings: tuple[FindingSummary, ...] = ()
    imbalance: str = ""
    matrix: Matrix | None = None
    scored: int = 0
    unscored: int = 0
    cant_train: str = ""
    fine_tune_seconds: float | None = None
    waiting: int = 0


class StepSummary(Record, frozen=True, kw_only=True):
    """A step of the folder's history: when it was (ISO 8601), what it did, and whether it was undone."""

    number: int
    time: str
    sentence: str
    undone: bool


class ModelSummary(Record, frozen=True, kw_only=True):
    """A model that can be made live; number 0 is the one that the server was started with.

    ``time`` is when it was trained, or adopted, in ISO 8601, and ``photos`` on how many it was, or, adopted,
    measured; ``error`` is None if it never was.
    """

    number: int
    time: str
    error: ErrorRate | None
    photos: int
    recipe: str
    live: bool


class Judged(Record, frozen=True, kw_only=True):
    """How one model did on the photos of a comparison.

    ``wrong`` counts photos, ``ece`` is the expected calibration error, ``turned_away`` the share that was
    taken for none of the classes; ``bins`` are (mean confidence, share right, photos), for a reliability
    diagram.
    """

    error: ErrorRate
    wrong: int
    ece: float
    turned_away: float
    matrix: Matrix
    bins: tuple[tuple[float, float, int], ...]


class ChangedAnswer(Record, frozen=True, kw_only=True):
    """A photo of class ``label`` that two models answer differently."""

    digest: str
    label: str
    before: str
    after: str


class Comparison(Record, frozen=True, kw_only=True):
    """The live model and a new one on the same photos, from which neither had learned.

    ``before`` is None if there is no earlier model of these classes. ``sentence`` says which is better.
    """

    before: Judged | None
    after: Judged
    changed: tuple[ChangedAnswer, ...]
    sentence: str
