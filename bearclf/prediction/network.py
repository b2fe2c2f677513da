"""The network of a learner as onnxruntime runs it: several times as fast on CPUs, and there without torch.

PyTorch has all cores meet after each of some 150 steps; on a machine that has other things to do (a browser,
a server) each meeting waits for the last to come. onnxruntime folds the steps into some 50, and shares each
out in small portions to whoever is free.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from bearclf.settings import cache_folder

log = logging.getLogger(__name__)

FORMAT = 1
"""Of the kept networks: their inputs, outputs and what is done to a photo before."""

MOST_KEPT = 6
"""Networks that are kept, some 14 MB each; the one that was used longest ago goes first."""

TOLERANCE = 1e-4
"""Largest difference of a probability from the learner's, and of a feature in relation to the largest."""


class Network(Protocol):
    """From a photo to probabilities."""

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """What the network gets to see of a decoded photo: ``uint8`` (3, height, width)."""
        ...

    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (n, classes) and pooled features (n, channels) for (n, 3, height, width)."""
        ...


class ExportedNetwork:
    """A network in ONNX's format, whose outputs are those of :meth:`Network.look`.

    ``pixels`` makes its input from a photo; without, the whole photo is squished. Raises whatever onnxruntime
    raises if ``content`` isn't such a network, and ImportError where there is no onnxruntime.
    """

    def __init__(self, content: bytes, pixels: Callable[[Image.Image], np.ndarray] | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Threads that wait give their core to those who decode, serve and draw.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        [takes] = self._session.get_inputs()
        self._takes: str = takes.name
        self._size: tuple[int, int] = (takes.shape[3], takes.shape[2])
        self.pixels = pixels or self._squished

    def _squished(self, photo: Image.Image) -> np.ndarray:
        """As fastai's ``Resize`` does it with ``ResizeMethod.Squish``."""
        small = photo.resize(self._size, Image.Resampling.BILINEAR)
        return np.asarray(small).transpose(2, 0, 1)

    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`Network.look`."""
        probabilities, features = self._session.run(None, {self._takes: np.ascontiguousarray(pixels)})
        return probabilities, features


class KeptNetwork:
    """Where the exported network of one ``export.pkl``, named by its SHA-256, is kept between runs.

    Only networks are kept that were checked (see :func:`difference`) and that need nothing of the learner.
    """

    def __init__(self, export_sha256: str) -> None:
        self._path = cache_folder() / "networks" / f"{FORMAT}-{export_sha256}.onnx"

    def load(self) -> ExportedNetwork | None:
        """None if there is none, or it can't be used."""
        try:
            content = self._path.read_bytes()
        except OSError:
            return None
        try:
            network = ExportedNetwork(content)
            network.look(network.pixels(Image.new("RGB", (64, 64)))[None])
            self._path.touch()
        except Exception:
            log.warning("The kept network %s can't be used.", self._path, exc_info=True)
            return None
        return network

    def keep(self, content: bytes) -> None:
        """For the next run; where nothing can be written, that one exports it again."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, written = tempfile.mkstemp(dir=self._path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(written).replace(self._path)
            by_use = sorted(self._path.parent.glob("*.onnx"), key=lambda path: -path.stat().st_mtime)
            for old in by_use[MOST_KEPT:]:
                old.unlink(missing_ok=True)
        except OSError:
            log.warning("The exported network can't be kept in %s.", self._path.parent, exc_info=True)

    def forget(self) -> None:
        """Have the next run export it again."""
        self._path.unlink(missing_ok=True)


def same_pixels(one: Network, other: Network) -> bool:
    """Whether both get to see the very same of photos of several shapes."""
    return all(np.array_equal(one.pixels(photo), other.pixels(photo)) for photo in _samples())


def difference(fast: Network, learned: Network) -> float:
    """How far the answers of two networks are from each other, at most, on photos alone and together."""
    pixels = np.stack([learned.pixels(photo) for photo in _samples()])
    shares, features = learned.look(pixels)
    found = 0.0
    for part in (slice(None), slice(0, 1)):
        fast_shares, fast_features = fast.look(pixels[part])
        off = np.abs(fast_features - features[part]).max() / max(np.abs(features).max(), 1e-12)
        found = max(found, float(np.abs(fast_shares - shares[part]).max()), float(off))
    return found


def _samples() -> list[Image.Image]:
    """Coloured clouds, lying, upright, small and square, always the same."""
    random = np.random.default_rng(0)
    sizes = ((640, 427), (300, 1024), (33, 20), (500, 500))
    clouds = [random.integers(0, 256, (7, 9, 3), dtype=np.uint8) for _ in sizes]
    return [
        Image.fromarray(cloud).resize(size, Image.Resampling.BICUBIC)
        for cloud, size in zip(clouds, sizes, strict=True)
    ]
