"""Pictures of how a training went: confusion matrix, top losses and a sheet of training photos."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from fastai.vision.all import Learner
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay

from bearclf.models.measures import top_losses
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import FolderPhoto

SHOWN = 9
"""Photos on the sheets of top losses and of training photos."""

_GREEN = "#2d6a4f"


def write_report(
    folder: Path,
    learner: Learner,
    photos: Sequence[FolderPhoto],
    labels: np.ndarray,
    probabilities: np.ndarray,
    vocab: Sequence[str],
    with_photos: bool,
) -> None:
    """Draw into ``folder``: ``confusion_matrix.png`` and, ``with_photos``, ``top_losses.png`` and
    ``training_photos.png``, as far as the photos are still there.

    ``photos``, ``labels`` (n,) and ``probabilities`` (n, classes) are those that the model was judged on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_confusion_matrix(labels, probabilities, vocab).savefig(folder / "confusion_matrix.png", dpi=120)
    if with_photos:
        draw_top_losses(photos, labels, probabilities, vocab).savefig(folder / "top_losses.png", dpi=80)
        with suppress(PhotoError):  # one of them is gone, and the sheet can do without
            draw_training_photos(learner).savefig(folder / "training_photos.png", dpi=80)


def draw_confusion_matrix(labels: np.ndarray, probabilities: np.ndarray, vocab: Sequence[str]) -> Figure:
    """True classes in rows, predicted ones in columns, with counts."""
    side = 2.6 + 0.7 * len(vocab)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    shown = ConfusionMatrixDisplay.from_predictions(
        labels,
        probabilities.argmax(axis=1),
        labels=list(range(len(vocab))),
        display_labels=list(vocab),
        cmap="Greens",
        colorbar=False,
        xticks_rotation=30 if len(vocab) > 4 else "horizontal",
        ax=axes,
    )
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_parse_math(False)  # a dollar in a name is one
    wrong = int(shown.confusion_matrix.sum() - shown.confusion_matrix.trace())
    axes.set_xlabel("predicted")
    axes.set_ylabel("true class")
    axes.set_title(f"{wrong} of {len(labels)} photos answered wrongly", loc="left", fontsize=11)
    return figure


def draw_top_losses(
    photos: Sequence[FolderPhoto], labels: np.ndarray, probabilities: np.ndarray, vocab: Sequence[str]
) -> Figure:
    """The photos that the model was most wrong about, worst first."""
    figure = Figure(figsize=(9, 10), layout="constrained")
    figure.suptitle("Highest losses: a wrong label, an odd photo, or a hard one?", x=0.02, ha="left")
    worst = top_losses(labels, probabilities)[:SHOWN]
    for axes, index in zip(figure.subplots(3, 3).ravel(), [*worst, *[None] * SHOWN], strict=False):
        axes.axis("off")
        if index is None:
            continue
        try:
            axes.imshow(decode(read_photo_file(photos[index].path)))
        except PhotoError:  # it was there when it was answered: the others are still worth a look
            axes.text(
                0.5, 0.5, f"{photos[index].path.name}\nis gone", ha="center", va="center", parse_math=False
            )
        answer = int(probabilities[index].argmax())
        axes.set_title(
            f"{vocab[labels[index]]}: taken for {vocab[answer]}, {probabilities[index, answer]:.0%}"
            if answer != labels[index]
            else f"{vocab[answer]}: right, {probabilities[index, answer]:.0%}",
            fontsize=10,
            parse_math=False,
            color="#b4561a" if answer != labels[index] else _GREEN,
        )
    return figure


def draw_training_photos(learner: Learner) -> Figure:
    """fastai's ``show_batch`` of photos that were learned from."""
    import matplotlib.pyplot as plt

    learner.dls.train.show_batch(max_n=SHOWN, figsize=(9, 9))
    figure = plt.gcf()
    plt.close(figure)  # pyplot keeps every figure until it is told not to
    return figure
