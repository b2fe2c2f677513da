from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import WeakSet

import numpy as np
import pytest
from PIL import Image

from bearclf.photos.decode import decode
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.settings import DEFAULT_ARCHITECTURE
from tests.helpers.drawings import class_folders, encoded, pattern, teddy


def test_a_photo_is_looked_at_once_even_if_it_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bearclf.features import scan

    folder = class_folders(tmp_path / "photos", each=3)
    looked: list[int] = []

    def noted(data: bytes) -> Image.Image:
        looked.append(len(data))
        return decode(data)

    monkeypatch.setattr(scan, "decode", noted)
    with FeatureStore(tmp_path / "cache") as store:
        first = scan.scan_folder(folder, store, unseen)
        assert len(looked) == 9
        (folder / "dots" / "dots_0.jpg").rename(folder / "stripes" / "moved.jpg")
        second = scan.scan_folder(folder, store, unseen)
    assert len(looked) == 9
    assert sorted(p.digest for p in first.photos) == sorted(p.digest for p in second.photos)


def test_files_that_are_no_photos_are_named_and_skipped(tmp_path: Path) -> None:
    from bearclf.features.scan import scan_folder

    folder = class_folders(tmp_path, each=3)
    (folder / "dots" / "broken.jpg").write_bytes(encoded(teddy())[:5000])
    (folder / "dots" / "text.png").write_text("not a picture")
    placeholder = teddy().point(lambda _: 235)
    placeholder.paste((90, 90, 90), (250, 290, 350, 300))
    (folder / "checks" / "no_image.png").write_bytes(encoded(placeholder, "PNG"))
    with FeatureStore(None) as store:
        scanned = scan_folder(folder, store, unseen)
    assert len(scanned.photos) == 9
    reasons = {file.path.name: file.reason for file in scanned.skipped}
    assert reasons.keys() == {"broken.jpg", "text.png", "no_image.png"}
    assert "placeholder" in reasons["no_image.png"]
    assert "damaged" in reasons["broken.jpg"]


def test_a_photo_that_is_moved_while_it_is_looked_at_is_a_photo_afterwards(tmp_path: Path) -> None:
    from bearclf.features.scan import scan_files, scan_folder
    from bearclf.photos.scan_results import hash_photos

    folder = class_folders(tmp_path / "photos", each=3)
    with FeatureStore(tmp_path / "cache") as store:
        photos, unreadable = hash_photos(folder)
        photos[0].path.rename(folder / "dots" / "moved.jpg")
        assert len(scan_files(photos, unreadable, store, unseen).photos) == 8
        assert len(scan_folder(folder, store, unseen).photos) == 9


def test_a_photo_that_is_moved_before_its_variants_are_looked_at_stops_nothing(tmp_path: Path) -> None:
    from bearclf.features.backbones import pretrained_backbone
    from bearclf.features.scan import scan_folder, scan_variants
    from bearclf.training.options import Options
    from bearclf.training.recipes import probe_featurizer

    folder = class_folders(tmp_path / "photos", each=1)
    featurizer = probe_featurizer(pretrained_backbone(DEFAULT_ARCHITECTURE), Options(size=64))
    with FeatureStore(None) as store:
        photos = scan_folder(folder, store, unseen, featurizer).photos
        photos[0].path.unlink()
        variants = scan_variants(photos, store, unseen, featurizer)
        assert [row[0] for row in np.isnan(variants["small"])] == [True, False, False]
        photos[1].path.unlink()  # what was seen once isn't looked at again
        assert not np.isnan(scan_variants(photos[1:], store, unseen, featurizer)["drawn"]).any()


def test_copies_of_a_photo_share_a_group(tmp_path: Path) -> None:
    from bearclf.features.scan import scan_folder

    folder = class_folders(tmp_path, each=3)
    original = pattern("dots", 1000).resize((300, 250))
    (folder / "dots" / "dots_0.jpg").write_bytes(encoded(original, quality=90))
    (folder / "stripes" / "copy.png").write_bytes(encoded(original.resize((200, 170)), "PNG"))
    with FeatureStore(None) as store:
        scanned = scan_folder(folder, store, unseen)
    group = {photo.path.name: group for photo, group in zip(scanned.photos, scanned.groups, strict=True)}
    assert group["copy.png"] == group["dots_0.jpg"]
    assert len(set(group.values())) == 9


def test_an_interrupted_first_look_keeps_what_it_did(tmp_path: Path) -> None:
    from bearclf.features.scan import SCAN_BATCH, scan_folder

    folder = class_folders(tmp_path / "photos", each=4)

    def stop_after_six(steps, total, description):  # type: ignore[no-untyped-def]
        for number, step in enumerate(steps):
            if number == 6:
                raise KeyboardInterrupt
            yield step

    with FeatureStore(tmp_path / "cache") as store, pytest.raises(KeyboardInterrupt):
        scan_folder(folder, store, stop_after_six)
    rows = sqlite3.connect(tmp_path / "cache" / "features.sqlite").execute("SELECT count(*) FROM computed")
    assert rows.fetchone()[0] == SCAN_BATCH


class Looked:
    """Stands for what a photo was turned into."""


def test_photos_are_let_go_once_they_were_looked_at() -> None:
    """Twenty thousand of them don't fit into the memory."""
    from bearclf.features.scan import ahead

    alive, most = WeakSet[Looked](), 0

    def look(number: int) -> Looked:
        alive.add(looked := Looked())
        return looked

    with ThreadPoolExecutor(2) as pool:
        for place, (number, _) in enumerate(ahead(pool, look, list(range(300)))):
            assert number == place
            most = max(most, len(alive))
    assert 0 < most < 60
