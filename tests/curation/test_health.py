from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from bearclf.curation.health import METRICS, Finding, findings, imbalance, photo_metrics
from tests.helpers.drawings import pattern, teddy


def found_in(
    *photos: Image.Image,
    labels: str = "",
    digests: str = "",
    groups: tuple[int, ...] = (),
    in_valid: tuple[bool, ...] = (),
) -> dict[str, Finding]:
    """Findings by kind; what is not given differs from photo to photo."""
    n = len(photos)
    metrics = np.array([photo_metrics(photo) for photo in photos])
    listed = findings(
        list(labels) or ["a"] * n,
        list(digests) or [str(number) for number in range(n)],
        np.array(groups or range(n)),
        metrics,
        np.array(in_valid or [False] * n),
    )
    return {finding.kind: finding for finding in listed}


def changed(photo: Image.Image, factor: float, white: float = 0) -> Image.Image:
    """Darker, or nearer to white."""
    pixels = np.asarray(photo) * factor * (1 - white) + 255 * white
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def like_a_photo(seed: int = 0, width: int = 640, height: int = 480) -> Image.Image:
    """Shapes and grain over the whole picture, from nearly black to nearly white."""
    tiles = [np.asarray(pattern(kind, seed)) for kind in ("checks", "dots", "stripes")]
    row = Image.fromarray(np.concatenate(tiles, axis=1))
    return row.resize((width, height), Image.Resampling.BICUBIC)


def test_good_photos_are_left_alone() -> None:
    portrait = like_a_photo(1, 480, 640)
    assert found_in(like_a_photo(), portrait, teddy(), like_a_photo(2, 1024, 768)) == {}


def test_nothing_is_found_in_nothing() -> None:
    empty = np.zeros(0, int)
    assert findings([], [], empty, np.zeros((0, len(METRICS)), np.float32), empty.astype(bool)) == []


@pytest.mark.parametrize("width", [240, 640, 1024])
def test_blurred_versions_are_found_and_sharp_ones_are_not(width: int) -> None:
    sharp = like_a_photo(0, width, width * 3 // 4)
    soft, softer = (sharp.filter(ImageFilter.GaussianBlur(share * width)) for share in (0.02, 0.05))
    assert found_in(sharp, soft, softer)["blurry"].photos == (2, 1)


def test_blur_is_found_however_bright_the_margins_are() -> None:
    """Pillow's edge filter leaves the margins as they are, which must not count as edges."""
    blurred = like_a_photo().filter(ImageFilter.GaussianBlur(20))
    ramp = Image.fromarray(np.linspace(0, 255, 640).astype(np.uint8)[None].repeat(480, 0)).convert("RGB")
    assert found_in(ramp, blurred).keys() == {"blurry"}
    assert set(found_in(ramp, blurred)["blurry"].photos) == {0, 1}


def test_dark_is_not_blurry_nor_is_fog() -> None:
    dark, foggy = changed(like_a_photo(), 0.2), changed(like_a_photo(), 1, white=0.6)
    assert set(found_in(dark, foggy)) == {"dark"}


def test_dark_and_bright_photos_are_found_worst_first() -> None:
    photo = like_a_photo()
    found = found_in(changed(photo, 0.3), photo, changed(photo, 0.1), changed(photo, 1, white=0.9))
    assert found["dark"].photos == (2, 0)
    assert found["dark"].title == "2 very dark"
    assert found["light"].photos == (3,)


def test_a_thing_before_white_is_not_too_bright() -> None:
    assert "light" not in found_in(teddy())


def test_strips_and_tiny_photos_are_found() -> None:
    found = found_in(like_a_photo(0, 1000, 100), like_a_photo(0, 20, 20), like_a_photo(0, 100, 1000))
    assert found["odd-shape"].photos == (0, 2)
    assert found["tiny"].photos == (1,)


@pytest.mark.parametrize("size", [(1, 1), (1024, 1), (2, 3), (1, 1024)])
def test_any_size_can_be_measured(size: tuple[int, int]) -> None:
    assert np.isfinite(photo_metrics(Image.new("RGB", size, "red"))).all()


def test_what_was_not_measured_is_not_found_fault_with() -> None:
    unmeasured = np.full((1, len(METRICS)), np.nan, np.float32)
    assert findings(["a"], ["x"], np.array([0]), unmeasured, np.array([True])) == []


def test_copies_are_listed_group_after_group() -> None:
    photos = [like_a_photo(seed) for seed in range(7)]
    found = found_in(*photos, groups=(0, 1, 2, 1, 0, 1, 3), digests="abcdaef")
    assert found["exact"].photos == (0, 4)
    assert found["exact"].title == "2 exact copies"
    assert found["near"].photos == (1, 3, 5), "0 and 4 are the very same file"
    assert found["near"].title == "3 near-duplicates"
    assert set(found) == {"exact", "near"}


def test_a_picture_in_two_classes_is_found_first() -> None:
    photos = [like_a_photo(seed) for seed in range(5)]
    found = found_in(*photos, groups=(0, 1, 0, 2, 2), labels="aabbb", digests="xyxzz")
    assert next(iter(found)) == "across-classes"
    assert found["across-classes"].photos == (0, 2)
    assert found["exact"].photos == (0, 2, 3, 4)


def test_a_picture_on_both_sides_of_the_split_is_found() -> None:
    photos = [like_a_photo(seed) for seed in range(4)]
    valid = (True, False, False, True)
    assert "across-split" not in found_in(*photos, groups=(0, 1, 1, 2), in_valid=valid)
    assert found_in(*photos, groups=(0, 1, 0, 2), in_valid=valid)["across-split"].photos == (0, 2)


def test_a_much_smaller_class_is_named() -> None:
    assert imbalance(["teddy"] * 40 + ["black"] * 10) is None
    sentence = imbalance(["teddy"] * 41 + ["black"] * 10)
    assert sentence is not None
    assert "“teddy” has 41 photos and “black” only 10" in sentence
    assert imbalance([]) is None
    assert imbalance(["teddy"] * 100) is None
