"""Photos that are found: one line to ask, everything ticked, one button; whatever a browser sends."""

from __future__ import annotations

import html
from typing import Any

import pytest

from bearclf.protocol.base import Refused
from bearclf.protocol.curation import Applied
from bearclf.protocol.finding import AddFound, FindPhotos, ForgetFound, Found, StopFinding
from bearclf.protocol.records import Attribution, FoundPhoto
from bearclf.ui.clean.find_photos import LICENCES, SOURCES
from bearclf.ui.clean.find_photos import FindPhotos as Panel
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import bench, fill, find, press, slots, text, visible
from tests.helpers.fake_curation import folder, photo
from tests.helpers.fakes import FakeLine

CREDIT: dict[str, Any] = {
    "title": "Old bear",
    "creator": "Ana Müller",
    "licence": "CC BY 2.0",
    "licence_url": "https://creativecommons.org/licenses/by/2.0/",
    "landing_page": "https://photos.example.org/1",
    "source": "Openverse, flickr",
}


def found(number: int, taken_out: bool = False, **more: Any) -> FoundPhoto:
    by = Attribution(**(CREDIT | more))
    return FoundPhoto(digest=f"{number:064x}", attribution=by, thumbnail=b"JPEG", taken_out=taken_out)


@pytest.fixture
def panel(tab: CleanTab) -> Panel:
    press(tab, "Find photos")
    return bench(tab).finding


def search(panel: Panel, line: FakeLine, *photos: FoundPhoto, said: str = "") -> FindPhotos:
    panel.words.value = "grizzly bear"
    press(panel, "Search")
    asked = line.requests(FindPhotos)[-1]
    line.reply(FindPhotos, Found(label=asked.label, photos=photos, over=True, said=said))
    return asked


def test_everything_found_is_ticked_and_what_was_taken_out_is_not(panel: Panel, line: FakeLine) -> None:
    panel.label.set_state({"index": 1})
    asked = search(panel, line, found(1), found(2), found(3, taken_out=True), said="Passed over: 1 <b>.")
    assert (asked.label, asked.source, asked.licences) == (
        "grizzly",
        "openverse",
        ("cc0", "pdm", "by", "by-sa"),
    )
    assert [tile.ticked for tile in panel.tiles.items] == [True, True, False]
    assert panel.tiles.items[0].spoken == "“Old bear”, by Ana Müller, CC BY 2.0"
    assert panel.tiles.items[0].credit == ["Ana Müller ·", "CC BY 2.0"]
    assert "taken out before" in panel.tiles.items[2].spoken
    assert "&lt;b&gt;" in panel.said.value
    panel.tiles.items[0].set_state({"ticked": False})
    press(panel, "Add 1 to “grizzly”")
    [added] = line.requests(AddFound)
    assert added == AddFound(asked.search, (f"{2:064x}",))
    line.reply(AddFound, Applied(news="1 photo added.", problem=""))
    assert panel.tiles.items == ()
    assert "1 photo added." in text(panel)
    assert "1 photo added." in panel.tiles.announcement
    assert not visible(panel.bar)


def test_photos_come_one_after_another_and_stopping_waits_for_nobody(panel: Panel, line: FakeLine) -> None:
    panel.words.value = "bear"
    press(panel, "Search")
    line.reply(FindPhotos, Found(label="bear", photos=(found(1),)), more=True)
    assert "Looking… 1 found" in text(panel.bar)
    press(panel, "Stop")
    assert line.requests(StopFinding)
    assert find(panel, "Stop") is None
    line.reply(FindPhotos, Found(label="bear", photos=(found(2),), over=True))
    assert len(panel.tiles.items) == 2, "it had come when it was stopped"
    press(panel, "Drop all")
    assert line.requests(ForgetFound)
    assert not panel.tiles.items


def test_what_an_earlier_search_finds_is_not_mixed_in(panel: Panel, line: FakeLine) -> None:
    panel.words.value = "bear"
    press(panel, "Search")
    panel.words.value = "panda"
    press(panel, "Search")
    first, second = line.requests(FindPhotos)
    assert line.requests(ForgetFound) == [ForgetFound(first.search)]
    line.reply(FindPhotos, Found(label="bear", photos=(found(1),), over=True))
    assert panel.tiles.items == ()
    line.reply(FindPhotos, Found(label="panda", photos=(found(2),), over=True))
    press(panel, "Add 1 to “panda”")
    assert line.requests(AddFound)[0].search == second.search


def test_a_new_class_is_called_as_the_words_unless_it_has_a_name(panel: Panel, line: FakeLine) -> None:
    panel.label.set_state({"index": 2})
    assert search(panel, line).label == "grizzly bear"
    panel.new_label.value = " panda "
    assert search(panel, line).label == "panda"


def test_words_are_needed(tab: CleanTab, panel: Panel, line: FakeLine) -> None:
    panel.words.value = "  "
    press(panel, "Search")
    assert "say what the photos should show" in tab.problem.value
    assert not line.requests(FindPhotos)


@pytest.mark.parametrize("index", range(len(SOURCES)))
def test_where_to_search_is_chosen_and_told(index: int, panel: Panel, line: FakeLine) -> None:
    press(panel, "Change")
    panel.source.set_state({"index": index})
    panel.licence.set_state({"index": 1})
    panel.dataset.value = " ana/bears "
    name = list(SOURCES.values())[index][0]
    asked = search(panel, line)
    assert asked.source == ("kaggle:ana/bears" if name == "kaggle" else name)
    knows_licences = name in ("openverse", "inaturalist")
    assert asked.licences == (LICENCES["for any use, naming nobody"] if knows_licences else None)
    assert visible(panel.licence) == knows_licences
    assert visible(panel.dataset) == (name == "kaggle")
    assert "This server" in panel.about.value
    assert ("trying things out" in panel.about.value) == (name == "ddgs")


def test_a_refusal_leaves_what_was_found(tab: CleanTab, panel: Panel, line: FakeLine) -> None:
    search(panel, line, found(1))
    press(panel, "Add 1 to “grizzly bear”")
    assert panel.add.disabled, "once is enough"
    line.reply(AddFound, Refused("Somebody else is changing these photos."))
    assert "Somebody else" in tab.problem.value
    assert len(panel.tiles.items) == 1
    press(panel, "Add 1 to “grizzly bear”")
    assert len(line.requests(AddFound)) == 1


def test_a_search_that_fails_can_be_followed_by_another(tab: CleanTab, panel: Panel, line: FakeLine) -> None:
    panel.words.value = "bear"
    press(panel, "Search")
    line.reply(FindPhotos, Refused("Openverse is out of reach."))
    assert "out of reach" in tab.problem.value
    assert not visible(panel.bar)
    search(panel, line, found(1))
    assert len(panel.tiles.items) == 1


def test_forged_tiles_add_nothing_else(panel: Panel, line: FakeLine) -> None:
    search(panel, line, found(1))
    panel.tiles.items[0].set_state({"title": "forged", "link": "javascript:alert(1)", "ticked": True})
    panel.add.click()
    assert line.requests(AddFound)[0].digests == (f"{1:064x}",)


def test_where_it_is_switched_off_it_is_not_offered(
    tab: CleanTab, line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find(tab, "Find photos")
    monkeypatch.setenv("BEARCLF_FIND", "off")
    line.announce(folder({"black": 1}))
    assert find(tab, "Find photos") is None


def test_a_tile_on_the_sheet_names_creator_and_licence(tab: CleanTab, line: FakeLine) -> None:
    evil = {"creator": "<img src=x onerror=1>", "landing_page": 'https://x/"onclick="alert(1)'}
    unknown = {"creator": "unknown", "licence": "unknown", "landing_page": "", "licence_url": ""}
    line.announce(folder({"black": 3}))
    credits = [Attribution(**(CREDIT | more)) for more in ({}, evil, unknown)]
    fill(tab, line, *(photo(number, "black", attribution=by) for number, by in enumerate(credits)))
    first, second, third = slots(tab)
    assert 'href="https://photos.example.org/1"' in first.words.value
    assert "Ana Müller ·" in text(first.words)
    assert "by Ana Müller, CC BY 2.0" in html.unescape(first.picture.value)
    assert "<img" not in second.words.value
    assert '"onclick' not in second.words.value
    assert "Creator and licence unknown" in text(third.words)
    assert "<a " not in third.words.value


def test_what_comes_after_it_was_added_is_passed_over(panel: Panel, line: FakeLine) -> None:
    panel.words.value = "grizzly bear"
    press(panel, "Search")
    line.reply(FindPhotos, Found(label="grizzly bear", photos=(found(1),)), more=True)
    press(panel, "Add 1 to “grizzly bear”")
    line.reply(AddFound, Applied(news="1 photo added.", problem=""))
    line.reply(FindPhotos, Found(label="grizzly bear", photos=(found(2),), over=True, said="Late."))
    assert panel.tiles.items == ()
    assert "1 photo added." in text(panel)
