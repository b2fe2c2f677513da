"""The curation worker and the line to it: real processes, as a page has them."""

from __future__ import annotations

import io
import os
import shutil
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from bearclf.protocol.base import Done, Refused, Restarting
from bearclf.protocol.curation import (
    AddArchive,
    Applied,
    ApplyChanges,
    FileContent,
    FolderChanged,
    MakeReport,
    Promote,
    Promoted,
    SheetPage,
    ShowSheet,
    ShowWays,
    StageArchive,
    UndoStep,
    WaySeen,
)
from bearclf.protocol.finding import AddFound, FindPhotos, Found, StopFinding
from bearclf.protocol.records import Change, Focus
from bearclf.service.line import curation_line
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import Answer, played
from tests.helpers.pages import Page, curation_workers


def sheet(page: Page) -> SheetPage:
    wanted = ShowSheet(label="", part="all", order="folder", focus=Focus(), page=0, page_size=6)
    return page.ask(wanted).wait_for(SheetPage)


@pytest.fixture
def folder(patterns: Path, pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEARCLF_BUNDLE", str(pattern_bundle))
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(patterns, tmp_path / "training"))


def test_a_report_comes_to_who_asked_for_it(folder: Path) -> None:
    page = Page(curation_line, folder)
    while page.heard.wait_for(FolderChanged).looking:
        pass
    made = page.ask(MakeReport(0)).wait_for(FileContent)
    assert made.name == "report on the original model.html"
    assert b"How good is" in made.content
    page.line.close()


def test_two_pages_share_a_worker_and_hear_of_each_others_changes(folder: Path) -> None:
    page, other = Page(curation_line, folder), Page(curation_line, folder)
    assert page.heard.wait_for(FolderChanged).summary.classes == {"checks": 8, "dots": 8, "stripes": 8}
    other.heard.wait_for(FolderChanged)
    assert len(curation_workers(folder)) == 1
    photos = sheet(page).photos
    assert [photo.name for photo in photos] == [f"checks_{number}.jpg" for number in range(6)]
    assert all(photo.thumbnail.startswith(b"\xff\xd8") for photo in photos)
    first = photos[0]
    change = Change(label=first.label, name=first.name, digest=first.digest, to="dots")
    done = page.ask(ApplyChanges((change,))).wait_for(Applied)
    assert done.news == "1 photo moved to another class."
    while other.heard.wait_for(FolderChanged).summary.classes["dots"] != 9:
        pass
    assert page.ask(UndoStep(99)).wait_for(Refused).message.endswith(".")


def test_a_zip_comes_in_slices_and_one_with_a_gap_is_refused(folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("waves/1.jpg", encoded(pattern("dots", 91)))
    content = packed.getvalue()
    page = Page(curation_line, folder)
    for start in range(0, len(content), 300):
        slice_ = StageArchive(batch="whole", start=start, content=content[start : start + 300])
        page.ask(slice_).wait_for(Done)
    assert page.ask(AddArchive("whole")).wait_for(Applied).news == "1 photo added."
    assert [path.suffix for path in (folder / "waves").iterdir()] == [".jpg"]

    page.ask(StageArchive(batch="gap", start=0, content=content[:300])).wait_for(Done)
    late = page.ask(StageArchive(batch="gap", start=600, content=content[600:]))
    assert "only in part" in late.wait_for(Refused).message
    assert "only in part" in page.ask(AddArchive("gap")).wait_for(Refused).message
    assert "empty" in page.ask(AddArchive("never sent")).wait_for(Refused).message


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are any bytes")
def test_names_that_are_no_text_close_nothing(folder: Path) -> None:
    """As an old archive leaves them: one such folder kept the tab at its start, one such photo closed it."""
    odd_folder, odd_photo = (os.fsdecode(name) for name in (b"b\xe4ren", b"b\xe4r.jpg"))
    (folder / odd_folder).mkdir()
    photo = encoded(pattern("dots", 77))
    (folder / odd_folder / "1.jpg").write_bytes(photo)
    (folder / "dots" / odd_photo).write_bytes(photo)
    page = Page(curation_line, folder)
    while page.heard.wait_for(FolderChanged).looking:
        pass
    assert sheet(page).total == 24
    assert page.ask(Promote(0)).wait_for(Promoted).news


def test_a_search_keeps_nobody_waiting(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither others nor whoever searches, although a server says nothing."""
    (tmp_path / "elsewhere").mkdir()
    speak = threading.Event()
    with played(tmp_path / "elsewhere", monkeypatch) as elsewhere:
        elsewhere.found(elsewhere.photo("quick.jpg"), elsewhere.photo("slow.jpg", Answer(silent=speak)))
        monkeypatch.setenv("BEARCLF_CACHE", str(tmp_path / "cache"))
        page, other = Page(curation_line, folder), Page(curation_line, folder)
        asked = FindPhotos(search="one", words="bear", label="bear", source="openverse", licences=None)
        try:
            heard = page.ask(asked)
            found = heard.wait_for(Found)
            while not found.photos:
                found = heard.wait_for(Found)
            assert not found.over
            assert sheet(other).total == sheet(page).total == 24
            assert page.ask(StopFinding("one")).wait_for(Done)
            assert heard.wait_for(Found).over
        finally:
            speak.set()
        added = AddFound("one", (found.photos[0].digest,))
        assert page.ask(added).wait_for(Applied).news == "1 photo added."
        assert page.ask(added).wait_for(Refused).message.endswith("search again.")


def test_a_worker_that_dies_is_replaced_and_nothing_is_asked_twice(folder: Path) -> None:
    page = Page(curation_line, folder)
    sheet(page)
    [worker] = curation_workers(folder)
    worker.kill()
    page.heard.wait_for(Restarting)
    assert sheet(page).total == 24
    assert [found.pid for found in curation_workers(folder)] != [worker.pid]


def test_a_page_is_shown_how_photos_are_seen_one_way_after_the_other(folder: Path) -> None:
    (folder / "dots" / "dots_0.jpg").write_bytes(b"no photo")
    page = Page(curation_line, folder)
    replies = page.ask(ShowWays("dots", 3))
    first = replies.wait_for(WaySeen)
    ways = [first, *(replies.wait_for(WaySeen) for _ in range(first.total - 1))]
    assert [way.number for way in ways] == list(range(1, first.total + 1))
    assert all(way.picture[8:12] == b"WEBP" for way in ways)
    assert {"Crop", "Pad", "Squish", "Flip", "Rotate", "Zoom", "Warp", "Light"} <= {way.title for way in ways}
    for label in ("../training", "owl"):
        assert "no photos of a class" in page.ask(ShowWays(label, 0)).wait_for(Refused).message
    assert "don't understand" in page.ask(ShowWays("dots", -1)).wait_for(Refused).message
    assert sheet(page).total == 24
