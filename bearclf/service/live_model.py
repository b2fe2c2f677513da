"""The model that a worker answers with, and how it follows the version that is live."""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from bearclf.models.versions import BASE, LiveVersion, Versions
from bearclf.photos.decode import PhotoError, read_photo_file
from bearclf.protocol.prediction import ModelLive
from bearclf.settings import training_folder

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Seconds between two looks at which version is live."""


class LiveModel:
    """One version, loaded. Raises UserError if its bundle isn't whole."""

    def __init__(self, version: LiveVersion) -> None:
        from bearclf.prediction.predictor import Predictor

        self.version = version
        self.predictor = Predictor(version.path)
        self._listing = threading.Lock()
        self._training_photos: tuple[list[str], dict[str, tuple[Path, str]]] | None = None

    @property
    def announcement(self) -> ModelLive:
        """What pages are told when it goes live."""
        return ModelLive(str(self.version.path), self.version.card_sha256)

    def training_photos(self, indices: Sequence[int]) -> list[tuple[Path, str]]:
        """Paths and labels of the training photos with these indices, as far as they are still there.

        The folder is searched at the first call, which takes a second or so.
        """
        with self._listing:
            if self._training_photos is None:
                self._training_photos = find_training_photos(self.version.path, training_folder())
        digests, at_hand = self._training_photos
        wanted = [digests[index] for index in indices if 0 <= index < len(digests)]
        return [at_hand[digest] for digest in wanted if digest in at_hand]


def load(version: LiveVersion, versions: Versions) -> LiveModel:
    """Load a version, or the base if that fails. Raises UserError if the base can't be loaded, either."""
    if version.number != BASE:
        try:
            return LiveModel(version)
        except Exception:
            log.exception("Model %d can't be loaded, so the configured one answers.", version.number)
    return LiveModel(versions.base())


def follow(
    versions: Versions, tried: LiveVersion, model: LiveModel, hand_over: Callable[[LiveModel], None]
) -> NoReturn:
    """Load whatever goes live and hand it over, for ever; to be run in a thread.

    ``tried`` is the version that was live when ``model`` was loaded: one that can't be loaded is not tried
    again until another was live.
    """
    loaded = model.version
    _complete(model)
    while True:
        time.sleep(LOOK_SECONDS)
        version = versions.live()
        if version == tried:
            continue
        tried = version
        if version == loaded:
            continue
        try:
            model = LiveModel(version)
            model.predictor.complete()
        except Exception:
            log.exception("Model %d can't be loaded, so the one before goes on answering.", version.number)
            continue
        loaded = version
        hand_over(model)
        _complete(model)
        gc.collect()  # fastai's learners hold themselves: the replaced one would stay for long


def _complete(model: LiveModel) -> None:
    """Load the learner and list the training photos now, so that the first click on “Why?” is not slow."""
    try:
        model.predictor.complete()
    except Exception:
        log.exception("The learner of model %d can't be loaded.", model.version.number)
    try:
        model.training_photos([])
    except Exception:
        log.exception("The training photos can't be looked for.")


def find_training_photos(bundle: Path, folder: Path) -> tuple[list[str], dict[str, tuple[Path, str]]]:
    """The digests of a bundle's training photos, and where in ``folder`` each lies, with its label."""
    from bearclf.models.bundle import FEATURES, TrainingRecord, read_checked
    from bearclf.models.card import read_card
    from bearclf.photos.folders import content_digest, list_photos

    digests = TrainingRecord.load(read_checked(bundle, FEATURES, read_card(bundle))).digests
    listed = list_photos(folder) if folder.is_dir() else []
    at_hand: dict[str, tuple[Path, str]] = {}
    for path, label in listed:
        with suppress(PhotoError):
            at_hand[content_digest(read_photo_file(path))] = (path, label)
    return digests, at_hand
