from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from bearclf.photos.decode import PhotoError, decode, read_photo_file, thumbnail
from bearclf.settings import MAX_PHOTO_BYTES, WORKING_SIDE
from tests.helpers.drawings import encoded, teddy


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF"])
def test_every_format_that_we_mean_is_decoded(file_format: str) -> None:
    photo = decode(encoded(teddy(), file_format))
    assert photo.mode == "RGB"
    assert difference(photo, teddy()) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["JPEG", "HEIF", "WEBP", "PNG"])
def test_a_photo_is_upright_whatever_way_the_camera_was_held(orientation: int, file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = teddy().resize((200, 120))
    expected = ImageOps.exif_transpose(_with_orientation(lying, orientation))
    photo = decode(encoded(lying, file_format, exif=exif.tobytes()))
    assert photo.size == expected.size
    assert difference(photo, expected) < 8


def _with_orientation(image: Image.Image, orientation: int) -> Image.Image:
    image.getexif()[0x0112] = orientation
    return image


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (40, 40), (200, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 20, 40))
    photo = decode(encoded(clear, "PNG"))
    assert photo.getpixel((5, 5)) == (0, 0, 255)
    assert photo.getpixel((35, 5)) == (255, 255, 255)
    palette = clear.quantize(8)
    assert decode(encoded(palette, "PNG")).getpixel((35, 5)) == (255, 255, 255)


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    grey = np.asarray(teddy().convert("L"))
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    assert difference(decode(encoded(deep, "PNG")).convert("L"), Image.fromarray(grey)) < 1


def test_cmyk_keeps_its_colours() -> None:
    photo = decode(encoded(teddy().convert("CMYK"), "JPEG", quality=95))
    assert difference(photo, teddy()) < 8


def test_another_colour_profile_is_converted_and_a_broken_one_ignored() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    assert decode(encoded(teddy(), "PNG", icc_profile=b"rubbish")).mode == "RGB"
    assert difference(decode(encoded(teddy(), "PNG", icc_profile=lab.tobytes())), teddy()) < 60


def test_a_large_photo_is_shrunk_and_a_small_one_left() -> None:
    assert decode(encoded(teddy().resize((3000, 1500)))).size == (WORKING_SIDE, WORKING_SIDE // 2)
    assert decode(encoded(teddy().resize((33, 20)))).size == (33, 20)


def test_nothing_of_the_camera_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    photo = decode(encoded(teddy(), exif=exif))
    assert not photo.getexif()
    assert not photo.info
    assert not Image.open(io.BytesIO(thumbnail(photo))).getexif()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"just some text", "text file"),
        (b"%PDF-1.7 and so on", "PDF document"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "drawing"),
        (encoded(teddy())[:9000], "damaged"),
        (encoded(teddy(), "PNG")[:9000], "damaged"),
        (encoded(teddy(), "PPM"), "isn't a photo"),
        (b"PK\x03\x04 and so on", "archive"),
        (b"\x00\x01\x02" * 50, "isn't a photo"),
        (encoded(teddy()) + b"PK\x05\x06" + bytes(18), "something else at once"),
        (b"GIF89a" + b"<script>alert(1)</script>" * 9, r"damaged|something else"),
        (b"\x00" * (MAX_PHOTO_BYTES + 1), "larger than 64 MB"),
        (encoded(Image.new("1", (20000, 20000)), "PNG"), "megapixels"),
    ],
    ids=[
        "empty",
        "text",
        "pdf",
        "svg",
        "cut jpeg",
        "cut png",
        "another format",
        "zip",
        "binary",
        "photo and zip",
        "gif and script",
        "too long",
        "too many pixels",
    ],
)
def test_anything_else_is_refused_in_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(PhotoError, match=says):
        decode(content)


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jpg"):
        with pytest.raises(PhotoError, match=r"folder|no such file"):
            read_photo_file(path)


def test_a_thumbnail_is_small() -> None:
    small = thumbnail(teddy())
    assert len(small) < 20_000
    assert max(Image.open(io.BytesIO(small)).size) == 264
