"""The photos that visitors bring: some as they lie in a folder, and two made of one, of known sizes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bearclf.photos.decode import decode, read_photo_file
from bearclf.photos.folders import list_photos

MANY = 50
SMALL, SMALL_BYTES = (1024, 768), 200_000
PHONE, PHONE_BYTES = (4000, 3000), 4_000_000  # 12 megapixels
ORIENTATION, TURNED = 0x0112, 6  # EXIF: the phone was held upright


@dataclass(frozen=True)
class Samples:
    """``small`` has 200 kB, ``phone`` 12 megapixels and 4 MB; ``many`` are 50 of a folder's photos."""

    small: Path
    phone: Path
    many: list[Path]


def make_samples(photos: Path, scratch: Path) -> Samples:
    """From a folder of class folders; what is made lies in ``scratch``."""
    listed = [path for path, _ in list_photos(photos)]
    many = listed[:: max(1, len(listed) // MANY)][:MANY]
    if len(many) < MANY:
        raise SystemExit(f"{photos} has {len(listed)} photos; {MANY} are needed.")
    image = decode(read_photo_file(many[0]))
    small, phone = scratch / "small.jpg", scratch / "phone.jpg"
    small.write_bytes(jpeg_of_size(image, SMALL, SMALL_BYTES))
    phone.write_bytes(jpeg_of_size(image, PHONE, PHONE_BYTES, TURNED))
    return Samples(small, phone, many)


def jpeg_of_size(image: Image.Image, side: tuple[int, int], size: int, orientation: int = 1) -> bytes:
    """A JPEG of so many pixels and about ``size`` bytes: an enlarged photo with a camera's noise."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    noise = np.random.default_rng(0).normal(0, 8, (side[1], side[0], 1))
    pixels = np.asarray(image.convert("RGB").resize(side, Image.Resampling.BICUBIC)) + noise
    noisy = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))

    def encoded(quality: int) -> bytes:
        made = io.BytesIO()
        noisy.save(made, "JPEG", quality=quality, exif=exif)
        return made.getvalue()

    low, high = 30, 97
    while high - low > 1:  # the size grows with the quality
        middle = (low + high) // 2
        low, high = (middle, high) if len(encoded(middle)) < size else (low, middle)
    return encoded(high)
