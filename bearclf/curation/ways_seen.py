"""A few photos in every way in which training may show them to a network: one small picture for each way.

Needs torch, which is imported when it is asked for.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from bearclf.errors import UserError
from bearclf.protocol.curation import WaySeen

DICE = threading.Lock()
"""Held by who draws from the process's random numbers: a training must give the same for the same seed."""

SHOWN = 3
"""Photos in a picture: each is still large enough on a phone."""

_SIDE, _GAP = 192, 8  # pixels
_PATIENCE = 10.0  # seconds: somebody else may be looking; a training takes longer


def ways_seen(folder: Path, label: str, seed: int) -> Iterator[WaySeen]:
    """The photos as they are, then each way.

    Raises UserError if there is no such class, no photo that can be read, or a model is being trained.
    """
    from bearclf.training.seen import draw_photos
    from bearclf.training.ways import AS_IT_IS, HEADINGS, SHAPES, ways

    drawn = draw_photos(folder, SHOWN, seed, label)
    shown = ways(_SIDE)
    number = len(drawn.photos)
    same = f"The same {number} photos" if number > 1 else "The same photo"
    passed_over = " ".join(f"{file.path.name}: {file.reason}" for file in drawn.skipped)
    total = 1 + len(shown)
    yield WaySeen(
        number=1,
        total=total,
        heading="",
        title=AS_IT_IS,
        cost=SHAPES,
        alt=f"Drawn by lot: {', '.join(drawn.labels)}",
        picture=_side_by_side(drawn.photos),
        passed_over=passed_over,
    )
    for at, way in enumerate(shown, 2):
        if not DICE.acquire(timeout=_PATIENCE):
            raise UserError("A model is being trained just now. Please look again when that is done.")
        try:
            squares = way.of(drawn.photos, seed)
        finally:
            DICE.release()
        yield WaySeen(
            number=at,
            total=total,
            heading=HEADINGS[way.kind],
            title=way.title,
            cost=way.cost,
            alt=f"{same}, {way.seen}",
            picture=_side_by_side(squares),
            passed_over=passed_over,
        )


def _side_by_side(photos: Sequence[Image.Image]) -> bytes:
    """A WebP with room for ``SHOWN`` squares; what is around the photos is transparent."""
    strip = Image.new("RGBA", (SHOWN * (_SIDE + _GAP) - _GAP, _SIDE))
    for column, photo in enumerate(photos):
        small = photo.copy()
        small.thumbnail((_SIDE, _SIDE))
        left = column * (_SIDE + _GAP) + (_SIDE - small.width) // 2
        strip.paste(small, (left, (_SIDE - small.height) // 2))
    out = io.BytesIO()
    strip.save(out, "WEBP", quality=80)
    return out.getvalue()
