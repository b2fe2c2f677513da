"""The code that a student can paste does what the training does."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

from bearclf.errors import UserError
from bearclf.photos.folders import content_digest
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.training.held_out import scan_training_photos
from bearclf.training.log import Epoch, Event
from bearclf.training.options import Options
from bearclf.training.show_code import code_of, show_code

pytestmark = pytest.mark.slow


def run(code: str, folder: Path) -> Any:
    """What the code has made, run in ``folder``, where fastai puts weights aside."""
    names: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(code, "code", "exec"), names)
    finally:
        os.chdir(before)
    return names["learn"]


@pytest.mark.parametrize(
    "options",
    [
        Options(recipe="fine-tune", size=48, epochs=2, freeze_epochs=2, patience=1, lr=0.05),
        Options(recipe="fine-tune", progressive=(32, 48), epochs=1, resize="pad", augment="light", valid=0.4),
        Options(recipe="fine-tune", size=32, epochs=1, lr="auto", resize="squish", augment="none"),
    ],
)
def test_the_code_trains_as_we_do_loss_by_loss(options: Options, patterns: Path, tmp_path: Path) -> None:
    from bearclf.training.fine_tune import fine_tune

    events: list[Event] = []
    with FeatureStore(None) as store:
        photos = scan_training_photos(patterns, options.valid, store, unseen)
    tuned = fine_tune(photos, options, unseen, events.append)
    code = code_of(photos, options)
    assert "bearclf" not in "\n".join(code.splitlines()[1:])
    learner = run(code, tmp_path)
    ours = [epoch for epoch in events if isinstance(epoch, Epoch)]
    theirs = learner.recorder.values
    for epoch, values in zip(ours[-len(theirs) :], theirs, strict=True):
        assert list(epoch.figures.values()) == pytest.approx(list(values), abs=1e-5)
    with learner.no_bar():
        probabilities, _ = learner.get_preds()
    assert probabilities.numpy() == pytest.approx(tuned.probabilities, abs=1e-4)


def test_the_code_holds_out_the_same_photos_of_an_untidy_folder(folder: Path, tmp_path: Path) -> None:
    """With another version of a picture, a file that is no photo, and one that lies where no class is."""
    first = min((folder / "dots").iterdir(), key=lambda path: content_digest(path.read_bytes()))
    for number in range(6):  # some of them are drawn otherwise than their picture
        (folder / "dots" / f"again_{number}.jpg").write_bytes(first.read_bytes() + bytes(number + 1))
    (folder / "stripes" / "torn.jpg").write_bytes(b"no photo")
    shutil.copy(first, folder / "stray.jpg")
    options = Options(recipe="fine-tune", size=32, epochs=1)
    with FeatureStore(None) as store:
        photos = scan_training_photos(folder, options.valid, store, unseen)
    code = code_of(photos, options)
    for name in ("VERSIONS", "torn.jpg", "stray.jpg"):
        assert name in code
    dls = run(code.partition("\nlearn = ")[0] + "\nlearn = dls\n", tmp_path)
    scanned = photos.scanned.photos
    assert list(dls.valid.items) == [scanned[index].path for index in photos.held_out]
    assert list(dls.train.items) == [scanned[index].path for index in photos.learned]


def test_the_code_of_a_folder_that_is_sorted_already_takes_it_so(patterns: Path, tmp_path: Path) -> None:
    for part, numbers in (("train", range(5)), ("valid", range(5, 8))):
        for kind in patterns.iterdir():
            (tmp_path / part / kind.name).mkdir(parents=True)
            for number in numbers:
                shutil.copy(kind / f"{kind.name}_{number}.jpg", tmp_path / part / kind.name)
    options = Options(recipe="fine-tune", size=32, epochs=1, valid="folder")
    with FeatureStore(None) as store:
        photos = scan_training_photos(tmp_path, options.valid, store, unseen)
    assert len(photos.learned) == 15
    code = code_of(photos, options)
    assert "splitter=GrandparentSplitter()" in code
    dls = run(code.partition("\nlearn = ")[0] + "\nlearn = dls\n", tmp_path)
    assert {path.parent.parent.name for path in dls.valid.items} == {"valid"}
    assert (len(dls.train_ds), len(dls.valid_ds)) == (15, 9)


def test_a_recipe_without_such_code_says_so(patterns: Path) -> None:
    with pytest.raises(UserError, match="add --recipe fine-tune"):
        show_code(patterns, Options())
