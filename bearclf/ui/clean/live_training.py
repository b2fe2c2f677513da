"""A fine-tuning as it goes on: the curve of its losses, and the course's table, a row for each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.curation import Training
from bearclf.protocol.records import EpochRow
from bearclf.ui.clean.parts import Guarded, show_if
from bearclf.ui.clean.state import CleanState

WIDTH, HEIGHT = 208, 120
"""The curve's, in its own units."""

CURVES = {"train_loss": "bearclf-train", "valid_loss": "bearclf-valid"}


class LiveTraining(widgets.Output):
    """Fills while a network is trained, and stays until the next training; hidden as long as it is empty."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        super().__init__()
        state.observe(guarded(self._show), "training")
        self._show()

    def _show(self, _: Any = None) -> None:
        training = self._state.training
        show_if(self, bool(training.epochs))
        outputs: tuple[dict[str, Any], ...] = ()
        if training.epochs:
            data = {"text/html": training_picture(training)}
            outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
        self.set_trait("outputs", outputs)


def training_picture(training: Training) -> str:
    """The curve and the table, as HTML."""
    return f"{_curves(training.epochs)}{_table(training.epochs)}<p>{escape(training.note)}</p>"


def _curves(epochs: Sequence[EpochRow]) -> str:
    losses = {name: [epoch.figures.get(name, float("nan")) for epoch in epochs] for name in CURVES}
    most = max((loss for of_name in losses.values() for loss in of_name if isfinite(loss)), default=0) or 1
    step = WIDTH / len(epochs)

    def curve(name: str, css: str) -> str:
        points = [
            (f"{(number + 0.5) * step:.1f}", f"{HEIGHT * (1 - loss / most):.1f}")
            for number, loss in enumerate(losses[name])
            if isfinite(loss)
        ]
        path = " ".join(f"{x},{y}" for x, y in points)
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="3"/>' for x, y in points)
        return f'<g class="{css}"><polyline points="{path}"/>{dots}</g>'

    lines = "".join(curve(name, css) for name, css in CURVES.items())
    legend = (
        '<span class="bearclf-valid">— on photos held out</span> '
        '<span class="bearclf-train">- - on those it learns from</span>'
    )
    return (
        f'<figure class="bearclf-curve"><svg viewBox="-6 -6 {WIDTH + 12} {HEIGHT + 12}" role="img" '
        f'aria-label="Losses by epoch"><path d="M0 0 V{HEIGHT} H{WIDTH}"/>{lines}</svg>'
        f"<figcaption>Losses by epoch, from 0 to {most:.2f}.<br>{legend}</figcaption></figure>"
    )


def _table(epochs: Sequence[EpochRow]) -> str:
    names = list(epochs[0].figures)
    columns = ["epoch", *names, "time"]
    named = [escape(name).replace("_", "_<wbr>") for name in columns]  # so that a phone may break them
    heads = "".join(f'<th scope="col">{name}</th>' for name in named)
    rows = ""
    for epoch in epochs:
        if epoch.number == 0:
            whose = "The head alone" if epoch.frozen else "The whole network"
            rows += f'<tr><th colspan="{len(columns)}">{whose}, {epoch.size} pixels</th></tr>'
        cells = [str(epoch.number), *(f"{epoch.figures[name]:.4f}" for name in names), _clock(epoch.seconds)]
        rows += f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    body = f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>"
    return f'<table class="bearclf-figures bearclf-epochs">{body}</table>'


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
