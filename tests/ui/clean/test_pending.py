"""What waits, and the list to read before it is done."""

from __future__ import annotations

from bearclf.protocol.curation import Applied, ApplyChanges
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import BEARS, bench, choose, fill, press, slots, text
from tests.helpers.fake_curation import folder, photo
from tests.helpers.fakes import FakeLine


def test_apply_shows_what_will_happen_first(tab: CleanTab, line: FakeLine) -> None:
    first, second, third = slots(tab)
    choose(first, "move to grizzly")
    choose(second, "delete")
    choose(third, "delete")
    press(bench(tab).pending, "Review and apply")
    assert bench(tab).view == "review"
    assert not line.requests(ApplyChanges)
    shown = text(bench(tab).review)
    for words in ("black → grizzly", "black → the bin", "grizzly → the bin", "black_1.jpg"):
        assert words in shown
    rows = [group.children[1] for group in bench(tab).review.groups.children]
    press(rows[-1], "Take back")
    assert "grizzly → the bin" not in text(bench(tab).review)
    press(bench(tab).review, "Apply these changes")
    [asked] = line.requests(ApplyChanges)
    assert [(change.name, change.to) for change in asked.changes] == [
        ("black_1.jpg", "grizzly"),
        ("black_2.jpg", None),
    ]
    reply = Applied(news="1 photo moved.", problem="1 was left alone.", not_done=(f"{2:064x}",))
    line.reply(ApplyChanges, reply)
    assert bench(tab).view == "sheet"
    assert "1 photo moved." in text(bench(tab).status)
    assert bench(tab).sheet.browser.announcement == "1 photo moved."
    assert "1 was left alone." in tab.problem.value
    assert "1 change waiting: 1 to delete" in text(bench(tab).pending)
    line.announce(folder(BEARS))
    assert "1 was left alone." in tab.problem.value


def test_a_review_that_has_nothing_left_is_over(tab: CleanTab) -> None:
    choose(slots(tab)[0], "delete")
    press(bench(tab).pending, "Review and apply")
    press(bench(tab).review.groups, "Take back")
    assert bench(tab).view == "sheet"


def test_a_long_review_lists_some_and_counts_the_rest(tab: CleanTab, line: FakeLine) -> None:
    for page in range(6):
        tab.state.go(page)
        fill(tab, line, *(photo(100 * page + number, "black") for number in range(24)))
        for slot in slots(tab):
            choose(slot, "delete")
    press(bench(tab).pending, "Review and apply")
    assert "144" in text(bench(tab).review)
    assert "and 44 more" in text(bench(tab).review)
    assert text(bench(tab).review).count("Take back") == 100
