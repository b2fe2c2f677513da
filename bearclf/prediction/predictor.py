"""A bundle and a photo give an answer: the same as ``learn.predict``, without what makes that slow."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from bearclf.bundle import EXPORT, NEIGHBOURS, read_checked
from bearclf.card import read_card
from bearclf.known import TrainingNeighbours, known_score
from bearclf.photos import decode
from bearclf.prediction.network import (
    TOLERANCE,
    ExportedNetwork,
    KeptNetwork,
    Network,
    difference,
    same_pixels,
)
from bearclf.settings import UserError

if TYPE_CHECKING:
    from bearclf.prediction.learned import LearnedNetwork

log = logging.getLogger(__name__)

BATCH_SIZE = 4
"""Photos in one forward pass. On CPUs more are slower: what they need no longer fits the caches."""

MOST_SIMILAR = 4
"""Training photos that are shown beside an answer."""


@dataclass(frozen=True)
class Answer:
    """What the model says of one photo.

    ``label`` is the most probable class, ``probability`` its share, ``probabilities`` all classes' in the
    order of the vocab, ``ms`` the time it took in milliseconds. ``known`` says whether the photo is like
    anything in training, ``known_score`` how much (higher is more), ``nearest`` which training photos it
    is most like, as indices, the most similar first.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    ms: float
    known: bool
    known_score: float
    nearest: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON; without ``nearest``, which means nothing without the training photos."""
        return {name: value for name, value in asdict(self).items() if name != "nearest"}


class Predictor:
    """A trained model from a bundle.

    Where an earlier run has left its network in onnxruntime's format, checked against the learner, answers
    begin within a second: the learner that ``load_learner`` gives, and with it torch, is loaded by
    :meth:`complete`, or when it is first needed. Raises UserError, before anything is unpickled, if
    ``export.pkl`` is not what the bundle's card says.
    """

    def __init__(self, bundle: Path) -> None:
        self.card = read_card(bundle)
        self.vocab = self.card.classes
        neighbours = TrainingNeighbours.load(read_checked(bundle, NEIGHBOURS, self.card))
        # The files' float16 would be converted again for every photo.
        self._neighbours = TrainingNeighbours(
            neighbours.whitening.astype(np.float32), neighbours.vectors.astype(np.float32)
        )
        self._bundle = bundle
        self._export: bytes | None = read_checked(bundle, EXPORT, self.card)
        self._kept = KeptNetwork(self.card.files[EXPORT])
        self._loading = threading.Lock()  # guards the two above and the learned network
        self._learned: LearnedNetwork | None = None
        self._completed = False
        # The one that answers.
        self._network: Network = self._kept.load() or self._learned_network()
        # The first pass takes several times as long as those after it: not at a visitor's expense.
        self.predict_decoded([Image.new("RGB", (64, 64))])

    def complete(self) -> None:
        """Load what answers don't wait for: the learner, against which the faster network is checked.

        Where there is no faster one yet, it is made. Takes seconds; answers may be asked for meanwhile, in
        other threads. If the faster one can't be made, or differs, the learner's own goes on answering.
        """
        learned = self._learned_network()
        if self._completed:
            return
        self._completed = True
        try:
            self._network = self._checked(learned)
        except Exception:
            log.warning("The learner answers for %s: there is none faster.", self._bundle, exc_info=True)
            self._network = learned

    @property
    def is_fast(self) -> bool:
        """Whether onnxruntime answers."""
        return isinstance(self._network, ExportedNetwork)

    def predict(self, data: bytes | memoryview) -> Answer:
        """Answer for one file's content; raises PhotoError for what is no photo."""
        started = time.perf_counter()
        [answer] = self.predict_decoded([decode(data)])
        return replace(answer, ms=_ms_since(started))

    def predict_decoded(self, photos: Sequence[Image.Image]) -> list[Answer]:
        """Answers for photos from :func:`bearclf.photos.decode`, in batches; ``ms`` is each one's share."""
        answers: list[Answer] = []
        for start in range(0, len(photos), BATCH_SIZE):
            started = time.perf_counter()
            some = photos[start : start + BATCH_SIZE]
            answered = self.predict_pixels([self.pixels(photo) for photo in some])
            ms = _ms_since(started) / len(some)
            answers += [replace(answer, ms=ms) for answer in answered]
        return answers

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """What the network gets to see of a decoded photo: ``uint8`` (3, height, width). In any thread."""
        return self._network.pixels(photo)

    def predict_pixels(self, pixels: Sequence[np.ndarray]) -> list[Answer]:
        """Answers for one batch of what :meth:`pixels` gave; ``ms`` is each one's share."""
        started = time.perf_counter()
        shares, features = self._network.look(np.stack(pixels))
        similarities = self._neighbours.similarities(features)
        ms = _ms_since(started) / len(pixels)
        return [self._answer(*of_photo, ms) for of_photo in zip(shares.tolist(), similarities, strict=True)]

    def explain(self, photo: Image.Image, label: str) -> Image.Image:
        """The photo, of any size, with everything faded that doesn't speak for ``label``.

        Raises KeyError if ``label`` is no class of the model.
        """
        if label not in self.vocab:
            raise KeyError(label)
        return self._learned_network().explain(photo, self.vocab.index(label))

    def _learned_network(self) -> LearnedNetwork:
        with self._loading:
            if self._learned is None:
                from bearclf.prediction.learned import LearnedNetwork

                assert self._export is not None
                learned = LearnedNetwork(self._export)
                if learned.vocab != self.vocab:
                    raise UserError(
                        f"The model in {self._bundle} has other classes than its card describes. "
                        "Please copy the model again from where it came, or train it again."
                    )
                self._learned, self._export = learned, None
            return self._learned

    def _checked(self, learned: LearnedNetwork) -> ExportedNetwork:
        """A faster network whose answers are those of ``learned``; raises whatever goes wrong."""
        fast, content = self._network, b""
        if not isinstance(fast, ExportedNetwork):
            content = learned.exported()
            fast = ExportedNetwork(content)
        squishes = same_pixels(fast, learned)
        if not squishes:
            fast = ExportedNetwork(content or learned.exported(), learned.pixels)
        found = difference(fast, learned)
        if not found <= TOLERANCE:
            self._kept.forget()
            raise ValueError(f"its answers differ by {found:.1e}")
        if squishes and content:
            self._kept.keep(content)
        return fast

    def _answer(self, probabilities: list[float], similarities: np.ndarray, ms: float) -> Answer:
        by_label = dict(zip(self.vocab, probabilities, strict=True))
        label = max(by_label, key=by_label.__getitem__)
        nearest = np.argsort(-similarities, kind="stable")[:MOST_SIMILAR]
        score = known_score(similarities)
        known = score >= self.card.known_threshold
        return Answer(label, by_label[label], by_label, ms, known, score, tuple(nearest.tolist()))


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
