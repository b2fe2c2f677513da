"""What happened in a training, epoch by epoch: the course's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Epoch:
    """One row of the table.

    ``number`` counts from 0 in each fit; ``frozen`` tells whether only the head learned, from photos of
    ``size`` x ``size`` pixels. ``figures`` are losses and metrics by name, in order, ``seconds`` the time.
    """

    number: int
    size: int
    frozen: bool
    figures: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class LearningRates:
    """What ``lr_find`` saw: the smoothed loss at each of ``rates``, and the rate that it suggests."""

    rates: list[float]
    losses: list[float]
    suggested: float


@dataclass
class TrainingLog:
    """All that happened.

    ``ended`` says in a sentence why it ended early, if it did. ``tried`` is a table of what else was tried,
    in Markdown, if anything was.
    """

    epochs: list[Epoch] = field(default_factory=list)
    learning_rates: LearningRates | None = None
    ended: str = ""
    tried: str = ""

    def take(self, event: Event) -> None:
        """Keep one more thing that happened."""
        if isinstance(event, Epoch):
            self.epochs.append(event)
        elif isinstance(event, LearningRates):
            self.learning_rates = event
        else:
            self.ended = event


Event = Epoch | LearningRates | str
"""What is told while a training goes on; text says why it ended early."""

Watch = Callable[[Event], None]
"""Called with what happens, as it happens."""


def unwatched(event: Event) -> None:
    """For a training that nobody follows."""


def lines(event: Event) -> list[str]:
    """An event as lines of the course's table, with its head before the first epoch of a fit."""
    if isinstance(event, str):
        return [event]
    if isinstance(event, LearningRates):
        return [f"lr_find suggests the learning rate {event.suggested:.2g}."]
    cells = [f"{value:.6f}" for value in event.figures.values()]
    row = _row([str(event.number), *cells, clock(event.seconds)])
    if event.number:
        return [row]
    whose = "The head alone" if event.frozen else "The whole network"
    return [f"{whose}, {event.size} pixels:", _row(["epoch", *event.figures, "time"]), row]


def clock(seconds: float) -> str:
    """Minutes and seconds, as in the course."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _row(cells: list[str]) -> str:
    return "  ".join(cell.ljust(10) for cell in cells).rstrip()
