"""Photos that come: one by one, or as a zip."""

from __future__ import annotations

import html
from typing import Any

import pytest

from bearclf.errors import OUR_FAULT
from bearclf.protocol.curation import AddArchive, AddStaged, StageArchive, StagePhoto
from bearclf.settings import MAX_BATCH_PHOTOS
from bearclf.ui.clean.tab import CleanTab
from bearclf.ui.drop_zone import MAX_ARCHIVE_BYTES
from tests.helpers.clean_tab import BEARS, bench, press, visible
from tests.helpers.fake_curation import folder
from tests.helpers.fakes import FakeLine
from tests.helpers.widgets import send


def say(tab: CleanTab, message: dict[str, Any], *buffers: bytes) -> None:
    """As the drop zone in a browser does."""
    zone = bench(tab).adding.drop_zone
    send(zone, message, *buffers)


def test_photos_are_added_to_a_class_as_one_step(tab: CleanTab, line: FakeLine) -> None:
    press(tab, "Add photos")
    adding = bench(tab).adding
    adding.label.set_state({"index": 1})
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg", "b.txt", "c.jpg"]})
    say(tab, {"kind": "photo", "batch": 1, "index": 0}, b"A")
    say(tab, {"kind": "refused", "batch": 1, "index": 1, "reason": "no_photo"})
    assert not line.requests(AddStaged)
    say(tab, {"kind": "photo", "batch": 1, "index": 2}, b"C")
    staged = line.requests(StagePhoto)
    assert [(asked.label, asked.name, asked.content) for asked in staged] == [
        ("grizzly", "a.jpg", b"A"),
        ("grizzly", "c.jpg", b"C"),
    ]
    [added] = line.requests(AddStaged)
    assert {asked.batch for asked in staged} == {added.batch}
    assert "2 of 3 photos sent" in adding.progress.value
    assert "b.txt: This file isn't a photo" in html.unescape(adding.progress.value)


def test_a_new_class_needs_a_name(tab: CleanTab, line: FakeLine) -> None:
    press(tab, "Add photos")
    adding = bench(tab).adding
    adding.label.set_state({"index": 0})
    assert not visible(adding.new_label)
    adding.label.set_state({"index": 2})
    assert visible(adding.new_label)
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg"]})
    say(tab, {"kind": "photo", "batch": 1, "index": 0}, b"A")
    assert "choose a class, or give the new one a name" in tab.problem.value
    assert not line.requests(StagePhoto)
    adding.new_label.value = " panda "
    say(tab, {"kind": "batch", "batch": 2, "names": ["a.jpg"]})
    say(tab, {"kind": "photo", "batch": 2, "index": 0}, b"A")
    assert line.requests(StagePhoto)[0].label == "panda"
    line.announce(folder({**BEARS, "panda": 1}))
    assert adding.label.value == "panda"
    assert bench(tab).view == "adding"
    press(adding, "Back to the photos")
    assert bench(tab).view == "sheet"


def test_a_zip_is_passed_on_in_slices(tab: CleanTab, line: FakeLine) -> None:
    say(tab, {"kind": "archive", "size": 5})
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    assert not line.requests(AddArchive)
    say(tab, {"kind": "slice", "start": 0}, b"abc")  # again: not taken
    say(tab, {"kind": "slice", "start": 3}, b"de")
    [asked] = line.requests(AddArchive)
    slices = [(part.batch, part.start, part.content) for part in line.requests(StageArchive)]
    assert slices == [(asked.batch, 0, b"abc"), (asked.batch, 3, b"de")]


def test_a_zip_that_is_too_large_or_lies_is_not_passed_on(tab: CleanTab, line: FakeLine) -> None:
    say(tab, {"kind": "archive", "size": MAX_ARCHIVE_BYTES + 1})
    assert "larger than 512 MB" in tab.problem.value
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    say(tab, {"kind": "archive", "size": 2})
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    assert "differently from how it was announced" in tab.problem.value
    assert not line.requests(StageArchive)
    assert not line.requests(AddArchive)


def test_too_many_photos_at_once_are_refused(tab: CleanTab, line: FakeLine) -> None:
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg"] * (MAX_BATCH_PHOTOS + 1)})
    assert "too much at once" in tab.problem.value
    say(tab, {"kind": "too_much"})
    assert "Nothing was sent" in tab.problem.value


@pytest.mark.parametrize(
    "message",
    [{"kind": "batch"}, {"kind": "archive", "size": "x"}, {"kind": "photo"}, {"kind": "refused"}],
)
def test_a_forged_message_is_answered_with_a_sentence(tab: CleanTab, message: dict[str, Any]) -> None:
    say(tab, message, b"x")
    assert OUR_FAULT in tab.problem.value
