"""Weights from a file, for either recipe, and what is said of those that don't fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from bearclf.errors import UserError
from bearclf.features.backbones import pretrained_backbone
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.training.options import Options
from bearclf.training.train import train

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def resnet_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights with a classifier of other classes."""
    from torchvision.models import resnet18

    torch.manual_seed(0)
    path: Path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(resnet18(num_classes=7).state_dict(), path)
    return path


@pytest.mark.parametrize(
    "options",
    [
        Options(architecture="resnet18", size=32),
        Options(recipe="fine-tune", architecture="resnet18", size=32, epochs=1),
    ],
)
def test_a_file_of_weights_is_taken(
    options: Options, resnet_weights: Path, patterns: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    options = replace(options, weights=resnet_weights)
    card, _ = train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)
    assert card.architecture == "resnet18"
    assert "--weights mine.pth" in card.command


def test_weights_of_timm_come_from_a_file_too(tmp_path: Path) -> None:
    import timm

    model = timm.create_model("resnet10t", pretrained=False, num_classes=5)
    torch.save({"state_dict": model.state_dict()}, tmp_path / "mine.pth")
    taken = pretrained_backbone("resnet10t", tmp_path / "mine.pth").body.state_dict()
    assert torch.equal(taken["model.conv1.0.weight"], model.state_dict()["conv1.0.weight"])


def test_weights_that_do_not_fit_are_said(resnet_weights: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"don't fit resnet34: \d+ of its \d+ tensors are missing"):
        pretrained_backbone("resnet34", resnet_weights)
    (tmp_path / "other.pth").write_bytes(b"a photo, perhaps")
    with pytest.raises(UserError, match="no weights that can be read"):
        pretrained_backbone("resnet18", tmp_path / "other.pth")
    with pytest.raises(UserError, match="no file of weights"):
        pretrained_backbone("resnet18", tmp_path / "nowhere.pth")


def test_a_hub_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    def offline(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(UserError, match="could not be fetched"):
        pretrained_backbone("tf_efficientnet_lite2", "hub")
