"""Look at the photos of a training folder and judge each by a model that hadn't seen it. Needs torch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image

from bearclf.curation.catalogue import METRICS_KIND, THUMBNAIL_KIND, KnownFiles
from bearclf.curation.health import photo_metrics
from bearclf.curation.scores import Scores
from bearclf.curation.sheet import sheet_thumbnail
from bearclf.features.backbones import pretrained_backbone
from bearclf.features.scan import SCAN_BATCH, Extra, scan_files, scan_variants
from bearclf.models.bundle import TrainingRecord
from bearclf.photos.folders import check_trainable
from bearclf.photos.progress import ProgressBar, unseen
from bearclf.photos.store import FeatureStore
from bearclf.training.elsewhere import sample
from bearclf.training.options import FINE_TUNE_SIZE, Options
from bearclf.training.probe import fit_probe
from bearclf.training.recipes import probe_featurizer

TRAINING_LOOKS = 6.0
"""What learning from a photo costs, in forward passes: measured, with decoding and augmenting."""


class Examiner:
    """Looks at photos as a training by the ``probe`` recipe with these options does."""

    def __init__(self, options: Options) -> None:
        """Raises UserError if the weights of the architecture can't be had."""
        self.options = options
        backbone = pretrained_backbone(options.architecture, options.weights_from)
        self._featurizer = probe_featurizer(backbone, options)

    def fill_cache(self, files: KnownFiles, store: FeatureStore, progress: ProgressBar) -> None:
        """Compute whatever the store lacks of these photos."""
        extras = (
            Extra(METRICS_KIND, photo_metrics),
            Extra(THUMBNAIL_KIND, sheet_thumbnail),
        )
        scan_files(files.photos, files.unreadable, store, progress, self._featurizer, extras)

    def score(self, folder: Path, files: KnownFiles, store: FeatureStore, progress: ProgressBar) -> Scores:
        """Scores by cross-validation. Raises UserError if there are too few classes or photos."""
        scanned = scan_files(files.photos, files.unreadable, store, progress, self._featurizer)
        vocab = check_trainable(scanned.labels, scanned.groups.tolist(), folder)
        labels = np.array([vocab.index(label) for label in scanned.labels])
        probe = fit_probe(scanned.features, labels, scanned.groups, self.options.seed, progress)
        digests = [photo.digest for photo in scanned.photos]
        not_asked = np.full(len(labels), np.nan)  # scores don't need familiarities
        return Scores.of(
            vocab,
            TrainingRecord(digests, labels, scanned.groups, scanned.features, probe.out_of_sample, not_asked),
        )

    def look_at_variants(self, files: KnownFiles, store: FeatureStore, progress: ProgressBar) -> None:
        """Compute whatever the store lacks of the photos that a training would look at in other variants."""
        usable = scan_files(files.photos, files.unreadable, store, unseen, self._featurizer).photos
        sampled = [usable[index] for index in sample(usable, range(len(usable)))]
        scan_variants(sampled, store, progress, self._featurizer)

    def fine_tune_seconds(self, photos: int, epochs: int) -> float:
        """A guess at how long the course's recipe takes, from how fast this machine is just now."""
        items = [self._featurizer.pipeline.item(Image.new("RGB", (640, 480)))] * SCAN_BATCH
        seconds = []
        for _ in range(5):  # the best of them: others may be busy for a moment
            started = time.perf_counter()
            self._featurizer(items)
            seconds.append(time.perf_counter() - started)
        one_look = min(seconds) / SCAN_BATCH * (FINE_TUNE_SIZE / self.options.input_size) ** 2
        return photos * (epochs + 1) * TRAINING_LOOKS * one_look
