"""The sheet of training photos: what is known of each, and in which order they come."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bearclf.curation.catalogue import Catalogue, KnownFiles, compile_catalogue, list_files
from bearclf.curation.scores import Scores, load_scores, save_scores
from bearclf.curation.sheet import page_of_folder
from bearclf.models.bundle import FEATURES, TrainingRecord
from bearclf.photos.decode import PhotoError
from bearclf.photos.folders import list_photos
from bearclf.photos.scanned import SkippedFile, file_digest
from bearclf.photos.store import FeatureStore
from bearclf.protocol.records import Focus
from tests.helpers.drawings import CLASSES

NOTHING = Focus()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeatureStore]:
    with FeatureStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def folder(patterns: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns, tmp_path / "patterns"))


@pytest.fixture
def scores(pattern_bundle: Path) -> Scores:
    return Scores.of(CLASSES, TrainingRecord.load((pattern_bundle / FEATURES).read_bytes()))


def open_folder(folder: Path, store: FeatureStore, scores: Scores | None) -> Catalogue:
    return compile_catalogue(folder, list_files(folder, store), store, scores)


def names(catalogue: Catalogue, indices: np.ndarray) -> list[str]:
    return [catalogue.photos[index].path.name for index in indices]


def test_every_photo_is_there_before_anything_is_known_of_it(folder: Path, store: FeatureStore) -> None:
    catalogue = open_folder(folder, store, None)
    for order in ("mislabelled", "loss", "typicality", "folder"):
        assert len(catalogue.select("", "all", order, NOTHING)) == 24
    assert set(catalogue.predicted) == {""}
    parts = [set(catalogue.select("", part, "folder", NOTHING)) for part in ("train", "valid")]
    assert len(parts[0]) + len(parts[1]) == 24
    assert all(parts)


def test_a_photo_in_the_wrong_class_comes_first(folder: Path, store: FeatureStore, scores: Scores) -> None:
    wrong = folder / "stripes" / "dots_3.jpg"
    (folder / "dots" / "dots_3.jpg").rename(wrong)
    catalogue = open_folder(folder, store, scores)
    by_loss = catalogue.select("", "all", "loss", NOTHING)
    assert names(catalogue, by_loss)[0] == "dots_3.jpg"
    assert catalogue.predicted[by_loss[0]] == "dots"
    in_cell = catalogue.select("", "all", "loss", Focus(cell=("stripes", "dots")))
    assert names(catalogue, in_cell) == ["dots_3.jpg"]
    assert names(catalogue, catalogue.select("stripes", "all", "loss", NOTHING))[0] == "dots_3.jpg"
    # Who moved it has judged it: it isn't suspected again until the next training.
    assert np.isnan(catalogue.quality[by_loss[0]])


def test_files_that_did_not_change_are_not_read_again(
    folder: Path, store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [photo.digest for photo in list_files(folder, store).photos]
    changed = folder / "dots" / "dots_1.jpg"
    changed.write_bytes((folder / "checks" / "checks_1.jpg").read_bytes())
    read: list[Path] = []

    def reading(path: Path) -> str | PhotoError:
        read.append(path)
        return file_digest(path)

    monkeypatch.setattr("bearclf.photos.scanned.file_digest", reading)
    after = [photo.digest for photo in list_files(folder, store).photos]
    assert read == [changed]
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_file_that_goes_while_the_folder_is_read_is_one_that_cant_be_read(
    folder: Path, store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = list_photos(folder)
    monkeypatch.setattr("bearclf.curation.catalogue.list_photos", lambda _: listed)
    gone = folder / "dots" / "dots_1.jpg"
    gone.unlink()
    known = list_files(folder, store)
    assert len(known.photos) == 23
    assert [(file.path, file.reason) for file in known.unreadable] == [(gone, "There is no such file.")]
    catalogue = compile_catalogue(folder, known, store, None)
    assert catalogue.notes == {9: "There is no such file."}


def test_of_files_that_could_not_be_read_each_shows_its_own_picture(
    folder: Path, store: FeatureStore
) -> None:
    paths = [folder / label / f"{label}_1.jpg" for label in ("dots", "stripes")]
    busy = KnownFiles([], [SkippedFile(path, "It was busy.") for path in paths], is_complete=True)
    catalogue = compile_catalogue(folder, busy, store, None)
    pages = [page_of_folder(catalogue, np.array([index]), 0, 1, store) for index in (0, 1)]
    assert pages[0].photos[0].thumbnail != pages[1].photos[0].thumbnail


def test_scores_outlive_a_restart(folder: Path, tmp_path: Path, scores: Scores) -> None:
    with FeatureStore(tmp_path / "store") as store:
        save_scores(scores, folder, store)
    with FeatureStore(tmp_path / "store") as store:
        kept = load_scores(folder, store)
        assert load_scores(tmp_path, store) is None
    assert kept is not None
    np.testing.assert_array_equal(kept.probabilities, scores.probabilities)
    assert open_folder(folder, FeatureStore(None), kept).mislabelled.sum() == 0


def test_what_is_no_photo_is_a_finding_to_act_on(folder: Path, store: FeatureStore) -> None:
    (folder / "dots" / "empty.jpg").touch()
    catalogue = open_folder(folder, store, None)
    assert not catalogue.notes, "nobody has looked yet"
    from bearclf.features.scan import look_at
    from tests.conftest import no_progress

    known = list_files(folder, store)
    look_at(known.photos, known.unreadable, store, no_progress)
    catalogue = open_folder(folder, store, None)
    [finding] = [found for found in catalogue.findings if found.kind == "no-photo"]
    assert finding.title == "1 file that isn't a photo"
    shown = catalogue.select("", "all", "mislabelled", Focus(finding="no-photo"))
    assert names(catalogue, shown) == ["empty.jpg"]
    assert "empty" in catalogue.notes[shown[0]]
    assert len(catalogue.select("", "train", "folder", NOTHING)) < 24


def test_digests_that_end_in_zeros_are_found(scores: Scores) -> None:
    digest = scores.digests[5].ljust(32, b"\0").hex()
    assert scores.rows([digest, "00" * 32]).tolist() == [5, -1]
