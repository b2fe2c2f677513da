"""Pictures that tests make for themselves, so that no photo has to be in the repository."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

pillow_heif.register_heif_opener()  # so that HEIC can be written, too

CLASSES = ("checks", "dots", "stripes")


def teddy() -> Image.Image:
    """A drawing that the shipped model takes for a teddy bear."""
    fur, light, dark = (150, 100, 55), (205, 165, 115), (35, 25, 20)
    image = Image.new("RGB", (600, 600), "white")
    draw = ImageDraw.Draw(image)

    def ellipse(x: int, y: int, rx: int, ry: int, colour: Any) -> None:
        draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=colour)

    for x in (205, 395):  # ears
        ellipse(x, 120, 55, 55, fur)
        ellipse(x, 120, 30, 30, light)
    for x in (150, 450):  # arms
        ellipse(x, 370, 60, 95, fur)
    for x in (200, 400):  # legs
        ellipse(x, 520, 75, 75, fur)
        ellipse(x, 530, 45, 45, light)
    ellipse(300, 410, 135, 140, fur)
    ellipse(300, 420, 85, 95, light)
    ellipse(300, 200, 125, 115, fur)
    ellipse(300, 245, 60, 48, light)
    for x in (255, 345):  # eyes
        ellipse(x, 180, 15, 15, dark)
        ellipse(x - 4, 175, 4, 4, "white")
    ellipse(300, 225, 22, 15, dark)
    draw.arc((270, 225, 330, 275), 20, 160, fill=dark, width=5)
    return _furry(image)


def _furry(image: Image.Image) -> Image.Image:
    """With fur and light from the left: a flat drawing is, rightly, like no photo that the model knows."""
    pixels = np.asarray(image).astype(float)
    is_bear = (np.abs(pixels - 255).sum(-1) > 40)[..., None]
    strands = Image.fromarray(
        np.random.default_rng(0).normal(128, 40, (600, 600)).clip(0, 255).astype(np.uint8)
    )
    fur = np.asarray(strands.filter(ImageFilter.GaussianBlur(0.8))).astype(float) - 128
    y, x = np.mgrid[0:600, 0:600]
    light = 1 - 0.45 * (((x - 220) / 420) ** 2 + ((y - 200) / 480) ** 2)
    shaded = (pixels + 40 * (fur / fur.std())[..., None]) * light[..., None]
    return Image.fromarray(np.where(is_bear, shaded, pixels).clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.6)
    )


def pattern(kind: str, seed: int) -> Image.Image:
    """One of ``CLASSES``, a little different for every seed: easy to tell apart, never the same picture."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (96, 80), tuple(random.integers(150, 256, 3)))
    draw = ImageDraw.Draw(image)
    step, colour = int(random.integers(9, 17)), tuple(int(c) for c in random.integers(0, 110, 3))
    shift = int(random.integers(0, step))
    for x in range(-step, 96 + step, step):
        if kind == "stripes":
            draw.line((x + shift, 0, x + shift + 12, 80), fill=colour, width=step // 3)
            continue
        for y in range(-step, 80 + step, step):
            left, top = x + shift, y + shift
            if kind == "dots":
                draw.ellipse((left, top, left + step // 2, top + step // 2), fill=colour)
            elif (x // step + y // step) % 2:
                draw.rectangle((left, top, left + step - 1, top + step - 1), fill=colour)
    noise = random.normal(0, 25, (80, 96, 3)) + random.normal(0, 30, (5, 6, 3)).repeat(16, 0).repeat(16, 1)
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    """The content of a file with this image."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def class_folders(folder: Path, each: int = 8) -> Path:
    """A folder of class folders with ``each`` patterns of each class."""
    for number, kind in enumerate(CLASSES):
        (folder / kind).mkdir(parents=True)
        for seed in range(each):
            image = pattern(kind, 1000 * number + seed)
            (folder / kind / f"{kind}_{seed}.jpg").write_bytes(encoded(image, quality=92))
    return folder
