"""The figures as bars, readable on a page 800 pixels wide, in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.benchmarks.servers import FLOOR
from tests.benchmarks.tables import OURS, Results, Rounds, median, page_figures

WIDTH, DPI = 8, 120  # inches; pixels an inch
PALE, STRONG = ("#b9c2cc", "#f2b98c"), ("#5b6b7d", "#d2691e")  # of others, of ours


def draw(results: Results, folder: Path) -> None:
    """Write the pictures of the parts that were measured."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        if "page" in results:
            apps = page_figures(results["page"])
            _save(
                _grouped(apps, {"painted": "first contentful paint", "usable": "usable"}, "seconds"),
                folder / "page.png",
            )
            answered = {
                "small": "photo of 200 kB",
                "phone": "12 megapixels",
                "many_first": "50 photos: the first",
                "many_all": "50 photos: all",
            }
            with_model = {name: rounds for name, rounds in apps.items() if name != FLOOR}
            _save(_panels(with_model, answered), folder / "answers.png")
        if "prediction" in results:
            _save(_prediction(results["prediction"]["figures"]), folder / "prediction.png")


def _save(figure: Figure, path: Path) -> None:
    # Without the version of matplotlib in it, the same figures give the same file.
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _bars(axes: Axes, names: Sequence[str], values: Sequence[float | None], labels: Sequence[str]) -> None:
    """Horizontal, the first on top, each with its label."""
    colours = [STRONG[name.startswith(OURS)] for name in names]
    lengths = [np.nan if value is None else value for value in values]
    axes.barh(range(len(names)), lengths, color=colours)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    for place, (length, label) in enumerate(zip(lengths, labels, strict=True)):
        if not np.isnan(length):
            axes.annotate(
                label, (length, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
            )


def _grouped(apps: dict[str, Rounds], keys: dict[str, str], unit: str) -> Figure:
    """Two bars an app on one logarithmic axis: the pale one is over first."""
    figure = Figure(figsize=(WIDTH, 4.2), layout="constrained")
    axes = figure.subplots()
    names = list(apps)
    for shade, (offset, (key, meaning)) in zip(
        (PALE, STRONG), zip((-0.2, 0.2), keys.items(), strict=True), strict=True
    ):
        for place, name in enumerate(names):
            value = median(apps[name], key)
            if value is None:
                continue
            axes.barh(place + offset, value, 0.38, color=shade[name.startswith(OURS)])
            axes.annotate(
                f"{value:.2f}  {meaning}",
                (value, place + offset),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(0.05, 30)
    axes.set_xlabel(f"{unit} after the address was entered, logarithmic; less is better")
    axes.xaxis.set_major_formatter("{x:g}")
    return figure


def _panels(apps: dict[str, Rounds], keys: dict[str, str]) -> Figure:
    figure = Figure(figsize=(WIDTH, 5.6), layout="constrained")
    panels = figure.subplots(2, 2, sharey=True).ravel()
    for axes, (key, meaning) in zip(panels, keys.items(), strict=True):
        values = [median(rounds, key) for rounds in apps.values()]
        _bars(axes, list(apps), values, ["" if value is None else f"{value:.2f}" for value in values])
        axes.set_title(meaning, fontsize=10)
        axes.set_xlabel("seconds")
        axes.set_xlim(0, 1.18 * max((value for value in values if value), default=1.0))
    for axes in panels[1::2]:
        axes.tick_params(axis="y", length=0)
    panels[-1].invert_yaxis()  # the axis is shared: each panel has turned it over
    return figure


def _prediction(found: dict[str, float]) -> Figure:
    figure = Figure(figsize=(WIDTH, 2.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, unit, keys in (
        (
            left,
            "ms a photo; less is better",
            {
                "learn_predict_ms": "learn.predict",
                "bearclf_ms": "bearclf",
                "forward_ms": "PyTorch's network alone",
                "onnxruntime_ms": "onnxruntime alone",
            },
        ),
        (
            right,
            "photos a second; more is better",
            {
                "get_preds_per_second": "learn.get_preds",
                "bearclf_per_second": "bearclf",
                "onnxruntime_per_second": "onnxruntime",
            },
        ),
    ):
        measured = {key: name for key, name in keys.items() if key in found}
        values = [found[key] for key in measured]
        _bars(axes, list(measured.values()), values, [f"{value:.0f}" for value in values])
        axes.set_xlabel(unit)
        axes.set_xlim(0, 1.15 * max(values))
    return figure
