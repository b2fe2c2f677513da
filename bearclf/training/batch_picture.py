"""fastai's ``show_batch`` for every way of resizing and of augmentation, on the same photos."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure, SubFigure
from PIL import Image

from bearclf.errors import UserError
from bearclf.settings import AnyPath
from bearclf.training.seen import DrawnPhotos, draw_photos
from bearclf.training.transforms import MIN_SCALE
from bearclf.training.ways import AS_IT_IS, HEADINGS, OFF, SHAPES, Way, ways

PHOTOS, SIZE = 4, 224
MOST_PHOTOS, SMALLEST, LARGEST = 12, 32, 1024

_TEXT, _GUTTER, _CELL, _HEADING, _EDGE = 3.1, 0.16, 1.35, 0.42, 0.12  # inches
_NOTEBOOK_DPI = 110
_GAP = 0.08  # between two photos
_INK, _SOFT = "#20251f", "#5a6258"


@dataclass(frozen=True)
class Row:
    """What one way makes of the photos; None in place of the way for the photos as they are."""

    way: Way | None
    pictures: list[Image.Image]


class ShownFigure(Figure):
    """A figure that a notebook shows, also where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.savefig(out, dpi=_NOTEBOOK_DPI)
        return out.getvalue()


def show_batch(
    folder: AnyPath,
    photos: int = PHOTOS,
    size: int = SIZE,
    min_scale: float = MIN_SCALE,
    seed: int = 42,
    label: str = "",
) -> Figure:
    """A picture of the same photos of ``folder`` in every way in which training may show them to a network.

    ``photos`` is how many, drawn by ``seed`` from class ``label`` or from all ("") in turn; ``size`` the side
    of a network's input in pixels, ``min_scale`` the least share of a photo that a random crop keeps. In a
    notebook the figure shows itself. Files that can't be read are passed over, with a warning.
    Raises UserError for a folder without photos in class folders, and for numbers that make no sense.
    """
    rows, skipped = look(Path(folder), photos, size, min_scale, seed, label)
    for file in skipped.skipped:
        warnings.warn(f"Skipped {file.path}: {file.reason}", stacklevel=2)
    return draw(rows)


def look(
    folder: Path, photos: int, size: int, min_scale: float, seed: int, label: str = ""
) -> tuple[list[Row], DrawnPhotos]:
    """The rows of the picture, and the photos that they show. Raises UserError as :func:`show_batch` does."""
    _check(photos, size, min_scale, seed)
    drawn = draw_photos(folder, photos, seed, label)
    rows = [Row(None, drawn.photos)]
    rows += [Row(way, way.of(drawn.photos, seed)) for way in ways(size, min_scale)]
    return rows, drawn


def draw(rows: Sequence[Row]) -> Figure:
    """One row below the other: words at the left, photos at the right, and a heading over each kind."""
    columns = max(2, *(len(row.pictures) for row in rows))  # room for a heading
    height = sum(own for _, own in _laid_out(rows)) + 2 * _EDGE
    beside = _GUTTER + columns * _CELL + _EDGE
    figure = ShownFigure(figsize=(_TEXT + beside, height), facecolor="white")
    [[left, right]] = figure.subfigures(1, 2, squeeze=False, width_ratios=[_TEXT, beside], wspace=0)
    top = height - _EDGE
    for shown, own_height in _laid_out(rows):
        if isinstance(shown, str):
            _write(left, shown, (top - 0.12) / height, size=11, color=_INK, weight="bold", wrap=False)
        else:
            title, cost = (shown.way.title, shown.way.cost) if shown.way else (AS_IT_IS, SHAPES)
            _write(left, title, (top - 0.08) / height, size=10, color=_INK, weight="bold")
            _write(left, cost, (top - 0.28) / height, size=8.5, color=_SOFT, linespacing=1.25)
            for column, picture in enumerate(shown.pictures):
                x, side = _GUTTER + column * _CELL, _CELL - _GAP
                axes = right.add_axes((x / beside, (top - side) / height, side / beside, side / height))
                axes.imshow(picture)
                axes.axis("off")
        top -= own_height
    return figure


def draw_each(rows: Sequence[Row]) -> dict[str, Figure]:
    """A picture of each way by its name: below the photos as they are, augmentation also below none."""
    as_they_are = rows[0]
    off = [row for row in rows if row.way and row.way.name == OFF]
    return {
        row.way.name: draw([as_they_are, *(off if row.way.kind == "augment" and row not in off else ()), row])
        for row in rows
        if row.way
    }


def _laid_out(rows: Sequence[Row]) -> Iterator[tuple[Row | str, float]]:
    """Each row or heading with its height in inches."""
    kind = None
    for row in rows:
        if row.way is not None and row.way.kind != kind:
            kind = row.way.kind
            yield HEADINGS[kind], _HEADING
        yield row, _CELL


def _write(on: SubFigure, text: str, y: float, wrap: bool = True, **look: Any) -> None:
    on.text(_EDGE / _TEXT, y, text, va="top", ha="left", wrap=wrap, **look)


def _check(photos: int, size: int, min_scale: float, seed: int) -> None:
    for sense, sentence in (
        (1 <= photos <= MOST_PHOTOS, f"The number of photos must be from 1 to {MOST_PHOTOS}."),
        (SMALLEST <= size <= LARGEST, f"The size must be from {SMALLEST} to {LARGEST} pixels."),
        (0 < min_scale <= 1, "The least share of a photo that a crop keeps must be above 0, and at most 1."),
        (0 <= seed < 2**32, f"The seed must be from 0 to {2**32 - 1}."),
    ):
        if not sense:
            raise UserError(sentence)
