"""Photos of other subjects than bears, drawn: each subject is a folder of class folders."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Draw = Callable[[ImageDraw.ImageDraw, str, np.random.Generator], None]

SHAPES = ("disc", "square", "triangle", "star", "ring", "cross", "moon")
COLOURS = {
    "red": (200, 40, 40), "green": (40, 150, 60), "blue": (50, 80, 190), "yellow": (225, 190, 40),
    "violet": (130, 60, 160), "black": (30, 30, 30),
}  # fmt: skip
MANY = [f"{colour}_{shape}" for shape, colour in product(SHAPES, COLOURS)][:37]
BRANDS = ("three_bars", "sweep", "star", "letter")
FAMILIES = ("ash", "birch", "cedar")


def write_subject(folder: Path, classes: list[str] | tuple[str, ...], draw: Draw, count: int) -> None:
    """``count`` photos of each class, as folders of it."""
    for label in classes:
        (folder / label).mkdir(parents=True)
        for number in range(count):
            random = np.random.default_rng([sum(label.encode()), number])
            # A plain ground would be taken for a placeholder, and two of them for one picture.
            ground = Image.fromarray(random.integers(150, 250, (6, 6, 3), dtype=np.uint8))
            image = ground.resize((192, 192), Image.Resampling.BICUBIC)
            layer = Image.new("RGBA", image.size)
            draw(ImageDraw.Draw(layer), label, random)
            layer = layer.rotate(random.normal(0, 8), Image.Resampling.BICUBIC)
            image.paste(layer, mask=layer)
            blurred = image.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.5)))
            pixels = np.asarray(blurred) * random.uniform(0.8, 1.1) + random.normal(0, 8, (192, 192, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / label / f"{number}.jpg")


def thing(draw: ImageDraw.ImageDraw, label: str, random: np.random.Generator) -> None:
    """One of MANY: a shape in a colour."""
    colour, _, shape = label.partition("_")
    _shape(draw, shape, tuple(random.integers(80, 112, 2)), int(random.integers(45, 70)), COLOURS[colour])


def shoe(draw: ImageDraw.ImageDraw, label: str, random: np.random.Generator) -> None:
    """A shoe of one of BRANDS: what they differ in is the mark on its side."""
    x, y = random.integers(-10, 10, 2)
    body = tuple(int(c) for c in random.integers(40, 220, 3))
    mark = (245, 245, 240) if sum(body) < 400 else (25, 25, 30)
    upper = [(20, 130), (24, 70), (60, 62), (80, 88), (130, 104), (172, 118), (174, 136)]
    draw.polygon([(a + x, b + y) for a, b in upper], fill=body)
    draw.rounded_rectangle((16 + x, 130 + y, 178 + x, 148 + y), 8, fill=(235, 235, 230), outline=(60, 60, 60))
    if label == "three_bars":
        for i in range(3):
            a = 62 + 17 * i + x
            draw.line((a, 128 + y, a + 14, 92 + 6 * i + y), fill=mark, width=8)
    elif label == "sweep":
        draw.arc((40 + x, 50 + y, 150 + x, 128 + y), 15, 150, fill=mark, width=9)
    elif label == "star":
        _shape(draw, "star", (82 + x, 112 + y), 20, mark)
    else:
        points = [(68, 128), (68, 98), (98, 128), (98, 102)]
        draw.line([(a + x, b + y) for a, b in points], fill=mark, width=8)


def face(draw: ImageDraw.ImageDraw, label: str, random: np.random.Generator) -> None:
    """Somebody of one of FAMILIES, who have hair, nose and brows in common."""
    family = FAMILIES.index(label)
    skin = [(235, 200, 170), (190, 140, 105), (120, 80, 55)][int(random.integers(3))]
    hair = [(40, 30, 25), (190, 120, 40), (150, 150, 150)][family]
    width = int(random.integers(46, 60))
    draw.ellipse((96 - width - 6, 22, 96 + width + 6, 130), fill=hair)
    if family == 1:  # curls
        for angle in range(0, 360, 30):
            a, b = 96 + width * math.cos(math.radians(angle)), 74 + 52 * math.sin(math.radians(angle))
            draw.ellipse((a - 15, b - 15, a + 15, b + 15), fill=hair)
    draw.ellipse((96 - width, 42, 96 + width, 172), fill=skin)
    for side in (-1, 1):
        a = 96 + side * 22
        draw.ellipse((a - 9, 92, a + 9, 104), fill="white")
        draw.ellipse((a - 4, 93, a + 4, 103), fill=(40, 60, 90))
        draw.line((a - 13, 84 + 5 * side * (family == 2), a + 13, 84 - 5 * side * (family == 2)), hair, 6)
    nose = [10, 18, 26][family]
    draw.polygon([(96, 100), (96 - nose // 2, 100 + nose), (96 + nose // 2, 100 + nose)], fill=(150, 95, 75))
    draw.arc((74, 128, 118, 152), 10, 170, fill=(150, 40, 40), width=4 + int(random.integers(3)))


def _shape(
    draw: ImageDraw.ImageDraw, shape: str, centre: tuple[int, ...], r: int, colour: tuple[int, int, int]
) -> None:
    x, y = (int(c) for c in centre)
    box = (x - r, y - r, x + r, y + r)
    if shape == "disc":
        draw.ellipse(box, fill=colour)
    elif shape == "square":
        draw.rectangle((x - r * 0.85, y - r * 0.85, x + r * 0.85, y + r * 0.85), fill=colour)
    elif shape == "ring":
        draw.ellipse(box, outline=colour, width=max(3, r // 3))
    elif shape == "cross":
        draw.rectangle((x - r // 4, y - r, x + r // 4, y + r), fill=colour)
        draw.rectangle((x - r, y - r // 4, x + r, y + r // 4), fill=colour)
    elif shape == "moon":
        draw.chord(box, 60, 300, fill=colour)
    else:
        corners = {"triangle": 3, "star": 10}[shape]
        radii = [r, r * 0.45] if shape == "star" else [r]
        points = [
            (
                x + radii[i % len(radii)] * math.sin(2 * math.pi * i / corners),
                y - radii[i % len(radii)] * math.cos(2 * math.pi * i / corners),
            )
            for i in range(corners)
        ]
        draw.polygon(points, fill=colour)
