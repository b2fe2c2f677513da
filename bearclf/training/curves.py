"""Pictures of how a training went: losses by epoch, and what ``lr_find`` saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bearclf.training.log import Epoch, LearningRates, TrainingLog

LOSSES, LR_FIND = "losses.png", "lr_find.png"

_GREEN, _ORANGE, _GREY = "#2d6a4f", "#b4561a", "#888888"


def draw_training(folder: Path, log: TrainingLog) -> None:
    """Draw :data:`LOSSES` and :data:`LR_FIND` into a folder, as far as there is anything to draw."""
    if log.epochs:
        draw_losses(log.epochs).savefig(folder / LOSSES, dpi=120)
    if log.learning_rates:
        draw_learning_rates(log.learning_rates).savefig(folder / LR_FIND, dpi=120)


def draw_losses(epochs: Sequence[Epoch]) -> Figure:
    """The losses by epoch, of all fits one after the other, with a line where the next fit begins."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    numbers = range(1, len(epochs) + 1)
    for name, colour in (("train_loss", _ORANGE), ("valid_loss", _GREEN)):
        axes.plot(numbers, [epoch.figures[name] for epoch in epochs], "o-", color=colour, label=name)
    for number, epoch in enumerate(epochs):
        if epoch.number == 0:
            axes.axvline(number + 0.5, color=_GREY, linewidth=0.8, linestyle=":")
            whose = "head" if epoch.frozen else "all"
            axes.text(
                number + 0.55,
                1.01,
                f"{whose}, {epoch.size} px",
                transform=axes.get_xaxis_transform(),
                fontsize=8,
                color=_GREY,
            )
    axes.set_xlim(0.5, len(epochs) + 0.5)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.legend(frameon=False)
    return figure


def draw_learning_rates(found: LearningRates) -> Figure:
    """The loss at each learning rate, with the one that is suggested."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(found.rates, found.losses, color=_GREEN)
    axes.axvline(found.suggested, color=_ORANGE, linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss")
    axes.set_title(f"lr_find suggests {found.suggested:.2g}", loc="left", fontsize=11)
    return figure
