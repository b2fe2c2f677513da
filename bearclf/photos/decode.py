"""The one place that turns a file into a photo: for training, for prediction and for thumbnails.

A decoded photo is upright, RGB in sRGB, at most ``WORKING_SIDE`` pixels on its longer side, and what was
transparent in it is white. Whatever can't become that is refused with a :class:`PhotoError`, whose text is
a sentence for the person who chose the file.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from bearclf.errors import UserError
from bearclf.settings import MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, THUMBNAIL_SIDE, WORKING_SIDE

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")
"""Pillow's names of the formats that are opened."""

SUFFIXES = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".heic",
        ".heif",
        ".avif",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
    ]
)
"""Endings, in lower case, of the files in a folder that are taken for photos."""

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class PhotoError(UserError):
    """A file that can't be used as a photo; the text says why, in a sentence."""


def read_photo_file(path: Path) -> bytes:
    """The bytes of ``path``, which may hold a photo.

    Raises PhotoError if the file can't be read, is empty or is larger than ``MAX_PHOTO_BYTES``.
    """
    try:
        if path.stat().st_size > MAX_PHOTO_BYTES:
            raise PhotoError(_TOO_MANY_BYTES)
        data = path.read_bytes()
    except FileNotFoundError:
        raise PhotoError("There is no such file.") from None
    except IsADirectoryError:
        raise PhotoError("This is a folder, not a photo.") from None
    except OSError as error:
        raise PhotoError(f"This file can't be read: {error.strerror or error}.") from None
    return data


def decode(data: bytes | memoryview) -> Image.Image:
    """Turn a file's content into an upright RGB photo of at most ``WORKING_SIDE`` pixels a side.

    Raises PhotoError, with a sentence to show, for anything that isn't a photo or is too large.
    """
    if len(data) == 0:
        raise PhotoError("This file is empty. Please choose another.")
    if len(data) > MAX_PHOTO_BYTES:
        raise PhotoError(_TOO_MANY_BYTES)
    with warnings.catch_warnings():
        # Pillow warns of what we check ourselves (size) and of harmless faults in metadata.
        warnings.simplefilter("ignore")
        return prepare(_open(data))


def prepare(photo: Image.Image) -> Image.Image:
    """As :func:`decode`, for a picture that Pillow has opened. Raises PhotoError if it can't be decoded."""
    try:
        return _upright_rgb(photo)
    except Exception as error:  # decoders raise whatever they like on damaged files
        raise PhotoError(_DAMAGED) from error


def thumbnail(photo: Image.Image, side: int = THUMBNAIL_SIDE, max_bytes: int | None = None) -> bytes:
    """A small JPEG of ``photo``, at most ``side`` pixels on its longer side, without any metadata.

    What would be larger than ``max_bytes`` is compressed more.
    """
    small = photo.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    for quality in (82, 70, 55, 40, 25):
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality)
        if max_bytes is None or out.tell() <= max_bytes:
            break
    return out.getvalue()


def usual_suffix(data: bytes) -> str:
    """The ending that a photo's file usually has, by its content: ".jpg", ".heic" and so on.

    Raises PhotoError for anything that isn't a photo.
    """
    return _USUAL_SUFFIXES[str(_open(data).format)]


_USUAL_SUFFIXES = {
    **{name: f".{name.lower()}" for name in FORMATS},
    "JPEG": ".jpg",
    "HEIF": ".heic",
    "TIFF": ".tif",
}
_PHOTO_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")
_MARKS_OF_OTHERS = (b"%PDF-", b"<script", b"<html", b"<svg", b"<?php")
_ZIP_END, _ZIP_END_BYTES = b"PK\x05\x06", 66_000  # a ZIP archive is found by its end
_DAMAGED = "This photo is damaged or was cut short, so I can't look at it. Please try the original file."
_TOO_MANY_BYTES = f"This file is larger than {MAX_PHOTO_BYTES // 2**20} MB. Please choose a smaller version."
_TOO_MANY_PIXELS = (
    f"This picture has more than {MAX_PHOTO_PIXELS // 10**6} megapixels. Please choose a smaller version."
)
_TWO_IN_ONE = (
    "This file is a picture and something else at once, which no camera makes. "
    "Please open it, save it as a new picture, and choose that."
)
_NO_PHOTO = "This file isn't a photo that I can open. Please choose a JPEG, PNG, HEIC or WebP."


def _open(data: bytes | memoryview) -> Image.Image:
    """Read the header only, and refuse what is no photo or has too many pixels to decode."""
    start = bytes(data[:1024])
    try:
        photo = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise PhotoError(_TOO_MANY_PIXELS) from None
    except Exception as error:  # a damaged header makes plugins raise more than UnidentifiedImageError
        raise PhotoError(_what_it_is(start)) from error
    if any(mark in start for mark in _MARKS_OF_OTHERS) or _ZIP_END in bytes(data[-_ZIP_END_BYTES:]):
        raise PhotoError(_TWO_IN_ONE)
    if photo.width * photo.height > MAX_PHOTO_PIXELS:
        raise PhotoError(_TOO_MANY_PIXELS)
    return photo


def _what_it_is(start: bytes) -> str:
    """A sentence for a file that isn't a photo, from its first bytes."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"%pdf"):
        return "This is a PDF document. Please save the picture in it as JPEG or PNG, and choose that."
    if b"<svg" in text:
        return "This is a drawing (SVG), not a photo. Please save it as PNG, and choose that."
    if start.startswith(_PHOTO_STARTS):
        return _DAMAGED
    if text.startswith((b"pk\x03\x04", b"\x1f\x8b", b"rar!", b"7z\xbc\xaf")):
        return "This is an archive. Please unpack it, and choose the photos in it."
    if b"\x00" not in start and _is_text(start):
        return "This is a text file, not a photo. Please choose a JPEG, PNG, HEIC or WebP."
    return _NO_PHOTO


def _is_text(start: bytes) -> bool:
    try:
        start[:-4].decode("utf-8")  # the last character may be cut in two
    except UnicodeDecodeError:
        return False
    return True


def _upright_rgb(photo: Image.Image) -> Image.Image:
    # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size for a fraction of the time. Twice the working
    # side leaves the final resize enough to average over.
    photo.draft(None, _fitted(photo.size, 2 * WORKING_SIDE))
    profile = photo.info.get("icc_profile")
    exif = photo.getexif().tobytes()
    photo.load()
    if photo.mode.startswith(("I", "F")):
        photo = _sixteen_bit_to_eight(photo)
    has_alpha = photo.has_transparency_data
    if photo.mode not in ("RGB", "RGBA", "L", "CMYK"):
        photo = photo.convert("RGBA" if has_alpha else "RGB")
    # Before anything that makes copies: a large picture is in memory once.
    photo = _shrink(photo)
    if profile and photo.mode in ("RGB", "RGBA", "L", "CMYK"):
        photo = _to_srgb(photo, profile)
    if has_alpha:
        photo = _on_white(photo.convert("RGBA"))
    photo = photo.convert("RGB")
    photo.info["exif"] = exif
    upright = ImageOps.exif_transpose(photo)
    # Training and prediction must see the same pixels and nothing else: drop EXIF, profile and name.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    return clean


def _shrink(photo: Image.Image) -> Image.Image:
    if max(photo.size) > WORKING_SIDE:
        size = _fitted(photo.size, WORKING_SIDE)
        return photo.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return photo


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """``size`` scaled down so that the longer side is at most ``side`` pixels."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _on_white(photo: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo)


def _sixteen_bit_to_eight(photo: Image.Image) -> Image.Image:
    """Pillow clips 16-bit grey at 255 when converting, which would make most of the picture white."""
    grey = np.asarray(photo, dtype=np.float32)
    if photo.mode.startswith("I"):
        grey = grey / 257.0
    return Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))


def _to_srgb(photo: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the file's own colour profile; a broken profile is as good as none."""
    alpha = photo.getchannel("A") if photo.mode == "RGBA" else None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        colours = photo.convert("RGB") if alpha is not None else photo
        converted = ImageCms.profileToProfile(colours, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return photo
    assert converted is not None  # only None when asked to work in place
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
