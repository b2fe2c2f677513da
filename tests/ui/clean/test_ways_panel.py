"""The panel "How photos are seen": closed, open, and with other photos."""

from __future__ import annotations

import pytest

from bearclf.protocol.base import Refused
from bearclf.protocol.curation import ShowWays, WaySeen
from bearclf.ui.clean.tab import CleanTab
from bearclf.ui.clean.ways_panel import WaysPanel
from tests.helpers.clean_tab import BEARS, bench, press, text, visible
from tests.helpers.fake_curation import folder
from tests.helpers.fakes import FakeLine

TITLES = ("The photo as it is", "Crop", "Flip")


def way(number: int, passed_over: str = "", mark: bytes = b"1") -> WaySeen:
    """The ``number``-th of three."""
    title = TITLES[number - 1]
    return WaySeen(
        number=number,
        total=3,
        heading=("", "Resizing", "Augmentation")[number - 1],
        title=title,
        cost=f"What {title} costs.",
        alt=f'alt of "{title}"',
        picture=b"WebP" + mark,
        passed_over=passed_over,
    )


def draw(line: FakeLine, **more: str | bytes) -> None:
    """Answer the newest request."""
    for number in (1, 2, 3):
        line.reply(ShowWays, way(number, **more), more=number < 3)  # type: ignore[arg-type]  # by name


@pytest.fixture
def panel(tab: CleanTab) -> WaysPanel:
    return bench(tab).ways


def test_nothing_is_asked_for_until_it_is_opened(panel: WaysPanel, line: FakeLine) -> None:
    assert line.requests(ShowWays) == []
    press(panel, "Show")
    assert line.requests(ShowWays) == [ShowWays("", 0)]
    assert "Getting ready" in text(panel)
    line.reply(ShowWays, way(1), more=True)
    assert "1 of 3" in text(panel)
    assert "What The photo as it is costs." in text(panel)
    line.reply(ShowWays, way(2), more=True)
    line.reply(ShowWays, way(3))
    assert "From all classes." in text(panel)
    for title in TITLES:
        assert f"What {title} costs." in text(panel)
        assert f'alt="alt of "{title}""' in text(panel), "which text() has unescaped"
    assert text(panel).index("Resizing") < text(panel).index("What Crop") < text(panel).index("Augmentation")
    press(panel, "Hide")
    assert "costs" not in text(panel)
    press(panel, "Show")
    assert line.requests(ShowWays) == [], "what was drawn is still there"
    assert "What Flip costs." in text(panel)


def test_other_photos_come_into_the_same_places(panel: WaysPanel, line: FakeLine) -> None:
    press(panel, "Show")
    draw(line)
    places = panel.ways.children
    press(panel, "Other photos")
    assert line.requests(ShowWays) == [ShowWays("", 1)]
    press(panel, "Other photos")
    assert len(line.requests(ShowWays)) == 1, "one after the other"
    draw(line, mark=b"2")
    assert panel.ways.children == places
    draw(line, mark=b"3", passed_over="b.jpg: This is a text file.")
    assert "b.jpg: This is a text file." in text(panel)
    assert line.requests(ShowWays) == []


def test_it_follows_the_class_and_its_photos_but_only_while_it_is_open(
    tab: CleanTab, panel: WaysPanel, line: FakeLine
) -> None:
    press(panel, "Show")
    draw(line)
    tab.state.show(label="grizzly")
    assert line.requests(ShowWays) == [ShowWays("grizzly", 0)]
    draw(line)
    assert "From grizzly." in text(panel)
    line.announce(folder(BEARS))
    assert line.requests(ShowWays) == [], "news of the same photos change nothing"
    line.announce(folder({**BEARS, "grizzly": 2}))
    assert line.requests(ShowWays) == [ShowWays("grizzly", 0)]
    draw(line)
    line.announce(folder({**BEARS, "grizzly": 0}))
    assert line.requests(ShowWays) == []
    assert "nothing to show of this class" in text(panel)
    press(panel, "Hide")
    tab.state.show(label="black")
    assert line.requests(ShowWays) == []


def test_a_refusal_is_said_and_it_can_be_tried_again(tab: CleanTab, panel: WaysPanel, line: FakeLine) -> None:
    press(panel, "Show")
    line.reply(ShowWays, Refused("A model is being trained just now."))
    assert "being trained" in tab.problem.value
    press(panel, "Other photos")
    assert tab.problem.value == ""
    draw(line)
    assert "What Flip costs." in text(panel)


def test_what_went_wrong_elsewhere_stays_said_when_it_draws_by_itself(
    tab: CleanTab, panel: WaysPanel, line: FakeLine
) -> None:
    press(panel, "Show")
    draw(line)
    tab.show_problem("Two photos were not moved.")
    line.announce(folder({**BEARS, "grizzly": 2}))
    draw(line)
    assert "Two photos were not moved." in tab.problem.value


def test_without_photos_there_is_no_panel(panel: WaysPanel, line: FakeLine) -> None:
    assert visible(panel)
    line.announce(folder({"black": 0}))
    assert not visible(panel)
