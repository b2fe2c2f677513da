"""The network of a learner as onnxruntime runs it: several times as fast on CPUs, and there without torch.

PyTorch synchronises all cores after each of some 150 steps; on a machine that has other things to do (a
browser, a server) each time waits for the slowest. onnxruntime fuses them into some 50. Several photos are
answered one per core, without synchronising.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy
from typing import Any, Protocol

import numpy as np
from PIL import Image

from bearclf.models.bundle import EXPORT

TOLERANCE = 1e-4
"""Largest difference of a probability from the learner's, and of a feature in relation to the largest."""

VOCAB, SQUISHED, RESIZED = "vocab", "squished", "resized"
"""Keys in an exported network's metadata: its classes, the width and height to resize photos to, and how,
which older ones don't have."""

CROP, PAD, SQUISH = "crop", "pad", "squish"
"""Ways of resizing: the middle of a photo, a photo with black edges, or a photo in another shape."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels of a photo."""


class Network(Protocol):
    """From a photo to probabilities, in the order of ``vocab``; any number of threads may ask at once."""

    vocab: list[str]

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """What the network gets to see of a decoded photo: ``uint8`` (3, height, width)."""
        ...

    def forward(self, pixels: np.ndarray, beside_others: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (classes,) and pooled features (channels,) of what :meth:`pixels` gave.

        ``beside_others`` keeps to one core: for callers that run a thread on each.
        """
        ...


class ExportedNetwork:
    """A network in ONNX's format: from ``uint8`` (n, 3, height, width) to probabilities and features.

    Its metadata has, as JSON, its classes and to what size a photo is brought, of which it sees the middle.
    ``pickled`` is the ``export.pkl`` in which its weights lie, if they aren't in ``content``. Raises whatever
    onnxruntime raises if these aren't such a network, and ImportError where there is no onnxruntime.
    """

    def __init__(self, content: bytes, pickled: bytes = b"") -> None:
        self._on_all_cores = _session(content, pickled, threads=0)
        self._on_one_core = _session(content, pickled, threads=1)
        metadata = self._on_one_core.get_modelmeta().custom_metadata_map
        self.vocab: list[str] = json.loads(metadata[VOCAB])
        width, height = json.loads(metadata[SQUISHED])
        [pixels] = self._on_one_core.get_inputs()
        self._input_name: str = pixels.name
        seen_height, seen_width = pixels.shape[2:]
        top, left = (height - seen_height) // 2, (width - seen_width) // 2
        self._size = (width, height)
        self._middle = slice(top, top + seen_height), slice(left, left + seen_width)
        self._way: str = json.loads(metadata.get(RESIZED, f'"{SQUISH}"'))
        self.pixels: Callable[[Image.Image], np.ndarray] = self._resized

    def with_pixels(self, pixels: Callable[[Image.Image], np.ndarray]) -> ExportedNetwork:
        """The same network with ``pixels`` for its preprocessing."""
        other = copy(self)
        other.pixels = pixels
        return other

    def _resized(self, photo: Image.Image) -> np.ndarray:
        """As fastai's ``Resize`` or ``RandomResizedCrop`` in validation."""
        if self._way != SQUISH:
            photo = photo.crop(part_taken(photo.size, self._size, self._way))  # black outside of the photo
        small = photo.resize(self._size, Image.Resampling.BILINEAR)
        return np.asarray(small)[self._middle].transpose(2, 0, 1)

    def forward(self, pixels: np.ndarray, beside_others: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`Network.forward`."""
        session = self._on_one_core if beside_others else self._on_all_cores
        probabilities, features = session.run(None, {self._input_name: np.ascontiguousarray(pixels[None])})
        return probabilities[0], features[0]


def _session(content: bytes, pickled: bytes, threads: int) -> Any:
    """An onnxruntime session; 0 ``threads`` are as many as there are cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait give their core to those who decode, serve and draw.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors
    # From memory, since these very bytes were checked; else onnxruntime would read the file again.
    options.add_external_initializers_from_files_in_memory([EXPORT], [pickled], [len(pickled)])
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def part_taken(photo: tuple[int, int], size: tuple[int, int], way: str) -> Box:
    """What a resizing to ``size`` (width, height) takes of a photo of this width and height.

    All of it if it is squished; with :data:`PAD` the box is larger than the photo. Rounded as fastai does.
    """
    if way == SQUISH:
        return 0, 0, *photo
    scales = [whole / side for whole, side in zip(photo, size, strict=True)]
    scale = max(scales) if way == PAD else min(scales)
    width, height = (int(scale * side) for side in size)
    left, top = int((photo[0] - width) / 2), int((photo[1] - height) / 2)
    return left, top, left + width, top + height


def same_pixels(network: Network, other: Network) -> bool:
    """Whether both turn photos of several shapes into the very same pixels."""
    return all(np.array_equal(network.pixels(photo), other.pixels(photo)) for photo in _samples())


def assert_same_answers(fast: Network, learned: Network) -> None:
    """Raises ValueError if an answer to the same pixels is further than ``TOLERANCE`` from the learner's."""
    difference = 0.0
    for photo in _samples():
        pixels = learned.pixels(photo)
        shares, features = learned.forward(pixels)
        for beside_others in (False, True):
            fast_shares, fast_features = fast.forward(pixels, beside_others)
            off = np.abs(fast_features - features).max() / max(np.abs(features).max(), 1e-12)
            difference = float(np.max([difference, np.abs(fast_shares - shares).max(), off]))  # NaN stays
    if not difference <= TOLERANCE:
        raise ValueError(f"Its answers differ from the learner's by {difference:.1e}.")


def _samples() -> list[Image.Image]:
    """Coloured clouds, lying, upright, small and square, always the same."""
    random = np.random.default_rng(0)
    sizes = ((640, 427), (300, 1024), (33, 20), (500, 500))
    clouds = [random.integers(0, 256, (7, 9, 3), dtype=np.uint8) for _ in sizes]
    return [
        Image.fromarray(cloud).resize(size, Image.Resampling.BICUBIC)
        for cloud, size in zip(clouds, sizes, strict=True)
    ]
