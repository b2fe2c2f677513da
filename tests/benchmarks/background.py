"""Make ``bearclf/training/background.npz``: what the default backbone sees in photos of other things.

``python tests/benchmarks/background.py FOLDER`` with photos of other things, each named after its ImageNet
category (``n02132136_brown_bear.jpg``), one or more of a category. The file has ``features`` (n, channels),
``float16``, and the index of each photo's category among the 1,000, from which no photo can be made again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bearclf.features.backbones import pretrained_backbone
from bearclf.photos.decode import decode, read_photo_file
from bearclf.photos.folders import list_nested_photos
from bearclf.settings import DEFAULT_ARCHITECTURE
from bearclf.training.novelty import BACKGROUND
from bearclf.training.options import Options
from bearclf.training.recipes import probe_featurizer


def main(folder: Path) -> None:
    from timm.data.imagenet_info import ImageNetInfo  # after what lets torchvision be imported

    featurizer = probe_featurizer(pretrained_backbone(DEFAULT_ARCHITECTURE), Options())
    index_of = {name: index for index, name in enumerate(ImageNetInfo("imagenet-1k").label_names())}
    photos = list_nested_photos(folder)
    items = (featurizer.pipeline.item(decode(read_photo_file(path))) for path in photos)
    features = np.concatenate([featurizer([item]) for item in items])
    categories = np.array([index_of[path.name.split("_")[0]] for path in photos], np.int16)
    np.savez_compressed(BACKGROUND, features=features.astype(np.float16), categories=categories)
    print(f"{len(photos)} photos, {BACKGROUND.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
