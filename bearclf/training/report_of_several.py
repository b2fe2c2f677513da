"""Pictures of how a training went where a photo may have several labels."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from fastai.vision.all import Learner
from matplotlib.figure import Figure

from bearclf.photos.decode import PhotoError
from bearclf.training.report import draw_training_photos

_RIGHT, _MISSED, _WRONG = "#2d6a4f", "#d9a441", "#b4561a"


def write_report_of_several(
    folder: Path, learner: Learner, metrics: dict[str, Any], with_photos: bool
) -> None:
    """Draw into ``folder``: ``confusion_per_label.png``, ``thresholds.png`` and, ``with_photos``,
    ``training_photos.png``. ``metrics`` are those of
    :func:`bearclf.models.several_labels.measure_several`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    draw_confusion_per_label(metrics).savefig(folder / "confusion_per_label.png", dpi=120)
    draw_thresholds(metrics).savefig(folder / "thresholds.png", dpi=120)
    if with_photos:
        with suppress(PhotoError):  # one of them is gone, and the sheet can do without
            draw_training_photos(learner).savefig(folder / "training_photos.png", dpi=80)


def draw_confusion_per_label(metrics: dict[str, Any]) -> Figure:
    """For each label a bar: photos of it that were found and missed, and others of which it was said."""
    confusion = metrics["confusion_per_label"]
    names = [name.replace("_", " ") for name in confusion]
    places = np.arange(len(names))
    figure = Figure(figsize=(7, 1.2 + 0.45 * len(names)), layout="constrained")
    axes = figure.subplots()
    left = np.zeros(len(names))
    for kind, words, colour in (
        ("rightly_said", "found", _RIGHT),
        ("missed", "missed", _MISSED),
        ("wrongly_said", "said of others", _WRONG),
    ):
        counts = np.array([of[kind] for of in confusion.values()])
        bars = axes.barh(places, counts, left=left, color=colour, label=words)
        axes.bar_label(bars, [str(n) if n else "" for n in counts], label_type="center", color="white")
        left += counts
    axes.set_yticks(places, names, parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("photos")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=3, frameon=False)
    return figure


def draw_thresholds(metrics: dict[str, Any]) -> Figure:
    """The share of right yeses and noes, and F2, for each threshold that a label could be said from."""
    thresholds, accuracy, f2 = zip(*metrics["curve"], strict=True)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(thresholds, accuracy, color=_RIGHT, label="right yeses and noes")
    axes.plot(thresholds, f2, color=_WRONG, label="F2: a missed label weighs four times")
    axes.axvline(metrics["threshold"], color="#777777", linestyle=":")
    axes.annotate(
        f"{metrics['threshold']:.2f}, chosen", (metrics["threshold"], axes.get_ylim()[0]), (4, 6),
        textcoords="offset points", color="#555555",
    )  # fmt: skip
    axes.set_xlabel("probability from which on a label is said")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    return figure
