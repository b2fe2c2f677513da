"""A bundle and a photo give an answer: the same as ``learn.predict``, without what makes that slow."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import msgspec
import numpy as np
from PIL import Image

from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT, NEIGHBOURS, NETWORK, read_checked
from bearclf.models.card import NO_NOVELTY, read_card
from bearclf.models.novelty import NoveltyDetector, standing
from bearclf.photos.decode import decode, prepare, read_photo_file
from bearclf.prediction.network import ExportedNetwork, Network, assert_same_answers, same_pixels
from bearclf.protocol.prediction import Answer
from bearclf.settings import AnyPath

if TYPE_CHECKING:
    from bearclf.prediction.learned import LearnedNetwork

log = logging.getLogger(__name__)

MOST_SIMILAR = 4
"""Training photos that are shown beside an answer."""


class Predictor:
    """A trained model from a bundle.

    Where the bundle has its network in onnxruntime's format, answers begin within a second: the learner that
    ``load_learner`` gives, and with it torch, is loaded by :meth:`complete`, or when it is first needed. Any
    number of threads may ask at once. Raises UserError, before anything is unpickled, if a file is not what
    the bundle's card says.
    """

    def __init__(self, bundle: AnyPath) -> None:
        bundle = Path(bundle)
        self.card = read_card(bundle)
        self.vocab = self.card.classes
        self._bundle = bundle
        self._detector = self._load_detector()
        self._export: bytes | None = read_checked(bundle, EXPORT, self.card)
        self._loading = threading.Lock()  # guards that and the learned network
        self._learned: LearnedNetwork | None = None
        self._completed = False
        # The network that answers.
        self._network: Network = self._exported_network() or self._learned_network()
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, "bearclf answering")
        # The first pass takes several times as long as those after it: not at a visitor's expense.
        self.predict_decoded([Image.new("RGB", (64, 64))])

    def complete(self) -> None:
        """Load what answers don't wait for: the learner, against which the faster network is checked.

        Where the bundle has no faster one, it is made. Takes seconds; answers may be asked for meanwhile, in
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

    def predict(self, photo: AnyPath | bytes | memoryview | Image.Image) -> Answer:
        """Answer for one photo: a path, a file's content, or a picture that Pillow has opened.

        Raises PhotoError for what is no photo.
        """
        started = time.perf_counter()
        if isinstance(photo, Image.Image):
            decoded = prepare(photo.copy())  # decoding changes what it is given
        elif not isinstance(photo, str | PathLike | bytes | bytearray | memoryview):
            raise TypeError(f"a photo is a path, bytes or a picture of Pillow, not {type(photo).__name__}")
        else:
            decoded = decode(read_photo_file(Path(photo)) if isinstance(photo, str | PathLike) else photo)
        [answer] = self.predict_decoded([decoded])
        return msgspec.structs.replace(answer, ms=_ms_since(started))

    def predict_decoded(self, photos: Sequence[Image.Image]) -> list[Answer]:
        """Answers for photos from :func:`bearclf.photos.decode.decode`; each core takes one at a time."""
        if len(photos) == 1:
            return [self._answer(photos[0])]
        return list(self._pool.map(self.predict_beside_others, photos))

    def predict_beside_others(self, photo: Image.Image) -> Answer:
        """Answer for one decoded photo on one core; for a pool with a thread for each core."""
        return self._answer(photo, beside_others=True)

    def explain(self, photo: Image.Image, label: str) -> Image.Image:
        """The photo, of any size, with everything faded that doesn't speak for ``label``.

        Raises KeyError if ``label`` is no class of the model.
        """
        if label not in self.vocab:
            raise KeyError(label)
        return self._learned_network().explain(photo, self.vocab.index(label))

    def _load_detector(self) -> NoveltyDetector | None:
        if self.card.novelty == NO_NOVELTY:
            return None
        content = read_checked(self._bundle, NEIGHBOURS, self.card)
        try:
            return NoveltyDetector.load(content)
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            log.warning("%s of %s makes no sense.", NEIGHBOURS, self._bundle, exc_info=error)
            raise UserError(
                f"{NEIGHBOURS} of the model in {self._bundle} can't be understood. "
                "Please copy or train it again."
            ) from None

    def _learned_network(self) -> LearnedNetwork:
        with self._loading:
            if self._learned is None:
                from bearclf.prediction.learned import LearnedNetwork

                assert self._export is not None
                learned = LearnedNetwork(self._export)
                self._check_classes(learned)
                self._learned, self._export = learned, None
            return self._learned

    def _exported_network(self) -> ExportedNetwork | None:
        """The bundle's; None if it has none, or there is nothing here that runs it."""
        if NETWORK not in self.card.files:
            return None
        content = read_checked(self._bundle, NETWORK, self.card)
        assert self._export is not None
        try:
            network = ExportedNetwork(content, self._export)
        except Exception:
            log.warning("%s of %s can't be used here.", NETWORK, self._bundle, exc_info=True)
            return None
        self._check_classes(network)
        return network

    def _check_classes(self, network: Network) -> None:
        if network.vocab != self.vocab:
            raise UserError(
                f"The model in {self._bundle} has other classes than its card describes. "
                "Please copy the model again from where it came, or train it again."
            )

    def _checked(self, learned: LearnedNetwork) -> ExportedNetwork:
        """A faster network whose answers are those of ``learned``; raises whatever goes wrong."""
        fast = self._network
        if not isinstance(fast, ExportedNetwork):
            fast = ExportedNetwork(learned.exported())
        if not same_pixels(fast, learned):
            fast = fast.with_pixels(learned.pixels)
        assert_same_answers(fast, learned)
        return fast

    def _labels(self, probabilities: dict[str, float]) -> tuple[str, ...]:
        """All that a photo shows, the most probable first."""
        most_first = sorted(probabilities, key=probabilities.__getitem__, reverse=True)
        threshold = self.card.threshold
        if threshold is None:
            return (most_first[0],)
        return tuple(label for label in most_first if probabilities[label] >= threshold)

    def _answer(self, photo: Image.Image, beside_others: bool = False) -> Answer:
        started = time.perf_counter()
        network = self._network  # another may take its place meanwhile
        shares, features = network.forward(network.pixels(photo), beside_others)
        probabilities = dict(zip(self.vocab, shares.tolist(), strict=True))
        label = max(probabilities, key=probabilities.__getitem__)
        nearest, familiarity = self._place(features)
        return Answer(
            label=label,
            labels=self._labels(probabilities),
            probability=probabilities[label],
            probabilities=probabilities,
            ms=_ms_since(started),
            standing=standing(familiarity, self.card),
            familiarity=familiarity,
            nearest=nearest,
        )

    def _place(self, features: np.ndarray) -> tuple[tuple[int, ...], float]:
        """The training photos that a photo is most like, and how familiar it is."""
        if self._detector is None:
            return (), self.card.known_from
        similarities = self._detector.similarities(features[None])
        nearest = np.argsort(-similarities[0], kind="stable")[:MOST_SIMILAR]
        return tuple(nearest.tolist()), float(self._detector.familiarity(features[None], similarities)[0])


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 2)
