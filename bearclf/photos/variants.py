"""The same photo as it could come from elsewhere: sent on by a messenger, taken at night, drawn, far away.

A model is judged on these, too, since its training photos say little about them.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter, ImageOps

SMALL_SIDE, SMALL_QUALITY = 200, 75
DARKEST = 110
"""What white becomes in a dark photo, of 255."""

FAR_SCALE = 0.45
"""What a side of the photo becomes when its subject is far away."""


def small(photo: Image.Image) -> Image.Image:
    """At most 200 pixels on its longer side, and compressed as messengers do."""
    shrunk = photo.copy()
    shrunk.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return recompressed(shrunk, SMALL_QUALITY)


def recompressed(photo: Image.Image, quality: int) -> Image.Image:
    """Once through JPEG at ``quality`` (1 to 95)."""
    jpeg = io.BytesIO()
    photo.save(jpeg, "JPEG", quality=quality)
    return Image.open(jpeg).convert("RGB")


def dark(photo: Image.Image) -> Image.Image:
    """As at dusk: shadows are lost, and nothing is bright."""
    curve = [round((value / 255) ** 1.6 * DARKEST) for value in range(256)]
    return photo.point(curve * 3)


def grey(photo: Image.Image) -> Image.Image:
    """Without colours."""
    return ImageOps.grayscale(photo).convert("RGB")


def drawn(photo: Image.Image) -> Image.Image:
    """As a pencil drawing: the outlines, on white."""
    lights = ImageOps.grayscale(photo)
    around = lights.filter(ImageFilter.GaussianBlur(max(photo.size) / 80))
    outlines = np.asarray(lights, np.float32) / np.maximum(np.asarray(around, np.float32), 1)
    return Image.fromarray((255 * np.minimum(outlines, 1)).astype(np.uint8)).convert("RGB")


def far_away(photo: Image.Image) -> Image.Image:
    """Small amid its own, blurred surroundings."""
    width, height = photo.size
    around = photo.filter(ImageFilter.GaussianBlur(max(photo.size) / 12))
    subject = photo.resize((max(round(width * FAR_SCALE), 1), max(round(height * FAR_SCALE), 1)))
    around.paste(subject, (round(0.3 * width), round(0.4 * height)))
    return around


SMALL = "small"

VARIANTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    SMALL: small,
    "dark": dark,
    "grey": grey,
    "drawn": drawn,
    "far away": far_away,
}
"""What a model's card tells of, by the name that it has there."""
