"""A bundle and a photo give an answer: the same as ``learn.predict``, without what makes that slow."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.vision.all import Learner, load_learner
from PIL import Image

from bearclf.bundle import EXPORT, NEIGHBOURS, read_checked
from bearclf.card import read_card
from bearclf.features.backbones import pooling
from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.features.scan import BATCH_SIZE
from bearclf.known import TrainingNeighbours, known_score
from bearclf.photos import decode
from bearclf.prediction.explanation import evidence, spotlight

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
    """A trained model, loaded from a bundle with fastai's ``load_learner``.

    Raises UserError, before anything is unpickled, if ``export.pkl`` is not what the bundle's card says.
    """

    def __init__(self, bundle: Path) -> None:
        self.card = read_card(bundle)
        self._neighbours = TrainingNeighbours.load(read_checked(bundle, NEIGHBOURS, self.card))
        learner = _load_checked(read_checked(bundle, EXPORT, self.card))
        self.vocab: list[str] = list(learner.dls.vocab)
        self._pipeline = InputPipeline.of(learner)
        self._body, self._head = channels_last(learner.model)
        self._pool = pooling(self._body)
        self._activation = learner.loss_func.activation
        # The first pass takes several times as long as those after it: not at a visitor's expense.
        self.predict_decoded([Image.new("RGB", (64, 64))])

    def predict(self, data: bytes | memoryview) -> Answer:
        """Answer for one file's content; raises PhotoError for what is no photo."""
        started = time.perf_counter()
        [answer] = self.predict_decoded([decode(data)])
        return replace(answer, ms=_ms_since(started))

    def predict_decoded(self, photos: Sequence[Image.Image]) -> list[Answer]:
        """Answers for photos from :func:`bearclf.photos.decode`, in batches; ``ms`` is each one's share."""
        answers: list[Answer] = []
        for start in range(0, len(photos), BATCH_SIZE):
            answers += self._answer_batch(photos[start : start + BATCH_SIZE])
        return answers

    def explain(self, photo: Image.Image, label: str) -> Image.Image:
        """The photo, of any size, with everything faded that doesn't speak for ``label``.

        Raises KeyError if ``label`` is no class of the model.
        """
        if label not in self.vocab:
            raise KeyError(label)
        images = self._pipeline.batch([self._pipeline.item(photo)])
        return spotlight(photo, evidence(self._body, self._head, images, self.vocab.index(label)))

    @torch.inference_mode()
    def _answer_batch(self, photos: Sequence[Image.Image]) -> list[Answer]:
        started = time.perf_counter()
        images = self._pipeline.batch([self._pipeline.item(photo) for photo in photos])
        seen = self._body(images)
        probabilities = self._activation(self._head(seen)).tolist()
        similarities = self._neighbours.similarities(self._pool(seen).numpy())
        ms = _ms_since(started) / len(photos)
        return [self._answer(*of_photo, ms) for of_photo in zip(probabilities, similarities, strict=True)]

    def _answer(self, probabilities: list[float], similarities: np.ndarray, ms: float) -> Answer:
        by_label = dict(zip(self.vocab, probabilities, strict=True))
        label = max(by_label, key=by_label.__getitem__)
        nearest = np.argsort(-similarities, kind="stable")[:MOST_SIMILAR]
        score = known_score(similarities)
        known = score >= self.card.known_threshold
        return Answer(label, by_label[label], by_label, ms, known, score, tuple(nearest.tolist()))


def _load_checked(pickled: bytes) -> Learner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # load_learner warns of unpickling, which the digest answers
        return load_learner(io.BytesIO(pickled))


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
