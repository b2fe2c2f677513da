"""What the page gets to see of photos in each way of resizing and of augmentation."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bearclf.curation import ways_seen as looking
from bearclf.curation.ways_seen import DICE, SHOWN, ways_seen
from bearclf.errors import UserError


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGBA")


def test_each_way_is_a_small_picture_with_words_for_those_who_cannot_see_it(patterns: Path) -> None:
    ways = list(ways_seen(patterns, "dots", 0))
    assert [way.number for way in ways] == list(range(1, ways[0].total + 1))
    assert {way.total for way in ways} == {len(ways)}
    assert ways[0].alt == "Drawn by lot: dots, dots, dots"
    for way in ways:
        assert way.title
        assert way.cost.endswith(".")
        assert way.alt
        assert len(way.picture) < 60_000, "a page has a dozen of them"
        picture = opened(way.picture)
        assert picture.width <= 640
        assert picture.getchannel("A").getpixel((picture.height + 4, 4)) == 0, (
            "one sees the page between photos"
        )
    assert len({way.picture for way in ways}) == len(ways)
    assert len({way.alt for way in ways}) == len(ways)
    flip = next(way for way in ways if way.title == "Flip")
    assert "b and d" in flip.cost
    assert flip.alt == "The same 3 photos, each mirrored"


def test_photos_come_from_all_classes_and_others_for_another_seed(patterns: Path) -> None:
    first, again, other = (next(iter(ways_seen(patterns, "", seed))) for seed in (1, 1, 2))
    assert all(label in first.alt for label in ("checks", "dots", "stripes"))
    assert first.picture == again.picture != other.picture


def test_what_is_no_photo_is_named_and_one_photo_is_enough(tmp_path: Path, patterns: Path) -> None:
    (tmp_path / "dots").mkdir()
    photo = patterns / "dots" / "dots_1.jpg"
    (tmp_path / "dots" / "one.jpg").write_bytes(photo.read_bytes())
    (tmp_path / "dots" / "broken.jpg").write_bytes(b"no photo")
    [first, *others] = ways_seen(tmp_path, "dots", 0)
    assert first.passed_over.startswith("broken.jpg: ")
    assert others[0].alt.startswith("The same photo, ")
    full = next(iter(ways_seen(patterns, "dots", 0)))
    assert SHOWN > 1
    assert opened(first.picture).size == opened(full.picture).size, "so that a page stays as it is"


@pytest.mark.parametrize("label", ["owl", "../training", "."])
def test_a_class_that_is_none_is_refused(patterns: Path, label: str) -> None:
    with pytest.raises(UserError, match="no photos of a class"):
        next(iter(ways_seen(patterns, label, 0)))


def test_nothing_is_drawn_while_a_model_is_trained(patterns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both take the process's random numbers, and a training must give the same for the same seed."""
    monkeypatch.setattr(looking, "_PATIENCE", 0.01)
    with DICE, pytest.raises(UserError, match="being trained"):
        list(ways_seen(patterns, "", 0))
    assert len(list(ways_seen(patterns, "", 0))) > 1
