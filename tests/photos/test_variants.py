from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageStat

from bearclf.photos.variants import VARIANTS
from tests.helpers.drawings import teddy


def brightness(photo: Image.Image) -> float:
    return ImageStat.Stat(photo.convert("L")).mean[0]


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_leaves_the_photo_itself_as_it_was(name: str) -> None:
    photo = teddy()
    before = photo.tobytes()
    variant = VARIANTS[name](photo)
    assert variant.mode == "RGB"
    assert photo.tobytes() == before
    assert variant.tobytes() != before


def test_variants_are_what_they_are_called() -> None:
    photo = teddy().resize((640, 480))
    assert max(VARIANTS["small"](photo).size) == 200
    assert brightness(VARIANTS["dark"](photo)) < brightness(photo) / 2
    red, green, blue = np.asarray(VARIANTS["grey"](photo)).transpose(2, 0, 1)
    assert (red == green).all()
    assert (green == blue).all()
    assert brightness(VARIANTS["drawn"](photo)) > 200
    assert VARIANTS["far away"](photo).size == photo.size


def test_a_photo_of_one_pixel_has_variants_too() -> None:
    for variant in VARIANTS.values():
        assert variant(Image.new("RGB", (1, 1))).width >= 1
