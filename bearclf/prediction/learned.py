"""The network as ``load_learner`` gives it: the reference for the faster one, and what explains."""

from __future__ import annotations

import io
import json
import pickle
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it

# isort: split
import numpy as np
import torch
from fastai.vision.all import (
    IntToFloatTensor,
    Learner,
    Normalize,
    Pipeline,
    RandomResizedCrop,
    Resize,
    load_learner,
)
from PIL import Image

from bearclf.features.backbones import pooling
from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.models.bundle import EXPORT
from bearclf.prediction.explanation import evidence, spotlight
from bearclf.prediction.network import RESIZED, SQUISH, SQUISHED, VOCAB, Box, part_taken

SMALL_BYTES = 256
"""Smaller tensors aren't worth a reference."""


class LearnedNetwork:
    """A :class:`bearclf.prediction.network.Network`, from the content of an ``export.pkl``.

    Unpickling runs code, so only checked content may come here.
    """

    def __init__(self, pickled: bytes) -> None:
        learner = load_checked(pickled)
        self.vocab: list[str] = list(learner.dls.vocab)
        self._pipeline = InputPipeline.of(learner)
        loader = learner.dls.valid
        # Augmentation leaves a photo as it is when it is answered, but takes steps that can't be exported.
        needed = [step for step in loader.after_batch if isinstance(step, IntToFloatTensor | Normalize)]
        self._crops = [step for step in loader.after_item if isinstance(step, RandomResizedCrop)]
        resizes = [step for step in loader.after_item if isinstance(step, Resize)]
        self._way = str(resizes[0].method) if resizes else SQUISH
        self._exportable = InputPipeline(loader.after_item, Pipeline(needed, split_idx=1))
        self._body, self._head = channels_last(learner.model)
        self._pool = pooling(self._body)
        self._activation = learner.loss_func.activation
        # fastai's transforms remember between two steps what they do to a photo. Besides, torch takes all
        # cores: several photos at once would only be in each other's way.
        self._preparing, self._looking = threading.Lock(), threading.Lock()

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """See :meth:`bearclf.prediction.network.Network.pixels`."""
        with self._preparing:
            return self._pipeline.item(photo).numpy()

    @torch.inference_mode()
    def forward(self, pixels: np.ndarray, beside_others: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`bearclf.prediction.network.Network.forward`."""
        with self._looking:
            seen = self._body(self._pipeline.batch([torch.from_numpy(np.array(pixels))]))
            return self._activation(self._head(seen))[0].numpy(), self._pool(seen)[0].numpy()

    def explain(self, photo: Image.Image, label: int) -> Image.Image:
        """The photo, of any size, with everything faded that doesn't speak for class ``label``."""
        pixels = torch.from_numpy(np.array(self.pixels(photo)))
        with self._looking:
            heat = evidence(self._body, self._head, self._pipeline.batch([pixels]), label)
        height, width = pixels.shape[1:]
        return spotlight(photo, heat, self._seen(photo.size, (width, height)))

    def _seen(self, photo: tuple[int, int], size: tuple[int, int]) -> Box:
        """What the network sees of a photo of this width and height, as pixels of ``size``."""
        if not self._crops:
            return part_taken(photo, size, self._way)
        left, top = (
            round(whole * (1 - side / squished) / 2)
            for whole, side, squished in zip(photo, size, self._crops[0].final_size, strict=True)
        )
        return left, top, photo[0] - left, photo[1] - top

    def exported(self, pickled: bytes = b"") -> bytes:
        """The network in ONNX's format, as :class:`bearclf.prediction.network.ExportedNetwork` takes it.

        Weights that lie in ``pickled``, the content of its ``export.pkl``, stay there. Raises whatever
        torch.onnx raises if it can't be had, and ImportError without its package ``onnx``.
        """
        import onnx

        example = torch.from_numpy(self.pixels(Image.new("RGB", (64, 64))).copy()).expand(2, -1, -1, -1)
        names = ["pixels", "probabilities", "features"]
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
            # This exporter is the older one. The newer takes seconds more, and doesn't take fastai's tensors.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                _Whole(self).eval(),
                (example,),
                written := Path(folder) / "network.onnx",
                input_names=names[:1],
                output_names=names[1:],
                dynamic_axes={name: {0: "photos"} for name in names},
                opset_version=17,
                dynamo=False,
                # Weights as they are: onnxruntime folds them itself when it loads them.
                training=torch.onnx.TrainingMode.PRESERVE,
                do_constant_folding=False,
            )
            network = onnx.load(written)
        # What a crop leaves of its size is known once a photo has passed it.
        squished = self._crops[0].final_size if self._crops else (example.shape[3], example.shape[2])
        metadata = {
            VOCAB: json.dumps(self.vocab),
            SQUISHED: json.dumps([int(side) for side in squished]),
            RESIZED: json.dumps(self._way),
        }
        onnx.helper.set_model_props(network, metadata)
        _leave_weights(network, pickled)
        return network.SerializeToString()


class _Whole(torch.nn.Module):
    """All that happens to pixels in one module, as an exporter wants it."""

    def __init__(self, network: LearnedNetwork) -> None:
        super().__init__()
        self._normalise = network._exportable.normalised
        self.body, self.head, self.pool = network._body, network._head, network._pool
        self._activation = network._activation

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = self.body(self._normalise(pixels))
        return self._activation(self.head(seen)), self.pool(seen)


def _leave_weights(network: Any, pickled: bytes) -> None:
    """Have an ONNX model refer to the weights in an ``export.pkl`` beside it, in ONNX's own way.

    PyTorch keeps each tensor as it is, one after another, which is all that ONNX asks of a file of weights.
    """
    from onnx.external_data_helper import set_external_data

    after = 0
    for tensor in network.graph.initializer:
        if len(tensor.raw_data) < SMALL_BYTES:
            continue
        size = len(tensor.raw_data)
        at = pickled.find(tensor.raw_data, after)  # mostly in the same order
        at = pickled.find(tensor.raw_data) if at < 0 else at
        if at >= 0:
            set_external_data(tensor, EXPORT, at, size)
            tensor.ClearField("raw_data")
            after = at + size


class _AnyPythonsPickle:
    """Stands for the module pickle: reads a learner that another Python, or another system, has exported."""

    class Unpickler(pickle.Unpickler):
        """Makes of every path one of this system.

        A learner has an empty path, of the system it was exported on, which can't be made on another. Python
        3.13 alone calls the module of paths ``pathlib._local``.
        """

        def find_class(self, module: str, name: str) -> Any:
            """What a pickle means by a name."""
            if name in ("PosixPath", "WindowsPath"):
                return type(Path())
            return super().find_class("pathlib" if module == "pathlib._local" else module, name)


def load_checked(pickled: bytes) -> Learner:
    """A learner, from the checked content of an ``export.pkl``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # load_learner warns of unpickling, which the digest answers
        return load_learner(io.BytesIO(pickled), pickle_module=_AnyPythonsPickle)
