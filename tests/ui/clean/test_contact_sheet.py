"""The photos, and what is marked there."""

from __future__ import annotations

import html

from bearclf.protocol.base import Refused
from bearclf.protocol.curation import SheetPage, ShowSheet
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import bench, choose, fill, press, say_shown, slots, text, visible
from tests.helpers.fake_curation import folder, photo
from tests.helpers.fakes import FakeLine
from tests.helpers.widgets import css_classes


def test_slots_say_label_answer_probability_and_loss(tab: CleanTab) -> None:
    words = html.unescape(slots(tab)[1].words.value)
    for part in ("black</span> → <b>grizzly", "0.75", "loss 0.29"):
        assert part in words
    assert 'alt="black photo black_2.jpg"' in slots(tab)[1].picture.value
    assert slots(tab)[1].choice.options == ("keep", "delete", "move to grizzly")
    assert bench(tab).sheet.browser.names[1] == "black photo black_2.jpg"


def test_marks_colour_their_slots_and_are_counted(tab: CleanTab) -> None:
    assert not visible(bench(tab).pending)
    first, second, third = slots(tab)
    choose(first, "move to grizzly")
    choose(third, "delete")
    assert "2 changes waiting: 1 to move, 1 to delete" in text(bench(tab).pending)
    assert "bearclf-moved" in css_classes(first)
    assert "bearclf-gone" in css_classes(third)
    assert not {"bearclf-moved", "bearclf-gone"} & css_classes(second)
    choose(third, "keep")
    assert "1 change waiting: 1 to move" in text(bench(tab).pending)
    press(bench(tab).pending, "Clear")
    assert first.choice.index == 0
    assert not visible(bench(tab).pending)


def test_marks_survive_every_change_of_what_is_shown(tab: CleanTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "delete")
    bench(tab).sheet.label.set_state({"index": 2})
    bench(tab).sheet.part.set_state({"index": 1})
    bench(tab).sheet.order.set_state({"index": 4})
    asked = line.requests(ShowSheet)[-1]
    assert (asked.label, asked.part, asked.order, asked.page) == (
        "grizzly",
        "train",
        "visitors",
        0,
    )
    fill(tab, line, photo(3, "grizzly"))
    assert slots(tab)[0].choice.index == 0
    assert "1 change waiting" in text(bench(tab).pending)
    fill_again = photo(1, "black")
    bench(tab).sheet.label.set_state({"index": 0})
    fill(tab, line, fill_again)
    assert slots(tab)[0].choice.index == 1
    assert "bearclf-gone" in css_classes(slots(tab)[0])


def test_slots_are_made_once(tab: CleanTab, line: FakeLine) -> None:
    before = bench(tab).sheet.grid.children
    tab.state.go(0)
    fill(tab, line, *(photo(number, "black") for number in range(24)), pages=2, total=30)
    assert bench(tab).sheet.grid.children is before
    assert len(slots(tab)) == 24


def test_a_choice_on_its_way_is_meant_for_the_photo_that_was_seen(tab: CleanTab, line: FakeLine) -> None:
    tab.state.go(1)
    fill(tab, line, photo(7, "grizzly"), shown=False, page=1, pages=2)
    [slot] = slots(tab)
    slot.choice.set_state({"index": 1})  # the browser still shows the first page
    assert list(tab.state.marks) == ["black/1"]
    assert slot.choice.index == 0
    say_shown(tab)
    slot.choice.set_state({"index": 1})
    assert list(tab.state.marks) == ["black/1", "grizzly/7"]


def test_keys_make_the_choices_of_their_class(tab: CleanTab) -> None:
    black, _, grizzly = bench(tab).sheet.browser.shortcuts
    assert black == {"k": 0, "d": 1, "1": 0, "2": 2}
    assert grizzly == {"k": 0, "d": 1, "1": 2, "2": 0}
    assert "1 black" in bench(tab).sheet.hint.value


def test_visitors_photos_have_choices_of_their_own(tab: CleanTab, line: FakeLine) -> None:
    tab.state.go(0)
    fill(tab, line, photo(9, "black", feedback_id=4), photo(3, "grizzly"))
    visitors = slots(tab)[0]
    assert visitors.choice.options == ("leave waiting", "discard", "add to black", "add to grizzly")
    assert bench(tab).sheet.browser.shortcuts[0]["1"] == 2
    choose(visitors, "add to black")
    assert "1 to add" in text(bench(tab).pending)


def test_every_page_can_be_reached(tab: CleanTab, line: FakeLine) -> None:
    sheet_view = bench(tab).sheet
    assert not visible(sheet_view.pager)
    tab.state.go(0)
    fill(tab, line, photo(1, "black"), pages=3, total=50)
    assert sheet_view.before.disabled
    press(sheet_view, "Next page")
    assert line.requests(ShowSheet)[-1].page == 1
    fill(tab, line, photo(2, "black"), page=1, pages=3, total=50)
    sheet_view.pages.set_state({"index": 2})
    assert line.requests(ShowSheet)[-1].page == 2
    fill(tab, line, photo(3, "grizzly"), page=2, pages=3, total=50)
    assert sheet_view.after.disabled


def test_no_refill_is_taken_for_a_choice(tab: CleanTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "move to grizzly")
    line.announce(folder({"black": 2, "brown": 1, "grizzly": 1}))
    fill(tab, line, photo(3, "grizzly"), photo(1, "black"))
    assert [mark.name for mark in tab.state.marks.values()] == ["black_1.jpg"]
    assert slots(tab)[1].choice.options[slots(tab)[1].choice.index] == "move to grizzly"
    assert len(line.requests(ShowSheet)) == 0


def test_a_sheet_that_waits_for_photos_says_so(tab: CleanTab, line: FakeLine) -> None:
    browser = bench(tab).sheet.browser
    assert not browser.busy
    tab.state.go(0)
    tab.state.go(1)
    line.reply(ShowSheet, SheetPage(photos=(), page=0, pages=1, total=0))
    assert browser.busy, "that was the reply to the request before"
    fill(tab, line, photo(1, "black"))
    assert not browser.busy
    tab.state.go(1)
    line.reply(ShowSheet, Refused("The disk is full."))
    assert not browser.busy, "there is nothing to wait for"


def test_a_request_that_is_out_of_date_changes_nothing_when_it_is_refused(
    tab: CleanTab, line: FakeLine
) -> None:
    tab.state.go(0)
    tab.state.go(1)
    (_, on_first), (_, on_newest) = list(line.asked.values())
    on_newest(SheetPage(photos=(), page=0, pages=1, total=0))
    on_first(Refused("Too late."))
    assert not bench(tab).sheet.browser.busy


def test_who_reads_that_photos_are_judged_can_tell_that_the_sheet_is_not_new_yet(
    tab: CleanTab, line: FakeLine
) -> None:
    busy: list[bool] = []
    tab.state.observe(lambda _: busy.append(bench(tab).sheet.browser.busy), "summary")
    line.announce(folder({"black": 3, "grizzly": 1}))
    assert busy == [True]
