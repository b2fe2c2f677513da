"""Prediction alone, beside fastai's ``learn.predict`` and ``learn.get_preds``, onnxruntime and the cores.

``python tests/benchmarks/prediction.py FOLDER [PHOTOS]`` with a folder of class folders. All take turns, on
each photo or, for batches, in each round, so that a busy machine slows all alike; printed are medians. What
onnxruntime runs is the network that bearclf exported from the learner, by a session as its documentation
makes one, without what bearclf does beside.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from bearclf.models.bundle import EXPORT, read_checked
from bearclf.photos.decode import decode
from bearclf.photos.folders import list_photos
from bearclf.prediction.evaluation import answer_files
from bearclf.prediction.learned import LearnedNetwork
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder

ROUNDS = 3
MATRIX = 1024
BATCH_SIZE = 4  # of onnxruntime's photos; with more it is slower

FIGURES = {
    "decode_ms": "decoding alone, ms a photo",
    "forward_ms": "PyTorch's forward pass alone (channels last), ms a photo",
    "onnxruntime_ms": "onnxruntime's forward pass alone, ms a photo",
    "bearclf_ms": "bearclf, from the file's content to the answer, ms a photo",
    "learn_predict_ms": "fastai's learn.predict, ms a photo",
    "bearclf_per_second": "bearclf in batches, from files, photos a second",
    "onnxruntime_per_second": "onnxruntime in batches, files decoded one after another, photos a second",
    "get_preds_per_second": "fastai's learn.get_preds from files, its best, photos a second",
    "get_preds_workers": "its num_workers then",
    "forward_gflops": "PyTorch's forward pass, GFLOP/s",
    "onnxruntime_gflops": "onnxruntime's forward pass, GFLOP/s",
    "matrix_gflops": f"float32 product of {MATRIX} x {MATRIX} matrices, the cores' own limit, GFLOP/s",
    "gflop": "what one photo takes, GFLOP",
    "photos": "photos, each measured once alone",
    "load": "of the machine, before",
}
"""The keys of :func:`figures`, with units."""


class Plain:
    """An exported network in a session with onnxruntime's own settings: all cores, which wait spinning."""

    def __init__(self, content: bytes) -> None:
        self._session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        self._size = self._session.get_inputs()[0].shape[2:]

    def pixels(self, photo: Image.Image) -> np.ndarray:
        """(3, height, width)"""
        small = photo.resize(self._size[::-1], Image.Resampling.BILINEAR)
        return np.asarray(small).transpose(2, 0, 1)

    def look(self, pixels: np.ndarray) -> Any:
        """Probabilities and features of (n, 3, height, width)."""
        return self._session.run(None, {"pixels": pixels})


def figures(folder: Path, photos: int = 100) -> dict[str, float]:
    """See ``FIGURES``. ``folder`` has class folders; ``photos`` of them are taken, from all over it."""
    from fastai.vision.all import load_learner

    load = os.getloadavg()[0]
    warnings.simplefilter("ignore")
    ours = Predictor(bundle_folder())
    ours.complete()
    plain = Plain(LearnedNetwork(read_checked(bundle_folder(), EXPORT, ours.card)).exported())
    learner = load_learner(bundle_folder() / EXPORT)
    listed = [path for path, _ in list_photos(folder)]
    paths = listed[:: max(1, len(listed) // photos)][:photos]
    took: dict[str, list[float]] = defaultdict(list)

    with learner.no_bar(), torch.inference_mode():
        flops = _one_by_one(ours, learner, plain, paths, took)
    workers = _in_batches(ours, learner, plain, paths, took)
    median = {name: statistics.median(times) for name, times in took.items()}
    found = {name: value for name, value in median.items() if name in FIGURES}
    found["matrix_gflops"] = max(took["matrix_gflops"])  # a limit is what was reached once
    found["get_preds_per_second"] = max(median[f"get_preds_{number}"] for number in workers)
    found["get_preds_workers"] = max(workers, key=lambda number: median[f"get_preds_{number}"])
    found["forward_gflops"] = flops / found["forward_ms"] * 1000
    found["onnxruntime_gflops"] = flops / found["onnxruntime_ms"] * 1000
    return found | {"gflop": flops, "photos": len(paths), "load": load}


def _one_by_one(
    ours: Predictor,
    learner: Any,
    plain: Plain,
    paths: list[Path],
    took: dict[str, list[float]],
) -> float:
    """Milliseconds of each photo into ``took``, and the matrix product's GFLOP/s; a photo's GFLOP."""
    size = ours.card.input_size
    network = learner.model.to(memory_format=torch.channels_last)
    image = torch.rand(1, 3, size, size).contiguous(memory_format=torch.channels_last)
    matrix = torch.rand(MATRIX, MATRIX)

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> float:
        started = time.perf_counter()
        function(*arguments)
        ms = 1000 * (time.perf_counter() - started)
        took[name].append(ms)
        return ms

    with FlopCounterMode(display=False) as counter:
        network(image)
    pixels = np.stack([plain.pixels(decode(paths[0].read_bytes()))])
    for path in paths[:3]:  # the first passes take longer
        learner.predict(path)
        ours.predict(path.read_bytes())
        plain.look(pixels)
    for path in paths:
        timed("forward_ms", network, image)
        timed("onnxruntime_ms", plain.look, pixels)
        # Its threads still spin a little, which decoding doesn't feel: that is a single one's work.
        timed("decode_ms", decode, path.read_bytes())
        timed("bearclf_ms", ours.predict, path.read_bytes())
        timed("learn_predict_ms", learner.predict, path)
        ms = timed("matrix_ms", torch.matmul, matrix, matrix)
        took["matrix_gflops"].append(2 * MATRIX**3 / ms / 1e6)
    return counter.get_total_flops() / 1e9


def _in_batches(
    ours: Predictor,
    learner: Any,
    plain: Plain,
    paths: list[Path],
    took: dict[str, list[float]],
) -> list[int]:
    """Photos a second of each round into ``took``; the numbers of workers that ``get_preds`` was given."""
    workers = [0, 2]

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> None:
        started = time.perf_counter()
        function(*arguments)
        took[name].append(len(paths) / (time.perf_counter() - started))

    def by_fastai(number: int) -> None:
        # As in the course: fastai's own batch size.
        loader = learner.dls.test_dl(paths, num_workers=number)
        with learner.no_bar():
            learner.get_preds(dl=loader)

    def by_onnxruntime() -> None:
        for start in range(0, len(paths), BATCH_SIZE):
            some = paths[start : start + BATCH_SIZE]
            plain.look(np.stack([plain.pixels(decode(path.read_bytes())) for path in some]))

    for _ in range(ROUNDS):
        timed("bearclf_per_second", lambda: list(answer_files(ours, paths)))
        timed("onnxruntime_per_second", by_onnxruntime)
        for number in workers:
            timed(f"get_preds_{number}", by_fastai, number)
    return workers


def main(folder: Path, photos: int) -> None:
    """Print them all, and what they come to."""
    found = figures(folder, photos)
    for name, meaning in FIGURES.items():
        print(f"{found[name]:8.1f}  {meaning}")
    ratio = found["bearclf_ms"] / found["learn_predict_ms"]
    times = found["bearclf_per_second"] / found["get_preds_per_second"]
    share = found["onnxruntime_gflops"] / found["matrix_gflops"]
    print(f"One by one, bearclf takes {ratio:.2f} of learn.predict's time; in batches it answers {times:.1f}")
    print(f"times as many photos as learn.get_preds. Its network reaches {share:.0%} of the cores' limit.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
