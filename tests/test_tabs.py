from __future__ import annotations

import logging
from typing import Any

import pytest

from bearclf.state import IdentifyState
from bearclf.tabs.guard import OUR_FAULT
from bearclf.tabs.identify import IdentifyTab
from bearclf.tabs.photo_card import PhotoCard, percent
from tests.fakes import FakeAsker, answer_all, card


@pytest.fixture
def asker() -> FakeAsker:
    return FakeAsker()


@pytest.fixture
def tab(asker: FakeAsker) -> IdentifyTab:
    return IdentifyTab(IdentifyState(asker), card(["black", "grizzly", "teddy"], "bear"))


def upload(tab: IdentifyTab, *names: str) -> None:
    """As a browser does it: all chosen files in one change."""
    files = [
        {"name": name, "type": "image/jpeg", "size": 3, "content": memoryview(b"abc"), "last_modified": 0}
        for name in names
    ]
    tab.upload.set_state({"value": files})


def cards(tab: IdentifyTab) -> tuple[PhotoCard, ...]:
    return tab.cards.children


def test_the_page_says_what_it_knows_and_what_not(tab: IdentifyTab) -> None:
    lead = tab.children[0].value
    assert "black bears, grizzly bears and teddy bears apart" in lead
    assert "I know nothing else" in lead


def test_classes_of_another_subject_are_named_as_they_are() -> None:
    tab = IdentifyTab(IdentifyState(FakeAsker()), card(["cat", "golden_retriever"]))
    assert "I can tell cat and golden retriever apart" in tab.children[0].value


def test_a_photo_gets_a_card_and_the_card_its_answer(tab: IdentifyTab, asker: FakeAsker) -> None:
    upload(tab, "one.jpg")
    [shown] = cards(tab)
    assert shown.answer.value == "Looking…"
    tab._state.hear({"kind": "seen", "id": 0}, b"jpeg")
    assert "data:image/jpeg;base64,anBlZw==" in shown.picture.value
    answer_all(tab._state, asker, {"black": 0.2, "grizzly": 0.1, "teddy": 0.7})
    assert shown.answer.value == "Teddy bear"
    rows = shown.bars.value
    assert rows.index("teddy") < rows.index("black") < rows.index("grizzly")
    assert "70 %" in rows


def test_the_same_photo_can_be_chosen_twice(tab: IdentifyTab) -> None:
    upload(tab, "one.jpg")
    upload(tab, "one.jpg")
    assert len(cards(tab)) == 2
    assert tab.upload.value == ()


def test_a_refused_photo_says_why(tab: IdentifyTab) -> None:
    upload(tab, "notes.txt")
    tab._state.hear({"kind": "refused", "id": 0, "message": "This is <no> photo."}, b"")
    [shown] = cards(tab)
    assert shown.answer.value == "I can't look at this one"
    assert "This is &lt;no&gt; photo." in shown.bars.value


def test_a_files_name_is_never_taken_for_html(tab: IdentifyTab) -> None:
    upload(tab, '<img src=x onerror="alert(1)">.jpg')
    everything = "".join(widget.value for widget in (cards(tab)[0].picture, cards(tab)[0].bars))
    everything += cards(tab)[0].children[1].children[2].value
    assert "<img src=x" not in everything


def test_start_over_takes_the_cards_away(tab: IdentifyTab) -> None:
    assert tab._actions.layout.display == "none"
    upload(tab, "one.jpg", "two.jpg")
    assert tab._actions.layout.display is None
    gone = cards(tab)
    tab.start_over.click()
    assert cards(tab) == ()
    assert all(shown.comm is None for shown in gone)
    assert tab._actions.layout.display == "none"


def test_the_page_says_how_the_model_is(tab: IdentifyTab) -> None:
    state = tab._state
    assert "Getting the model ready" in tab.status.value
    state.hear({"kind": "ready"}, b"")
    assert tab.status.value == ""
    state.hear({"kind": "restarting"}, b"")
    assert "Your photos are kept" in tab.status.value
    state.hear({"kind": "broken", "message": "The model is <gone>."}, b"")
    assert "The model is &lt;gone&gt;." in tab.status.value


def test_a_fault_of_ours_is_logged_and_said_plainly(
    tab: IdentifyTab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("some detail")

    monkeypatch.setattr(tab._state, "add", fail)
    with caplog.at_level(logging.ERROR):
        upload(tab, "one.jpg")
    assert OUR_FAULT in tab.problem.value
    assert "some detail" not in tab.problem.value
    assert "some detail" in caplog.text
    monkeypatch.undo()
    upload(tab, "one.jpg")
    assert tab.problem.value == ""


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "> 99 %"), (0.994, "99 %"), (0.5, "50 %"), (0.006, "1 %"), (0.0, "< 1 %")]
)
def test_nothing_is_told_as_certain(share: float, words: str) -> None:
    assert percent(share) == words
