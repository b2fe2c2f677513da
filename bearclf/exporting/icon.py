"""The picture by which a phone shows the page on its home screen: a photo in a frame, on our green."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

GREEN, PAPER = "#2d6a4f", "#faf8f4"
FINER = 4
"""Drawn so many times larger: Pillow draws without smooth edges."""


def icon(side: int) -> bytes:
    """A PNG of ``side`` pixels; whatever shape a phone cuts it to, the drawing in the middle stays whole."""
    large = side * FINER
    image = Image.new("RGB", (large, large), GREEN)
    draw = ImageDraw.Draw(image)

    def at(*numbers: float) -> list[float]:
        return [number * large for number in numbers]

    draw.rounded_rectangle(at(0.24, 0.28, 0.76, 0.72), 0.05 * large, PAPER)
    draw.rounded_rectangle(at(0.28, 0.32, 0.72, 0.68), 0.02 * large, GREEN)
    draw.ellipse(at(0.34, 0.37, 0.44, 0.47), PAPER)
    draw.polygon(at(0.31, 0.65, 0.44, 0.51, 0.50, 0.57, 0.58, 0.45, 0.69, 0.58, 0.69, 0.65), PAPER)
    out = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
