"""What a page asks the prediction worker, and what that says."""

from __future__ import annotations

from typing import Literal

from bearclf.protocol.base import Message, Record, Refused, Trouble

Standing = Literal["known", "doubtful", "none"]
"""Whether a photo is one of the classes, may be one, or is none of them."""


class Answer(Record, frozen=True, kw_only=True):
    """What the model says of one photo.

    ``label`` is the most probable class, ``probability`` its share, ``probabilities`` all classes' in the
    order of the vocab, ``ms`` the time it took in milliseconds. ``labels`` are all that the photo shows, the
    most probable first: ``label`` alone, but of a model that knows several labels for one photo, whose
    probabilities don't sum to 1, any number of them, or none. ``familiarity`` says how much the photo is
    like what was learned (higher is more), ``standing`` what follows from it, ``nearest`` which training
    photos it is most like, as indices, the most similar first.
    """

    label: str
    labels: tuple[str, ...]
    probability: float
    probabilities: dict[str, float]
    ms: float
    standing: Standing
    familiarity: float
    nearest: tuple[int, ...]

    @property
    def known(self) -> bool:
        """Whether it may be one of the classes: false for ``none`` alone."""
        return self.standing != "none"


class SimilarPhoto(Record, frozen=True, kw_only=True):
    """A training photo beside an explanation."""

    label: str
    jpeg: bytes


class AnswerPhoto(Message, frozen=True):
    """Request: say what is on a photo. Replies: :class:`Answered`, and :class:`Seen` before or just after."""

    photo: bytes
    """The file's content."""


class ExplainAnswer(Message, frozen=True):
    """Request: say why a photo was answered so. Reply: :class:`Explained`.

    ``label``, ``nearest`` and ``card``, the SHA-256 of the model's card, are those of the answer.
    """

    photo: bytes
    label: str
    nearest: tuple[int, ...]
    card: str


class CleanPhoto(Message, frozen=True):
    """Request: encode a photo anew, without metadata. Reply: :class:`Cleaned`."""

    photo: bytes


class Seen(Message, frozen=True):
    """Reply: the decoded photo, upright and small."""

    thumbnail: bytes


class Answered(Message, frozen=True):
    """Reply: the answer, and the SHA-256 of the card of the model that gave it."""

    answer: Answer
    card: str


class Explained(Message, frozen=True):
    """Reply: the photo with everything faded that didn't speak for the answer, and what it is most like."""

    spotlight: bytes
    similar: tuple[SimilarPhoto, ...]


class Cleaned(Message, frozen=True):
    """Reply: a JPEG without any metadata."""

    jpeg: bytes


class ModelLive(Message, frozen=True):
    """Announcement: from now on the model in the folder ``bundle`` answers, whose card has this SHA-256."""

    bundle: str
    card: str


class ModelReady(Message, frozen=True):
    """Announcement: the model is loaded."""


PredictionRequest = AnswerPhoto | ExplainAnswer | CleanPhoto
PredictionReply = Seen | Answered | Explained | Cleaned | Refused
PredictionAnnouncement = ModelLive | ModelReady | Trouble
