"""What a network sees of a photo, where that can be told beforehand."""

from __future__ import annotations

import inspect
import random
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from bearclf.training.transforms import AUGMENTS, RESIZES
from bearclf.training.ways import Way, ways

SIDE = 60
RED, GREEN, BLUE = (200, 0, 0), (0, 160, 0), (0, 0, 200)


def flag() -> Image.Image:
    """Three times as wide as high: a red end at the left, green in the middle, a blue end at the right."""
    image = Image.new("RGB", (3 * SIDE, SIDE), GREEN)
    image.paste(RED, (0, 0, SIDE // 2, SIDE))
    image.paste(BLUE, (3 * SIDE - SIDE // 2, 0, 3 * SIDE, SIDE))
    return image


def letter() -> Image.Image:
    """A square with something at the left: a stem and a belly, as of a b."""
    image = Image.new("RGB", (SIDE, SIDE), (230, 230, 230))
    image.paste((20, 20, 20), (10, 5, 18, 55))
    image.paste((20, 20, 20), (18, 35, 40, 55))
    return image


def seen(name: str, *photos: Image.Image, seed: int = 0, **options: Any) -> list[np.ndarray]:
    """What comes of photos by the way of this name: (side, side, 3) each, as signed numbers."""
    found = [way for way in ways(SIDE, **options) if way.name == name]
    assert len(found) == 1
    return [np.asarray(square).astype(int) for square in found[0].of(photos, seed)]


def share(square: np.ndarray, colour: tuple[int, int, int]) -> float:
    """Of the pixels, those of about this colour."""
    return float((np.abs(square - colour).max(axis=-1) < 60).mean())


def test_crop_loses_the_ends_and_distorts_nothing() -> None:
    squares = [seen("crop", flag(), seed=seed)[0] for seed in range(20)]
    assert all(share(square, GREEN) >= 0.45 for square in squares)
    assert not any(share(square, RED) > 0.02 and share(square, BLUE) > 0.02 for square in squares)
    assert len({round(share(square, RED), 2) for square in squares}) > 3, "at another place each time"


def test_pad_keeps_everything_and_two_thirds_are_black() -> None:
    [square] = seen("pad", flag())
    assert share(square, (0, 0, 0)) == pytest.approx(2 / 3, abs=0.03)
    assert share(square, RED) == pytest.approx(1 / 18, abs=0.02)
    assert share(square, BLUE) == pytest.approx(1 / 18, abs=0.02)


def test_squish_keeps_everything_and_makes_it_three_times_as_thin() -> None:
    [square] = seen("squish", flag())
    assert share(square, RED) == pytest.approx(1 / 6, abs=0.02)
    assert share(square, BLUE) == pytest.approx(1 / 6, abs=0.02)
    assert share(square, (0, 0, 0)) == 0
    ends = seen("squish", letter())[0]
    assert np.abs(ends - np.asarray(letter()).astype(int)).max() <= 1, "a square stays as it is"


def test_a_random_crop_keeps_as_much_as_it_is_told() -> None:
    whole = seen("random", flag().resize((SIDE, SIDE)), min_scale=1.0)[0]
    assert share(whole, RED) == pytest.approx(1 / 6, abs=0.05)
    small = [seen("random", flag().resize((SIDE, SIDE)), seed=seed, min_scale=0.05)[0] for seed in range(20)]
    assert any(share(square, RED) == 0 and share(square, BLUE) == 0 for square in small)
    assert "5 %" in next(way.cost for way in ways(SIDE, 0.05) if way.name == "random")


def test_off_changes_nothing_and_flip_mirrors_every_photo() -> None:
    photo = np.asarray(letter()).astype(int)
    for square in seen("none", letter(), letter()):
        assert np.abs(square - photo).max() <= 1
    for square in seen("flip", letter(), letter(), letter()):
        assert np.abs(square - photo[:, ::-1]).max() <= 2


def test_each_member_of_aug_transforms_does_its_own_as_strongly_as_it_can() -> None:
    photo = np.asarray(letter()).astype(int)
    turned_left, turned_right = seen("rotate", letter(), letter())
    assert np.abs(turned_left - photo).mean() > 5
    assert np.abs(turned_left[::-1, ::-1] - turned_right[::-1, ::-1]).mean() > 5, "to the other side"
    [zoomed] = seen("zoom", letter())
    assert share(zoomed, (20, 20, 20)) == pytest.approx(share(photo, (20, 20, 20)) * 1.1**2, rel=0.05)
    darker, brighter = (square.mean() for square in seen("lighting", letter(), letter()))
    assert darker < photo.mean() < brighter
    for square in seen("warp", letter(), letter(), letter(), letter()):
        assert np.abs(square - photo).mean() > 3
    half_turn = seen("flip_vert", letter())[0]
    assert np.abs(half_turn - photo[::-1, ::-1]).max() <= 2


def test_strengths_are_those_of_aug_transforms() -> None:
    from fastai.vision.all import aug_transforms  # only once torchvision can be imported

    most = {name: of.default for name, of in inspect.signature(aug_transforms).parameters.items()}
    costs = {way.name: way.cost for way in ways(SIDE)}
    assert f"{most['max_rotate']:g}°" in costs["rotate"]
    assert f"{most['max_zoom']:g} times" in costs["zoom"]
    assert f"{100 * most['max_warp']:.0f} %" in costs["warp"]


def test_every_name_that_training_knows_is_shown_once() -> None:
    names = [way.name for way in ways(SIDE)]
    assert set(RESIZES) | (set(AUGMENTS) - {"light"}) <= set(names), "light is flip and lighting"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("way", ways(SIDE), ids=lambda way: way.name)
def test_the_same_seed_shows_the_same_and_nobody_else_draws_other_numbers(way: Way) -> None:
    random.seed(3)
    torch.manual_seed(3)
    expected = random.random(), torch.rand(1).item()
    random.seed(3)
    torch.manual_seed(3)
    once = way.of([flag(), letter()], 7)
    assert (random.random(), torch.rand(1).item()) == expected
    again = way.of([flag(), letter()], 7)
    assert [one.tobytes() for one in once] == [one.tobytes() for one in again]
    assert {one.size for one in once} == {(SIDE, SIDE)}


def test_each_way_says_what_it_costs_and_flip_for_whom() -> None:
    costs = {way.name: way.cost for way in ways(SIDE)}
    for name, word in (("crop", "Loses"), ("pad", "Wastes"), ("squish", "Distorts"), ("random", "Loses")):
        assert costs[name].startswith(word)
    assert "b and d" in costs["flip"]
    assert "digits" in costs["flip"]
    assert all(cost.endswith(".") for cost in costs.values())
