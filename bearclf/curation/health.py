"""What is wrong with the photos of a training folder: copies, blur, darkness, odd shapes, tiny pictures.

A photo's numbers come from its decoded pixels alone, by cleanvision's measures, so that they can be computed
once and kept. The limits were set by looking at what they pick out of real folders: few photos, but worth it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageStat

METRICS = ("brightness_perc_99", "brightness_perc_5", "edges", "contrast", "aspect_ratio", "size")
"""What :func:`photo_metrics` measures.

Two percentiles of the pixels' perceived brightness, from 0 to 1; the standard deviation of what an edge
filter leaves, and of the grey photo, both in levels of 255; the shorter side by the longer; the square root
of the area, in pixels.
"""

DARK = 0.4
"""A photo is very dark if 99 % of its pixels are less bright."""

LIGHT = 0.8
"""A photo is very bright if 95 % of its pixels are brighter."""

BLURRED_EDGES, BLURRED_EDGES_BY_CONTRAST = 12.0, 0.35
"""A photo is blurry if its edges are weak, also for its contrast: fog and dusk are not blur."""

ODD_SHAPE = 0.35
"""Shorter side by longer side: less is a strip."""

TINY = 100.0
"""Square root of the area in pixels: less is a thumbnail."""

IMBALANCE = 4
"""How many times the photos of the smallest class the largest may have."""

_SIDE = 256  # pixels; blur that shows in no 256-pixel version doesn't matter to a model either


_TITLES = {
    "across-classes": "in more than one class",
    "across-split": "in both train and valid",
    "exact": "exact copies",
    "near": "near-duplicates",
    "blurry": "blurry",
    "dark": "very dark",
    "light": "very bright",
    "odd-shape": "oddly shaped",
    "tiny": "very small",
}  # after a number

_ADVICE = {
    "across-classes": "The same picture is in different classes, so at least one of them is wrong: "
    "keep it where it belongs.",
    "across-split": "The model is judged on pictures that it has learned from, so it seems better than "
    "it is: keep one of each and train again.",
    "exact": "The very same file is there more than once and teaches nothing new: keep one of each.",
    "near": "The same picture in other sizes or compressions, or mirrored, counts more than once: "
    "keep the best of each.",
    "blurry": "Remove those in which you can't tell yourself what they show.",
    "dark": "Remove those in which you can't tell yourself what they show, or put in brighter versions.",
    "light": "Remove those in which you can't tell yourself what they show.",
    "odd-shape": "Long strips are squeezed before the model sees them: cut them to what matters, "
    "or remove them.",
    "tiny": "So few pixels show hardly any detail, and are often icons: put in larger versions, "
    "or remove them.",
}


@dataclass(frozen=True)
class Finding:
    """Something that deserves a look.

    ``title`` is a few words with the number of photos, ``advice`` a sentence on what to do. ``photos`` are
    indices, worst first; of copies the largest group first, each group together.
    """

    kind: str
    title: str
    advice: str
    photos: tuple[int, ...]


def photo_metrics(photo: Image.Image) -> np.ndarray:
    """The numbers named in ``METRICS``, ``float32``, of a photo from :func:`bearclf.photos.decode.decode`."""
    from cleanvision.issue_managers.image_property import (  # imports pandas and matplotlib: seconds
        AspectRatioProperty,
        BrightnessProperty,
        SizeProperty,
        get_edges,
    )

    scale = min(1.0, _SIDE / max(photo.size))
    width, height = (max(3, round(side * scale)) for side in photo.size)  # an edge needs three pixels
    small = photo.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    grey = small.convert("L")
    # Pillow's filters leave the outermost pixels as they are: cleanvision's own blurriness counts them as
    # edges, and so misses half of all blurred photos.
    edges = get_edges(grey).crop((1, 1, width - 1, height - 1))
    measured = {
        **BrightnessProperty("dark").calculate(small),
        "edges": ImageStat.Stat(edges).stddev[0],
        "contrast": ImageStat.Stat(grey).stddev[0],
        **AspectRatioProperty().calculate(photo),
        **SizeProperty().calculate(photo),
    }
    return np.array([measured[name] for name in METRICS], np.float32)


def findings(
    labels: Sequence[str],
    digests: Sequence[str],
    groups: np.ndarray,
    metrics: np.ndarray,
    in_valid: np.ndarray,
) -> list[Finding]:
    """What deserves a look in n photos, gravest first; kinds without any photo are left out.

    ``labels`` (n,) are the classes, ``digests`` (n,) the files' digests, ``groups`` (n,) equal for photos of
    the same picture, ``metrics`` (n, len(METRICS)) with rows of NaN for photos that were not measured,
    ``in_valid`` (n,) true for photos that the model is judged on and does not learn from.
    """
    names, files = np.unique(labels, return_inverse=True)[1], np.unique(digests, return_inverse=True)[1]
    bright, dim, edges, contrast, shape, size = metrics.reshape(-1, len(METRICS)).T.astype(np.float64)
    by_contrast = edges / (contrast + 1)
    blurry = (edges < BLURRED_EDGES) & (by_contrast < BLURRED_EDGES_BY_CONTRAST)
    found = {
        "across-classes": _groups_with_several(groups, names),
        "across-split": _groups_with_several(groups, np.asarray(in_valid).astype(int)),
        "exact": _groups_with_several(files, np.arange(len(files))),
        "near": _groups_with_several(groups, files),
        "blurry": _worst_first(blurry, edges),
        "dark": _worst_first(bright < DARK, bright),
        "light": _worst_first(dim > LIGHT, -dim),
        "odd-shape": _worst_first(shape < ODD_SHAPE, shape),
        "tiny": _worst_first(size < TINY, size),
    }
    return [
        Finding(kind, f"{len(photos)} {_TITLES[kind]}", _ADVICE[kind], tuple(photos.tolist()))
        for kind, photos in found.items()
        if len(photos)
    ]


def imbalance(labels: Sequence[str]) -> str | None:
    """A sentence where the largest class has more than ``IMBALANCE`` times the photos of the smallest."""
    counts = Counter(labels).most_common()
    if not counts or counts[0][1] <= IMBALANCE * counts[-1][1]:
        return None
    (largest, many), (smallest, few) = counts[0], counts[-1]
    return (
        f"“{largest}” has {many} photos and “{smallest}” only {few}, so the model will lean to "
        f"“{largest}”: add photos to “{smallest}”."
    )


def _groups_with_several(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Indices of photos whose group has more than one of the ``values``, group after group."""
    if len(groups) == 0:
        return np.zeros(0, int)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    pairs = np.unique(np.stack([group, values], axis=1), axis=0)
    several = np.bincount(pairs[:, 0]) > 1
    order = np.lexsort((group, -sizes[group]))
    return order[several[group[order]]]


def _worst_first(is_found: np.ndarray, goodness: np.ndarray) -> np.ndarray:
    order = np.argsort(goodness, kind="stable")
    return order[is_found[order]]
