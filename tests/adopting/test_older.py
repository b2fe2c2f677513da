from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bearclf.errors import UserError


@pytest.fixture(scope="session")
def written(slow: None, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An export of a small learner."""
    from tests.helpers.exports import drawn_photos, exported, learner

    folder = tmp_path_factory.mktemp("older")
    drawn_photos(folder / "photos")
    return exported(learner(folder / "photos"), folder / "export.pkl")[0].read_bytes()


def edited(content: bytes, before: str, after: str) -> io.BytesIO:
    """The export, in which one name is another."""
    made = io.BytesIO()
    old_name, new_name = (f"c{name}\n".replace(" ", "\n").encode() for name in (before, after))
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("data.pkl"):
                assert old_name in part
                part = part.replace(old_name, new_name)
            new.writestr(name, part)
    made.seek(0)
    return made


def read(file: io.BytesIO) -> str:
    """The architecture of which the network was made."""
    from bearclf.adopting.child import _load
    from bearclf.adopting.network import build

    network: str = build(*_load(file, []))[0]  # type: ignore[arg-type]  # a file in memory
    return network


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fastai.layers Flatten", "fastai2.layers Flatten"),
        ("fastai.learner Learner", "fastai2.learner Learner"),
        ("fastai.data.transforms Categorize", "fastai.data.elsewhere Categorize"),
        ("torchvision.models.resnet BasicBlock", "torchvision.models.gone Block"),
        ("torchvision.models.resnet resnet18", "notebook my_resnet"),
    ],
)
def test_what_has_moved_or_gone_or_has_another_name_is_no_hindrance(
    before: str, after: str, written: bytes
) -> None:
    assert read(edited(written, before, after)) == "resnet18"


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("torch.nn.modules.container Sequential", "__main__ MyNet", "class of somebody's own"),
        ("fastai.vision.augment Resize", "__main__ MyCrop", "whose code bearclf would have to run"),
        ("fastai.data.transforms Categorize", "fastai.data.transforms MultiCategorize", "several labels"),
        ("fastai.data.transforms Categorize", "fastai.data.transforms RegressionSetup", "predicts numbers"),
        ("fastai.vision.core PILImage", "fastai.vision.core PILImageBW", "grey pictures"),
        ("fastai.learner Learner", "fastai.tabular.learner TabularLearner", "reads tables"),
        ("fastai.learner Learner", "fastai.text.learner TextLearner", "reads text"),
        ("fastai.learner Learner", "sklearn.svm SVC", "no fastai learner"),
    ],
)
def test_what_cannot_be_adopted_is_named(before: str, after: str, sentence: str, written: bytes) -> None:
    with pytest.raises(UserError, match=sentence):
        read(edited(written, before, after))


def test_no_layer_is_made_by_its_constructor_and_no_function_called(written: bytes) -> None:
    """Nor is anything of torch's own that fetches or runs something."""
    import pickle

    import torch

    from bearclf.adopting.inert import InertUnpickler
    from bearclf.adopting.stand_in import StandIn
    from tests.helpers.exports import Calls

    for called in (
        Calls(torch.hub.load, "a", "b"),
        Calls(torch.nn.functional.relu, 1),
        Calls(torch.nn.Linear, 10**9, 10**9),
        Calls(torch.load, "somewhere"),
        Calls(eval, "1"),
    ):
        assert isinstance(InertUnpickler(io.BytesIO(pickle.dumps(called))).load(), StandIn)


def test_a_layer_of_somebody_elses_making_never_gets_a_turn(written: bytes) -> None:
    """It could call what a library of layers has, with whatever it brings along."""
    with pytest.raises(UserError, match="has a layer"):
        read(edited(written, "torch.nn.modules.linear Linear", "fastai.layers Lambda"))


def test_torch_script_is_not_run(tmp_path: Path) -> None:
    import torch

    from bearclf.adopting.inert import load_inert

    class Speaks(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    spoken = io.BytesIO()
    before = torch.jit.load
    torch.jit.save(torch.jit.script(Speaks()), spoken)
    spoken.seek(0)
    try:
        with pytest.raises(UserError, match="TorchScript"):
            load_inert(spoken)
    finally:
        torch.jit.load = before


@pytest.mark.parametrize("name", ["../../escaped", "/tmp", "a\n# b", "..", ""])
def test_a_class_that_no_folder_can_be_called_is_refused(name: str) -> None:
    from bearclf.adopting.adopt import _check_classes

    with pytest.raises(UserError, match="can't be the name of one here"):
        _check_classes(["cat", name])
