"""The sheet of training photos: what is known of each, and in which order they come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bearclf.curation.catalogue import Catalogue, compile_catalogue, list_files
from bearclf.curation.scores import Scores
from bearclf.photos.decode import PhotoError
from bearclf.photos.folders import list_photos
from bearclf.photos.progress import unseen
from bearclf.photos.scan_results import file_digest
from bearclf.photos.store import FeatureStore
from bearclf.protocol.records import Focus

NOTHING = Focus()


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

    monkeypatch.setattr("bearclf.photos.scan_results.file_digest", reading)
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


@pytest.mark.slow
def test_what_is_no_photo_is_a_finding_to_act_on(folder: Path, store: FeatureStore) -> None:
    (folder / "dots" / "empty.jpg").touch()
    catalogue = open_folder(folder, store, None)
    assert not catalogue.notes, "nobody has looked yet"
    from bearclf.features.scan import scan_files

    known = list_files(folder, store)
    scan_files(known.photos, known.unreadable, store, unseen)
    catalogue = open_folder(folder, store, None)
    [finding] = [found for found in catalogue.findings if found.kind == "no-photo"]
    assert finding.title == "1 file that isn't a photo"
    shown = catalogue.select("", "all", "mislabelled", Focus(finding="no-photo"))
    assert names(catalogue, shown) == ["empty.jpg"]
    assert "empty" in catalogue.notes[shown[0]]
    assert len(catalogue.select("", "train", "folder", NOTHING)) < 24
