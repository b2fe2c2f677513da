"""A model that was adopted without photos goes everywhere, its classes in an order of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bearclf import Predictor, UserError, adopt, export
from bearclf.photos.progress import unseen

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from fastai.vision.all import CategoryBlock, DataBlock, ImageBlock, Resize, vision_learner
    from torchvision.models import resnet18

    from tests.helpers.exports import drawn_photos, exported

    folder = tmp_path_factory.mktemp("adopted")
    photos = drawn_photos(folder / "drawn")
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock(vocab=["two", "one"], sort=False)),
        get_items=lambda _: photos,
        get_y=lambda photo: "one" if photo.name[0].isupper() else "two",
        item_tfms=Resize(64),
    )
    dls = block.dataloaders(folder / "drawn", bs=4, num_workers=0)
    file, _ = exported(vision_learner(dls, resnet18, pretrained=False), folder / "export.pkl")
    adopt(file, folder / "bundle", consent=lambda _: True, progress=unseen)
    return folder / "bundle"


def test_its_classes_keep_their_order_in_a_bare_fastai(bundle: Path, tmp_path: Path) -> None:
    from fastai.vision.all import load_learner

    export(bundle, pkl=tmp_path / "bare.pkl")
    assert list(load_learner(tmp_path / "bare.pkl").dls.vocab) == ["two", "one"]


def test_every_photo_is_known_to_its_network(bundle: Path, tmp_path: Path) -> None:
    export(bundle, onnx=tmp_path / "model.onnx", web=tmp_path / "page")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"))
    height, width = session.get_inputs()[0].shape[2:]
    _, familiarity = session.run(None, {"pixels": np.zeros((3, 3, height, width), np.uint8)})
    assert familiarity.shape == (3,)
    assert (familiarity >= Predictor(bundle).card.known_from).all()


def test_classes_may_be_given_other_names(bundle: Path, tmp_path: Path) -> None:
    file = bundle.parent / "export.pkl"

    def named(*classes: str) -> list[str]:
        card, _, _ = adopt(file, tmp_path / "b", consent=lambda _: True, progress=unseen, classes=classes)
        return card.classes

    assert named("dog", "cat") == ["dog", "cat"]
    assert Predictor(tmp_path / "b").vocab == ["dog", "cat"]
    for wrong in (("dog",), ("dog", "dog")):
        with pytest.raises(UserError, match="Please name as many"):
            named(*wrong)
