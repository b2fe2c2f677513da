"""A bundle's learner for a bare fastai: all that it names is fastai's, torch's, timm's or Pillow's.

The bundle's own ``export.pkl`` opens photos by bearclf's decoder, so that ``learn.predict`` and the page
answer the same whatever the photo is; it can't be loaded without bearclf. In this one photos are opened by
fastai's ``PILImage`` and turned upright by Pillow. ``docs/export.md`` tells what differs.
"""

from __future__ import annotations

import io
import os
import tempfile
from functools import partial
from pathlib import Path

import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it

# isort: split
from fastai.vision.all import (
    CategoryBlock,
    DataBlock,
    DataLoaders,
    IndexSplitter,
    IntToFloatTensor,
    Learner,
    PILImage,
    ToTensor,
    TransformBlock,
    cast,
    get_image_files,
    load_image,
    parent_label,
)
from PIL import Image, ImageOps

from bearclf.models.bundle import EXPORT, read_checked
from bearclf.models.card import read_card
from bearclf.prediction.learned import load_checked


def bare_learner(bundle: Path) -> bytes:
    """The content of an ``export.pkl`` that ``load_learner`` reads where bearclf isn't installed.

    Raises UserError if the bundle isn't one, or is damaged.
    """
    learner = load_checked(read_checked(bundle, EXPORT, read_card(bundle)))
    learner.dls = _bare_data(learner)
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        learner.path = Path(folder)
        learner.export("bare.pkl")
        out.write((Path(folder) / "bare.pkl").read_bytes())
    return out.getvalue()


def _bare_data(learner: Learner) -> DataLoaders:
    """The learner's transforms behind fastai's own ways of opening photos and naming classes.

    fastai takes them only with photos, of which two white ones do: an exported learner keeps none.
    """
    loader = learner.dls.valid
    item = [step for step in loader.after_item if not isinstance(step, ToTensor)]
    batch = [step for step in loader.after_batch if not isinstance(step, IntToFloatTensor)]
    # A method, such as PILImage.create, or what has no name, would be exported as bytecode, for this Python
    # alone and with a path of this machine.
    in_colours, as_photo = partial(load_image, mode="RGB"), partial(cast, typ=PILImage)
    for step, name in ((in_colours, "in_colours"), (as_photo, "as_photo")):
        step.__dict__.update(__name__=name, __qualname__=name)
    opening = [in_colours, ImageOps.exif_transpose, as_photo]
    photos = TransformBlock(opening, batch_tfms=IntToFloatTensor)
    block = DataBlock(
        blocks=(photos, CategoryBlock(vocab=list(learner.dls.vocab), sort=False)),
        get_items=get_image_files,
        splitter=IndexSplitter([1]),
        get_y=parent_label,
        item_tfms=item,
        batch_tfms=batch,
    )
    with tempfile.TemporaryDirectory() as folder:
        some_class = Path(folder) / str(learner.dls.vocab[0])
        some_class.mkdir()
        for number in range(2):
            Image.new("RGB", (64, 64), "white").save(some_class / f"{number}.png")
        data = block.dataloaders(Path(folder), bs=1, num_workers=0)
    for part in (data.train_ds, data.valid_ds):
        part.tls[0].types[0] = (str, os.PathLike)  # what ``learn.predict`` may be given besides a picture
    return data.new_empty()
