"""The course's recipe: a pretrained network, trained on augmented crops by ``fine_tune``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fastai.vision.all import Callback, Learner

from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import ScannedFolder
from bearclf.training.learners import fine_tuning_learner


class ShowProgress(Callback):
    """Count batches on our progress bar, over all epochs, in place of fastai's bars and tables."""

    def __init__(self, progress: ProgressBar, epochs: int) -> None:
        self._progress = progress
        self._epochs = epochs

    def start(self, learner: Learner) -> None:
        """Show an empty bar; ``fine_tune`` fits twice, so no single fit knows the whole."""
        batches = len(learner.dls.train) + len(learner.dls.valid)
        total = batches * (self._epochs + 1)  # fine_tune trains the head alone for one more epoch
        self._steps = iter(self._progress(range(total), total, "Fine-tuning"))

    def after_batch(self) -> None:
        """One step further."""
        next(self._steps, None)


def fine_tune(
    folder: Path,
    scanned: ScannedFolder,
    vocab: Sequence[str],
    architecture: str,
    size: int,
    epochs: int,
    progress: ProgressBar,
) -> tuple[Learner, np.ndarray, np.ndarray]:
    """Train; returns the learner, the indices of the validation photos and their probabilities.

    Raises UserError if the architecture's weights can't be had.
    """
    learner = fine_tuning_learner(folder, scanned, vocab, architecture, size)
    shown = ShowProgress(progress, epochs)
    shown.start(learner)
    with learner.no_bar(), learner.no_logging(), learner.added_cbs(shown):
        learner.fine_tune(epochs)
    with learner.no_bar():
        probabilities, _ = learner.get_preds(dl=learner.dls.valid)
    index_of = {photo.path: index for index, photo in enumerate(scanned.photos)}
    judged = np.array([index_of[path] for path in learner.dls.valid.items])
    return learner, judged, probabilities.numpy().astype(np.float64)
