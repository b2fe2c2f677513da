"""The report's drawings, as SVG whose colours are the page's, in light and in dark.

Each has a label for who can't see it. Sizes are in the drawing's own units, of which 360 are as wide as a
phone's screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from xml.etree import ElementTree

import numpy as np
from markupsafe import Markup

from bearclf.models.selective import RiskCoverage
from bearclf.models.wilson import wilson_interval

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 14, 42
HISTOGRAM_BINS = 30


class Plot:
    """Axes with ticks; ``x`` and ``y`` turn values into units of the drawing."""

    def __init__(self, label: str, x_range: tuple[float, float], y_range: tuple[float, float]) -> None:
        self._x_range, self._y_range = x_range, y_range
        self.svg = ElementTree.Element(
            "svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label}
        )

    def x(self, value: float) -> float:
        """From left to right."""
        low, high = self._x_range
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """From the bottom up."""
        low, high = self._y_range
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def add(self, tag: str, css: str, **attributes: float | str) -> ElementTree.Element:
        """An element; underscores in names of attributes stand for hyphens."""
        named = {
            name.replace("_", "-"): value if isinstance(value, str) else f"{value:.4g}"
            for name, value in attributes.items()
        }
        return ElementTree.SubElement(self.svg, tag, {"class": css, **named})

    def line(self, css: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Between two points in values."""
        (x1, y1), (x2, y2) = start, end
        self.add("line", css, x1=self.x(x1), y1=self.y(y1), x2=self.x(x2), y2=self.y(y2))

    def text(self, words: str, x: float, y: float, anchor: str = "middle", **more: str) -> None:
        """Words at a place in units of the drawing."""
        self.add("text", "words", x=x, y=y, text_anchor=anchor, **more).text = words

    def path(self, css: str, points: Iterable[tuple[float, float]], close: bool = False) -> None:
        """A line through points in values."""
        steps = " L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        self.add("path", css, d=f"M{steps}{'Z' if close else ''}")

    def x_axis(self, title: str, ticks: Sequence[float], told: Callable[[float], str]) -> None:
        """Ticks with words below, and what they mean."""
        for tick in ticks:
            self.text(told(tick), self.x(tick), HEIGHT - BOTTOM + 16)
        self.text(title, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6)

    def y_axis(self, title: str, ticks: Sequence[float], told: Callable[[float], str]) -> None:
        """Lines across with words at their left, and what they mean."""
        low, high = self._x_range
        for tick in ticks:
            self.line("grid", (low, tick), (high, tick))
            self.text(told(tick), LEFT - 6, self.y(tick) + 4, "end")
        middle = (TOP + HEIGHT - BOTTOM) / 2
        self.text(title, 10, middle, transform=f"rotate(-90 10 {middle:.4g})")

    def markup(self) -> Markup:
        """For a page; every word in it is escaped."""
        return Markup(ElementTree.tostring(self.svg, encoding="unicode"))  # noqa: S704 - made by ElementTree


def percent(share: float) -> str:
    """A tick's words."""
    return f"{100 * share:.4g}\u00a0%"


def reliability_diagram(bins: Sequence[tuple[float, float, int]], label: str) -> Markup:
    """A dot for each of the bins of :func:`bearclf.models.measures.reliability`: the larger, the more photos.

    The bars are Wilson's intervals, the broken line is where probabilities mean what they say.
    """
    plot = Plot(label, (0, 1), (0, 1))
    ticks = [0, 0.25, 0.5, 0.75, 1]
    plot.y_axis("answers that are right", ticks, percent)
    plot.x_axis("probability that the model gave", ticks, percent)
    plot.line("ideal", (0, 0), (1, 1))
    most = max(photos for _, _, photos in bins)
    for sure, right, photos in bins:
        low, high = wilson_interval(round(right * photos), photos)
        plot.line("whisker", (sure, low), (sure, high))
        radius = 3 + 6 * (photos / most) ** 0.5
        dot = plot.add("circle", "dot", cx=plot.x(sure), cy=plot.y(right), r=radius)
        said = f"{percent(round(sure, 3))} sure, {percent(round(right, 3))} right, photos: {photos}"
        ElementTree.SubElement(dot, "title").text = said
    return plot.markup()


def risk_coverage_curve(curve: RiskCoverage, chosen: Sequence[int], label: str) -> Markup:
    """How many of the answers are right, against the share of photos that get one; with Wilson's intervals.

    ``chosen`` are indices of the curve that get a dot.
    """
    rows = list(zip(curve.coverage.tolist(), curve.accuracy.tolist(), strict=True))
    intervals = [
        wilson_interval(right, answered)
        for right, answered in zip(curve.right.tolist(), curve.answered.tolist(), strict=True)
    ]
    shown = [index for index, (share, _) in enumerate(rows) if share >= 0.1] or [len(rows) - 1]
    lowest = min(*(rows[index][1] for index in shown), intervals[-1][0])
    floor = max(0.0, np.floor(20 * lowest - 0.2) / 20)
    plot = Plot(label, (0, 1), (floor, 1))
    plot.y_axis("answers that are right", [floor, (floor + 1) / 2, 1], percent)
    plot.x_axis("photos that the model answers itself, surest first", [0, 0.25, 0.5, 0.75, 1], percent)
    band = [(rows[index][0], max(floor, intervals[index][0])) for index in range(len(rows))]
    band += [(rows[index][0], max(floor, intervals[index][1])) for index in reversed(range(len(rows)))]
    plot.path("band", band, close=True)
    plot.path("curve", [(share, max(floor, right)) for share, right in rows])
    for index in {*chosen, len(rows) - 1}:
        share, right = rows[index]
        plot.add("circle", "dot", cx=plot.x(share), cy=plot.y(max(floor, right)), r=4)
    return plot.markup()


def familiarity_histogram(
    known: np.ndarray, outside: np.ndarray, none_below: float, known_from: float, label: str
) -> Markup:
    """Shares of photos by familiarity: the folder's upwards, those of other things downwards."""
    everything = np.r_[known, outside, none_below, known_from, 0, 1]
    edges = np.linspace(everything.min(), everything.max(), HISTOGRAM_BINS + 1)
    up = np.histogram(known, edges)[0] / max(1, len(known))
    down = np.histogram(outside, edges)[0] / max(1, len(outside))
    top, bottom = _round_up(up.max()), _round_up(down.max()) if len(outside) else 0.0
    plot = Plot(label, (edges[0], edges[-1]), (-bottom, top))
    ticks = [top, 0.0, *([-bottom] if bottom else [])]
    plot.y_axis("share of photos", ticks, lambda tick: percent(abs(tick)))
    plot.x_axis(
        "familiarity: how like the training photos",
        np.linspace(edges[0], edges[-1], 5).tolist(),
        lambda x: f"{x:.2g}",
    )
    for heights, css in ((up, "known"), (-down, "outside")):
        for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
            if height:
                x, y = plot.x(left) + 0.5, min(plot.y(height), plot.y(0))
                width = max(1.0, plot.x(right) - plot.x(left) - 1)
                plot.add("rect", css, x=x, y=y, width=width, height=abs(plot.y(height) - plot.y(0)))
    for threshold in sorted({none_below, known_from}):
        plot.line("threshold", (threshold, -bottom), (threshold, top))
    return plot.markup()


def _round_up(share: float) -> float:
    return float(next(step for step in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0) if share <= step + 1e-9))
