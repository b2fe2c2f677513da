"""The course's training: ``python course_training.py FOLDER SIZE`` prints its accuracy as JSON.

FOLDER has two folders of class folders, ``learn`` and ``judge``. The network and its weights are those of
bearclf's default.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bearclf.features.backbones import load_packaged_weights
from bearclf.features.torchvision_operators import ensure_operators
from bearclf.settings import DEFAULT_ARCHITECTURE

ensure_operators()  # does nothing where torchvision was made for this torch

from fastai.vision.all import (  # noqa: E402  # torchvision must find its operators
    ImageDataLoaders,
    Normalize,
    RandomResizedCrop,
    accuracy,
    aug_transforms,
    set_seed,
    vision_learner,
)


def main(folder: Path, size: int) -> None:
    """Train for four epochs, as in the course's second lesson."""
    set_seed(42)
    loaders = ImageDataLoaders.from_folder(
        folder,
        train="learn",
        valid="judge",
        bs=32,
        item_tfms=RandomResizedCrop(size, min_scale=0.5),
        batch_tfms=[*aug_transforms(), Normalize.from_stats((0.5,) * 3, (0.5,) * 3, cuda=False)],
    )
    learner = vision_learner(loaders, DEFAULT_ARCHITECTURE, pretrained=False, metrics=accuracy)
    load_packaged_weights(learner.model[0].model)  # what pretrained=True would fetch from a hub
    learner.freeze()
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(4)
        _, found = learner.validate()
    learner.export(folder / "export.pkl")
    print(json.dumps({"accuracy": float(found)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
