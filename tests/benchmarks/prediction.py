"""Milliseconds a photo, beside fastai's ``learn.predict`` and the network alone.

``python tests/benchmarks/prediction.py FOLDER [PHOTOS]`` with a folder of class folders. All take
turns on each photo, so that a busy machine slows all alike; printed are medians and quartiles.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bearclf.bundle import EXPORT
from bearclf.folders import list_photos
from bearclf.photos import decode
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder


def main(folder: Path, count: int) -> None:
    from fastai.vision.all import load_learner

    warnings.simplefilter("ignore")
    ours = Predictor(bundle_folder())
    learner = load_learner(bundle_folder() / EXPORT)
    listed = [path for path, _ in list_photos(folder)]
    paths = listed[:: max(1, len(listed) // count)][:count]
    size = ours.card.input_size
    network = learner.model.to(memory_format=torch.channels_last)
    image = torch.zeros(1, 3, size, size).contiguous(memory_format=torch.channels_last)
    took: dict[str, list[float]] = defaultdict(list)

    def timed(name: str, function: Callable[..., Any], *arguments: Any) -> None:
        started = time.perf_counter()
        function(*arguments)
        took[name].append(1000 * (time.perf_counter() - started))

    with learner.no_bar(), torch.inference_mode():
        learner.predict(paths[0])
        for path in paths:
            timed("decode alone", decode, path.read_bytes())
            timed("forward pass alone, channels last", network, image)
            timed("bearclf", ours.predict, path.read_bytes())
            timed("fastai learn.predict", learner.predict, path)
    print(f"{len(paths)} photos, {torch.get_num_threads()} threads, input {size} px, ms a photo")
    for name, times in took.items():
        low, median, high = np.percentile(times, (25, 50, 75))
        print(f"{name:35} {median:7.1f}   (quartiles {low:.1f} to {high:.1f})")
    ratio = np.median(took["bearclf"]) / np.median(took["fastai learn.predict"])
    print(f"bearclf takes {ratio:.2f} of learn.predict's time")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
