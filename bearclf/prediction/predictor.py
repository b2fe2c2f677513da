"""A bundle and a photo give an answer: the same as ``learn.predict``, without what makes that slow."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from fastai.vision.all import Learner, load_learner
from PIL import Image

from bearclf.bundle import EXPORT, read_checked
from bearclf.card import read_card
from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.features.scan import BATCH_SIZE
from bearclf.photos import decode


@dataclass(frozen=True)
class Answer:
    """What the model says of one photo.

    ``label`` is the most probable class, ``probability`` its share, ``probabilities`` all classes' in the
    order of the vocab, ``ms`` the time it took in milliseconds.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    ms: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Predictor:
    """A trained model, loaded from a bundle with fastai's ``load_learner``.

    Raises UserError, before anything is unpickled, if ``export.pkl`` is not what the bundle's card says.
    """

    def __init__(self, bundle: Path) -> None:
        self.card = read_card(bundle)
        learner = _load_checked(read_checked(bundle, EXPORT, self.card))
        self.vocab: list[str] = list(learner.dls.vocab)
        self._pipeline = InputPipeline.of(learner)
        self._model = channels_last(learner.model)
        self._activation = learner.loss_func.activation
        # The first pass takes several times as long as those after it: not at a visitor's expense.
        self.predict_decoded([Image.new("RGB", (64, 64))])

    def predict(self, data: bytes | memoryview) -> Answer:
        """Answer for one file's content; raises PhotoError for what is no photo."""
        started = time.perf_counter()
        [answer] = self.predict_decoded([decode(data)])
        return Answer(answer.label, answer.probability, answer.probabilities, _ms_since(started))

    def predict_decoded(self, photos: Sequence[Image.Image]) -> list[Answer]:
        """Answers for photos from :func:`bearclf.photos.decode`, in batches; ``ms`` is each one's share."""
        answers: list[Answer] = []
        for start in range(0, len(photos), BATCH_SIZE):
            answers += self._answer_batch(photos[start : start + BATCH_SIZE])
        return answers

    @torch.inference_mode()
    def _answer_batch(self, photos: Sequence[Image.Image]) -> list[Answer]:
        started = time.perf_counter()
        images = self._pipeline.batch([self._pipeline.item(photo) for photo in photos])
        probabilities = self._activation(self._model(images)).tolist()
        ms = _ms_since(started) / len(photos)
        return [self._answer(of_photo, ms) for of_photo in probabilities]

    def _answer(self, probabilities: list[float], ms: float) -> Answer:
        by_label = dict(zip(self.vocab, probabilities, strict=True))
        label = max(by_label, key=by_label.__getitem__)
        return Answer(label, by_label[label], by_label, ms)


def _load_checked(pickled: bytes) -> Learner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # load_learner warns of unpickling, which the digest answers
        return load_learner(io.BytesIO(pickled))


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
