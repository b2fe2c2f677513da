"""Whatever bytes come, they become a photo or a sentence: never a crash."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bearclf.photos.decode import PhotoError, decode
from bearclf.settings import WORKING_SIDE
from tests.helpers.drawings import encoded, pattern

ORIGINALS = [
    encoded(pattern("dots", 1).resize((48, 40)), file_format)
    for file_format in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF")
] + [
    encoded(pattern("dots", 1).resize((48, 40)), "JPEG", progressive=True),
    encoded(pattern("dots", 1).resize((48, 40)).convert("CMYK"), "JPEG"),
]


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(ORIGINALS)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, len(content) - 1))
        content[place] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content) + draw(st.binary(max_size=20))


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(st.one_of(mangled(), st.binary(max_size=200)))
def test_mangled_bytes_become_a_photo_or_a_sentence(content: bytes) -> None:
    try:
        photo = decode(content)
    except PhotoError as error:
        sentence = str(error)
    else:
        sentence = "."
        assert photo.mode == "RGB"
        assert max(photo.size) <= WORKING_SIDE
    assert sentence.endswith(".")


@pytest.mark.parametrize("file_format", ["PNG", "GIF", "JPEG"])
def test_bombs_are_refused_without_being_decoded(file_format: str) -> None:
    """A picture of 200 megapixels, by its header; memory may not grow by what it would take."""
    import resource

    from PIL import Image

    if file_format == "JPEG":
        bomb = bytearray(encoded(Image.new("L", (64, 64)), "JPEG", progressive=True))
        frame = bomb.index(b"\xff\xc2")
        bomb[frame + 5 : frame + 9] = (14200).to_bytes(2, "big") * 2
    else:
        bomb = bytearray(encoded(Image.new("L", (14200, 14200)), file_format))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PhotoError, match="megapixels"):
        decode(bytes(bomb))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB
