"""The photos of a training, whichever way their labels are told: by folders, or by a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bearclf.features.scan import Featurizer, scan_files
from bearclf.photos.label_file import LabelTable, check_labels, read_labels, read_table
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import ScannedFolder, SkippedFile, hash_listed
from bearclf.photos.store import FeatureStore
from bearclf.protocol.labels import joined
from bearclf.training.held_out import TrainingPhotos, drawn, scan_training_photos
from bearclf.training.options import Options
from bearclf.training.several_probe import rarest_labels


class LabelsOf:
    """From a photo's path to its labels, as fastai's ``get_y``. Exported, it knows no photo any more."""

    def __init__(self, labels: Mapping[Path, list[str]]) -> None:
        self._labels = dict(labels)

    def __call__(self, photo: Path) -> list[str]:
        """The labels of a training photo; of any other, none."""
        return self._labels.get(photo, [])

    def __getstate__(self) -> dict[str, dict]:
        return {"_labels": {}}


def scan_photos(
    folder: Path,
    options: Options,
    store: FeatureStore,
    progress: ProgressBar,
    featurizer: Featurizer | None = None,
) -> TrainingPhotos:
    """Scan the photos of a training, and hold some out.

    Raises UserError if there are too few classes, labels or photos to learn from, or if the table of labels
    can't be understood.
    """
    if options.labels is None:
        return scan_training_photos(folder, options.valid, store, progress, featurizer)
    table = read_table(options.labels, options.label_delim)
    scanned = _scan_labelled(folder, table, store, progress, featurizer)
    labels = [photo.labels for photo in scanned.photos]
    # Versions of one picture count once: they are held out together.
    pictures = dict(zip(scanned.groups.tolist(), labels, strict=True))
    vocab = check_labels(list(pictures.values()), table)
    truth = np.array([[name in of_photo for name in vocab] for of_photo in labels], bool)
    in_valid, how = drawn(scanned, options.valid)
    return TrainingPhotos(folder, scanned, vocab, rarest_labels(truth), in_valid, how, truth)


def _scan_labelled(
    folder: Path,
    table: LabelTable,
    store: FeatureStore,
    progress: ProgressBar,
    featurizer: Featurizer | None,
) -> ScannedFolder:
    """The usable photos of a table; the ``label`` of each has all of its labels."""
    photos, left_out = read_labels(table, folder)
    listed, unreadable = hash_listed([(photo.path, joined(photo.labels)) for photo in photos], {})
    unnamed = [SkippedFile(path, sentence) for path, sentence in left_out]
    return scan_files(listed, [*unreadable, *unnamed], store, progress, featurizer)
