"""The course's recipe: its table, how it ends early, learning rates, sizes, weights, and what it leaves."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bearclf.cli import main
from bearclf.errors import UserError
from bearclf.models.card import read_card
from bearclf.photos.progress import ProgressBar, Stopped, unseen
from bearclf.photos.store import FeatureStore
from bearclf.training.fine_tune import Tuned, fine_tune
from bearclf.training.held_out import TrainingPhotos, scan_training_photos
from bearclf.training.log import Epoch, Event, LearningRates, Watch, unwatched
from bearclf.training.options import Options
from bearclf.training.train import train

pytestmark = pytest.mark.slow

SMALL = Options(recipe="fine-tune", size=32, epochs=3)


def scan(folder: Path, valid: float | str | None = None) -> TrainingPhotos:
    with FeatureStore(None) as store:
        return scan_training_photos(folder, valid, store, unseen)


def tune(folder: Path, options: Options, progress: ProgressBar = unseen, watch: Watch = unwatched) -> Tuned:
    return fine_tune(scan(folder, options.valid), options, progress, watch)


def stopping_at(step: int, error: BaseException) -> ProgressBar:
    """A progress bar that raises once it has come so far."""

    def progress(steps: Iterable, total: int, description: str) -> Iterator:
        for done, one in enumerate(steps):
            if description == "Fine-tuning" and done == step:
                raise error
            yield one

    return progress


def test_the_courses_table_is_printed_epoch_by_epoch(
    patterns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_CACHE", str(tmp_path / "cache"))
    options = ["--recipe", "fine-tune", "--size", "32", "--epochs", "2", "--lr", "auto"]
    assert main(["train", str(patterns), "--out", str(tmp_path / "out"), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"lr_find suggests the learning rate \S+\.", lines[0])
    head = [number for number, line in enumerate(lines) if line.startswith("epoch ")]
    assert lines[head[0]].split() == ["epoch", "train_loss", "valid_loss", "error_rate", "time"]
    row = r"%d +\d\.\d{6} +\d\.\d{6} +\d\.\d{6} +\d\d:\d\d"
    assert lines[head[0] - 1] == "The head alone, 32 pixels:"
    assert re.fullmatch(row % 0, lines[head[0] + 1])
    assert lines[head[1] - 1] == "The whole network, 32 pixels:"
    for number in (0, 1):
        assert re.fullmatch(row % number, lines[head[1] + 1 + number])
    card = read_card(tmp_path / "out")
    assert {"report/losses.png", "report/lr_find.png"} <= card.files.keys()
    assert "--lr auto" in card.command


def test_the_same_seed_gives_the_same_answers_and_another_others(patterns: Path) -> None:
    options = Options(recipe="fine-tune", size=32, epochs=1)
    first, again = tune(patterns, options), tune(patterns, options)
    assert np.array_equal(first.probabilities, again.probabilities)
    other = tune(patterns, Options(recipe="fine-tune", size=32, epochs=1, seed=43))
    assert not np.allclose(first.probabilities, other.probabilities)


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Stopped("Stopped.")])
def test_who_stops_it_keeps_the_best_epoch_so_far(stop: BaseException, patterns: Path) -> None:
    """Two batches an epoch, one to learn from and one held out: the seventh is in the fourth epoch."""
    stopped = tune(patterns, SMALL, stopping_at(6, stop))
    figures = [epoch.figures["valid_loss"] for epoch in stopped.log.epochs]
    assert len(figures) == 3
    assert stopped.log.ended == "Stopped: the best epoch so far is kept."
    photos = scan(patterns)
    of_true = stopped.probabilities[np.arange(len(photos.held_out)), photos.labels[photos.held_out]]
    assert -np.log(of_true).mean() == pytest.approx(min(figures), abs=1e-3)


def test_who_stops_it_before_the_first_epoch_gets_nothing(patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped, match=r"^As it was before\.$"):
        train(
            patterns,
            tmp_path / "out",
            SMALL,
            FeatureStore(None),
            stopping_at(1, Stopped("As it was before.")),
        )
    assert not (tmp_path / "out").exists()


def test_a_stopped_training_says_so_on_its_card(patterns: Path, tmp_path: Path) -> None:
    card, _ = train(
        patterns, tmp_path / "out", SMALL, FeatureStore(None), stopping_at(6, KeyboardInterrupt())
    )
    assert "training ended early, and its best epoch was kept" in card.metrics["method"]


def test_patience_ends_it_and_keeps_the_best_epoch(patterns: Path) -> None:
    """With a learning rate at which nothing gets better."""
    options = Options(recipe="fine-tune", size=32, epochs=8, lr=3.0, patience=2)
    tuned = tune(patterns, options)
    assert len(tuned.log.epochs) < 9
    assert "No better since 2 epochs" in tuned.log.ended
    best = min(epoch.figures["valid_loss"] for epoch in tuned.log.epochs)
    photos = scan(patterns)
    of_true = tuned.probabilities[np.arange(len(photos.held_out)), photos.labels[photos.held_out]]
    assert -np.log(np.maximum(of_true, 1e-7)).mean() == pytest.approx(best, rel=1e-2)


def test_progressive_sizes_are_trained_one_after_the_other(patterns: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    options = Options(recipe="fine-tune", progressive=(32, 48), epochs=1)
    card, _ = train(patterns, tmp_path / "out", options, FeatureStore(None), unseen, events.append)
    epochs = [event for event in events if isinstance(event, Epoch)]
    assert [(epoch.size, epoch.frozen) for epoch in epochs] == [
        (32, True),
        (32, False),
        (48, True),
        (48, False),
    ]
    assert card.input_size == 48
    assert "network.onnx" in card.files


def test_the_suggested_rate_is_among_those_tried(patterns: Path) -> None:
    events: list[Event] = []
    tune(patterns, Options(recipe="fine-tune", size=32, epochs=1, lr="auto"), watch=events.append)
    assert isinstance(found := events[0], LearningRates)
    assert found.rates[0] < found.suggested < found.rates[-1]
    assert len(found.rates) == len(found.losses)


def test_half_precision_without_a_graphics_card_is_said(patterns: Path, tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    options = Options(recipe="fine-tune", fp16=True)
    with pytest.raises(UserError, match="graphics card"):
        train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)


@pytest.mark.parametrize("recipe", ["probe", "fine-tune"])
def test_a_folder_that_says_itself_what_is_held_out(recipe: str, patterns: Path, tmp_path: Path) -> None:
    """A version of a picture that is held out is not learned from, and that is said."""
    folder = tmp_path / "sorted"
    for part, numbers in (("train", range(6)), ("valid", range(6, 8))):
        for kind in patterns.iterdir():
            (folder / part / kind.name).mkdir(parents=True)
            for number in numbers:
                shutil.copy(kind / f"{kind.name}_{number}.jpg", folder / part / kind.name)
    leak = (patterns / "dots" / "dots_7.jpg").read_bytes() + b"\0"
    (folder / "train" / "dots" / "again.jpg").write_bytes(leak)
    options = (
        Options(recipe=recipe, size=32, epochs=1, valid="folder")
        if recipe == "fine-tune"
        else Options(size=32, valid="folder")
    )
    card, skipped = train(folder, tmp_path / "out", options, FeatureStore(None), unseen)
    assert card.metrics["n"] == 6
    assert card.metrics["method"].startswith("the photos of the folder valid")
    assert [(file.path.name, file.reason) for file in skipped] == [
        ("again.jpg", "The same picture is in valid, so it was not learned from.")
    ]
    assert "--valid folder" in card.command


def test_a_folder_without_train_and_valid_is_said(patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs the folders train and valid"):
        train(patterns, tmp_path / "out", Options(valid="folder"), FeatureStore(None), unseen)


def test_a_share_that_leaves_a_class_without_photos_is_said(patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="and none learned from"):
        train(patterns, tmp_path / "out", Options(size=32, valid=0.99), FeatureStore(None), unseen)


def test_a_probe_is_judged_on_the_share_that_it_did_not_learn_from(patterns: Path, tmp_path: Path) -> None:
    options = Options(size=32, valid=0.4, resize="pad")
    card, _ = train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)
    held_out = scan(patterns, 0.4).held_out
    assert card.metrics["n"] == len(held_out)
    assert card.metrics["method"].startswith("40 % of the pictures held out")
    out_of_sample = np.load(tmp_path / "out" / "features.npz")["out_of_sample"]
    assert np.flatnonzero(~np.isnan(out_of_sample[:, 0])).tolist() == held_out.tolist()
