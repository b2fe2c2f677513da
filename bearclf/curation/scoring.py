"""Look at the photos of a training folder and judge each by a model that hadn't seen it. Needs torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bearclf.bundle import TrainingRecord
from bearclf.card import Card
from bearclf.curation.catalogue import METRICS_KIND, THUMBNAIL_KIND
from bearclf.curation.health import photo_metrics
from bearclf.curation.scores import Scores
from bearclf.feature_store import FeatureStore
from bearclf.features.backbones import pretrained_backbone
from bearclf.features.scan import BATCH_SIZE, Extra, look_at
from bearclf.folders import FolderPhoto, check_trainable
from bearclf.known import held_out_scores
from bearclf.photos import thumbnail
from bearclf.scanned import Progress, SkippedFile
from bearclf.settings import DEFAULT_ARCHITECTURE, SHEET_THUMBNAIL_BYTES
from bearclf.training.probe import fit_probe
from bearclf.training.train import FINE_TUNE_SIZE, PROBE_SIZE, probe_featurizer


class Examiner:
    """Looks at photos as the ``probe`` recipe of a model does: the live one, or the default without any."""

    def __init__(self, live: Card | None) -> None:
        is_probe = live is not None and live.recipe == "probe"
        self.architecture = live.architecture if live is not None else DEFAULT_ARCHITECTURE
        self.size = live.input_size if live is not None and is_probe else PROBE_SIZE
        self.seed = live.seed if live is not None else 42
        self._backbone = pretrained_backbone(self.architecture)
        self._featurizer = probe_featurizer(self._backbone, self.architecture, self.size)

    def look(
        self,
        photos: Sequence[FolderPhoto],
        unreadable: Sequence[SkippedFile],
        store: FeatureStore,
        progress: Progress,
    ) -> None:
        """See to it that the store knows all about these photos."""
        extras = (
            Extra(METRICS_KIND, photo_metrics),
            Extra(THUMBNAIL_KIND, sheet_thumbnail),
        )
        look_at(photos, unreadable, store, progress, self._featurizer, extras)

    def score(
        self,
        folder: Path,
        photos: Sequence[FolderPhoto],
        unreadable: Sequence[SkippedFile],
        store: FeatureStore,
        progress: Progress,
    ) -> Scores:
        """By cross-validation. Raises UserError if there are too few classes or photos to learn from."""
        scanned = look_at(photos, unreadable, store, progress, self._featurizer)
        vocab = check_trainable(scanned.labels, scanned.groups.tolist(), folder)
        labels = np.array([vocab.index(label) for label in scanned.labels])
        probe = fit_probe(scanned.features, labels, scanned.groups, self.seed, progress)
        digests = [photo.digest for photo in scanned.photos]
        known = held_out_scores(scanned.features, labels, probe.folds)
        return Scores.of(
            vocab,
            TrainingRecord(digests, labels, scanned.groups, scanned.features, probe.out_of_sample, known),
        )

    def fine_tune_seconds(self, photos: int, epochs: int) -> float:
        """A guess at how long the course's recipe takes, from how fast this machine is just now."""
        items = [self._featurizer.pipeline.item(Image.new("RGB", (640, 480)))] * BATCH_SIZE
        seconds = []
        for _ in range(5):  # the best of them: others may be busy for a moment
            started = time.perf_counter()
            self._featurizer(items)
            seconds.append(time.perf_counter() - started)
        one_look = min(seconds) / BATCH_SIZE * (FINE_TUNE_SIZE / self.size) ** 2
        return photos * (epochs + 1) * TRAINING_LOOKS * one_look


TRAINING_LOOKS = 6.0
"""What learning from a photo costs, in forward passes: measured, with decoding and augmenting."""


def sheet_thumbnail(photo: Image.Image) -> np.ndarray:
    """A JPEG, as an array for the store."""
    return np.frombuffer(thumbnail(photo, max_bytes=SHEET_THUMBNAIL_BYTES), np.uint8)
