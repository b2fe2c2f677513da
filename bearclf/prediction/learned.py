"""The network as ``load_learner`` gives it: the reference for what is faster, and what explains answers."""

from __future__ import annotations

import io
import tempfile
import warnings
from pathlib import Path

import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it

# isort: split
import numpy as np
import torch
from fastai.vision.all import Learner, load_learner
from PIL import Image

from bearclf.features.backbones import pooling
from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.prediction.explanation import evidence, spotlight


class LearnedNetwork:
    """A :class:`bearclf.prediction.network.Network`, from the content of an ``export.pkl``.

    Unpickling runs code: only content may come here that was checked.
    """

    def __init__(self, pickled: bytes) -> None:
        learner = _load(pickled)
        self.vocab: list[str] = list(learner.dls.vocab)
        self._pipeline = InputPipeline.of(learner)
        self._body, self._head = channels_last(learner.model)
        self._pool = pooling(self._body)
        self._activation = learner.loss_func.activation

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """See :meth:`bearclf.prediction.network.Network.pixels`."""
        return self._pipeline.item(photo).numpy()

    @torch.inference_mode()
    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`bearclf.prediction.network.Network.look`."""
        seen = self._body(self._pipeline.batch(torch.from_numpy(np.array(pixels)).unbind()))
        return self._activation(self._head(seen)).numpy(), self._pool(seen).numpy()

    def explain(self, photo: Image.Image, label: int) -> Image.Image:
        """The photo, of any size, with everything faded that doesn't speak for class ``label``."""
        images = self._pipeline.batch([self._pipeline.item(photo)])
        return spotlight(photo, evidence(self._body, self._head, images, label))

    def exported(self) -> bytes:
        """The same in ONNX's format, as :class:`bearclf.prediction.network.ExportedNetwork` takes it.

        Raises whatever torch.onnx raises if it can't be had, and ImportError without its package ``onnx``.
        """
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
            )
            return written.read_bytes()


class _Whole(torch.nn.Module):
    """All that happens to pixels in one module, as an exporter wants it."""

    def __init__(self, network: LearnedNetwork) -> None:
        super().__init__()
        self._normalise = network._pipeline.normalised
        self.body, self.head, self.pool = network._body, network._head, network._pool
        self._activation = network._activation

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = self.body(self._normalise(pixels))
        return self._activation(self.head(seen)), self.pool(seen)


def _load(pickled: bytes) -> Learner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # load_learner warns of unpickling, which the digest answers
        return load_learner(io.BytesIO(pickled))
