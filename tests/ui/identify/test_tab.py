from __future__ import annotations

import base64
import html
import logging
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from bearclf.errors import OUR_FAULT
from bearclf.protocol.base import Refused, Restarting, Trouble
from bearclf.protocol.prediction import (
    AnswerPhoto,
    CleanPhoto,
    ExplainAnswer,
    Explained,
    ModelReady,
    Seen,
    SimilarPhoto,
    Standing,
)
from bearclf.ui.identify.photo_answers import PhotoAnswer
from bearclf.ui.identify.state import IdentifyState
from bearclf.ui.identify.tab import IdentifyTab
from bearclf.ui.identify.wording import percent
from tests.helpers.cards import click, offered, press
from tests.helpers.fakes import FakeFeedback, FakeLine, answer, card, live
from tests.helpers.widgets import css_classes, send


@pytest.fixture
def tab(line: FakeLine, feedback: FakeFeedback) -> IdentifyTab:
    return IdentifyTab(IdentifyState(line, card(["black", "grizzly", "teddy"], "bear"), feedback.on))


def upload(tab: IdentifyTab, *names: str) -> None:
    """As a browser does it: all chosen files in one change."""
    files = [
        {"name": name, "type": "image/jpeg", "size": 3, "content": memoryview(b"abc"), "last_modified": 0}
        for name in names
    ]
    tab.upload.set_state({"value": files})


def answers(tab: IdentifyTab) -> tuple[PhotoAnswer, ...]:
    return tab.answers.items


def test_the_page_says_what_it_knows_and_what_not(tab: IdentifyTab) -> None:
    lead = tab.children[0].value
    assert "black bears, grizzly bears and teddy bears apart" in lead
    assert "Anything else, I'll say so" in html.unescape(lead)


def test_classes_of_another_subject_are_named_as_they_are() -> None:
    tab = IdentifyTab(IdentifyState(FakeLine(), card(["cat", "golden_retriever"]), FakeFeedback().on))
    assert "I can tell cat and golden retriever apart" in tab.children[0].value


def test_a_photo_gets_its_place_and_then_its_answer(tab: IdentifyTab, line: FakeLine) -> None:
    upload(tab, "one.jpg")
    [shown] = answers(tab)
    assert shown.headline == "Looking…"
    line.reply(AnswerPhoto, Seen(b"jpeg"), more=True)
    assert (shown.picture, shown.picture_text) == (b"jpeg", "Your photo one.jpg")
    line.answer_all({"black": 0.2, "grizzly": 0.1, "teddy": 0.7})
    assert shown.headline == "Probably a teddy bear"
    assert "it could be a black bear" in shown.detail
    assert [(bar["name"], bar["percent"]) for bar in shown.bars] == [
        ("teddy", "70 %"),
        ("black", "20 %"),
        ("grizzly", "10 %"),
    ]


def test_the_same_photo_can_be_chosen_twice(tab: IdentifyTab) -> None:
    upload(tab, "one.jpg")
    upload(tab, "one.jpg")
    assert len(answers(tab)) == 2
    assert tab.upload.value == ()


def test_a_refused_photo_says_why(tab: IdentifyTab, line: FakeLine) -> None:
    upload(tab, "notes.txt")
    line.reply(AnswerPhoto, Refused("This is <no> photo."))
    [shown] = answers(tab)
    assert shown.headline == "I can't look at this one"
    assert shown.detail == "This is <no> photo."


def test_a_photo_costs_one_model_in_the_browser(tab: IdentifyTab, line: FakeLine) -> None:
    """Each is a message, and time that the visitor waits."""
    before = len(ipywidgets.Widget.widgets)
    upload(tab, "one.jpg", "two.jpg")
    line.answer_all({"black": 0.9, "grizzly": 0.1, "teddy": 0.0})
    assert len(ipywidgets.Widget.widgets) == before + 2


def test_start_over_takes_the_answers_away(tab: IdentifyTab) -> None:
    assert tab.actions.layout.display == "none"
    upload(tab, "one.jpg", "two.jpg")
    assert tab.actions.layout.display is None
    gone = answers(tab)
    tab.start_over.click()
    assert answers(tab) == ()
    assert all(shown.comm is None for shown in gone)
    assert tab.actions.layout.display == "none"


def test_the_page_says_how_the_model_is(tab: IdentifyTab) -> None:
    state = tab.state
    assert "Getting the model ready" in tab.status.value
    state.on_announcement(ModelReady())
    assert "Getting" not in tab.status.value
    state.on_announcement(Restarting())
    assert "Your photos are kept" in tab.status.value
    state.on_announcement(Trouble("The model is <gone>."))
    assert "The model is &lt;gone&gt;." in tab.status.value


def test_a_fault_of_ours_is_logged_and_said_plainly(
    tab: IdentifyTab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        raise RuntimeError("some detail")

    monkeypatch.setattr(tab.state, "add", fail)
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


def say(tab: IdentifyTab, message: dict[str, Any], *buffers: bytes) -> None:
    """As the drop zone in a browser does."""
    send(tab.drop_zone, message, *buffers)


def test_photos_from_the_drop_zone_come_one_by_one(tab: IdentifyTab, line: FakeLine) -> None:
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg", "huge.png", "b.heic"]})
    assert len(answers(tab)) == 3
    say(tab, {"kind": "photo", "batch": 1, "index": 2}, b"B")
    say(tab, {"kind": "refused", "batch": 1, "index": 1, "reason": "too_large"})
    assert [asked.photo for asked in line.requests(AnswerPhoto)] == [b"B"]
    assert "larger than 64 MB" in answers(tab)[1].detail


def test_the_first_photo_may_come_with_the_names(tab: IdentifyTab, line: FakeLine) -> None:
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg", "b.jpg"]}, b"A")
    say(tab, {"kind": "photo", "batch": 1, "index": 1}, b"B")
    assert [asked.photo for asked in line.requests(AnswerPhoto)] == [b"A", b"B"]


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "photo", "batch": 9, "index": 0},
        {"kind": "batch"},
        {"kind": "refused", "batch": 9, "index": 1, "reason": "x"},
    ],
)
def test_a_forged_message_is_answered_with_a_sentence(tab: IdentifyTab, message: dict[str, Any]) -> None:
    say(tab, message, b"x")
    assert OUR_FAULT in tab.problem.value


def test_too_much_at_once_is_said(tab: IdentifyTab) -> None:
    say(tab, {"kind": "too_much"})
    assert "Nothing was sent" in tab.problem.value
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg"] * 201})
    assert "too much at once" in tab.problem.value
    assert answers(tab) == ()


def test_none_of_these_is_said_and_can_be_confirmed(
    tab: IdentifyTab, line: FakeLine, feedback: FakeFeedback
) -> None:
    upload(tab, "chair.jpg")
    line.answer_all({"black": 0.0, "grizzly": 0.01, "teddy": 0.99}, standing="none")
    [shown] = answers(tab)
    assert shown.headline == "None of these"
    assert "any bear I know" in shown.detail
    assert "I'd say a teddy bear" in shown.hint
    assert shown.bars == []  # the longest would look like a sure answer
    assert offered(shown)[0] == "Is it none of these?"  # not whether it's a teddy bear
    press(shown, "Yes")
    assert feedback.said == [("teddy", "")]


def test_a_doubtful_answer_has_its_numbers_and_can_be_confirmed(
    tab: IdentifyTab, line: FakeLine, feedback: FakeFeedback
) -> None:
    tab.state.on_announcement(ModelReady())
    upload(tab, "far away.jpg")
    line.answer_all({"black": 0.81, "grizzly": 0.17, "teddy": 0.02}, standing="doubtful")
    [shown] = answers(tab)
    assert (shown.verdict, shown.headline) == ("doubtful", "Perhaps a black bear")
    assert "I may tell better" in shown.hint
    assert [bar["percent"] for bar in shown.bars] == ["81 %", "17 %", "2 %"]
    assert tab.drop_zone.announcement == "Perhaps a black bear."
    assert offered(shown)[0] == "Is that right?"
    press(shown, "Yes")
    assert feedback.said == [("black", "black")]


def test_a_wrong_answer_can_be_put_right(tab: IdentifyTab, line: FakeLine, feedback: FakeFeedback) -> None:
    upload(tab, "bear.jpg")
    line.answer_all({"black": 0.95, "grizzly": 0.05, "teddy": 0.0})
    [shown] = answers(tab)
    press(shown, "No, it is…")
    press(shown, "Grizzly bear")
    assert feedback.said == [("black", "grizzly")]
    assert "noted as grizzly bear" in offered(shown)[0]
    assert shown.acts[-1]["checked"] is False
    click(shown, 1, checked=True)
    assert line.requests(CleanPhoto) == [CleanPhoto(b"abc")]


def test_a_late_or_forged_click_does_nothing(
    tab: IdentifyTab, line: FakeLine, feedback: FakeFeedback
) -> None:
    upload(tab, "bear.jpg")
    [shown] = answers(tab)
    click(shown, 0)  # before there is anything to click
    line.answer_all({"black": 0.95, "grizzly": 0.05, "teddy": 0.0})
    late = shown.turn
    press(shown, "No, it is…")
    click(shown, offered(shown).index("Black bear"), turn=late)  # was “Yes” when it was clicked
    click(shown, 0)  # a text
    click(shown, 99)
    assert feedback.said == []
    assert offered(shown)[0] == "It is:"


def test_why_is_asked_once(tab: IdentifyTab, line: FakeLine) -> None:
    upload(tab, "bear.jpg")
    line.answer_all({"black": 0.95, "grizzly": 0.05, "teddy": 0.0})
    [shown] = answers(tab)
    why = offered(shown).index("Why?")
    click(shown, why)
    click(shown, why)
    assert len(line.requests(ExplainAnswer)) == 1
    line.reply(ExplainAnswer, Explained(b"spot", (SimilarPhoto(label="black", jpeg=b"no"),)))
    assert (shown.picture, shown.picture_text) == (b"spot", "Evidence in your photo bear.jpg")
    assert {"jpeg": b"no", "text": "Training photo of black bear"} in shown.why
    assert "Why?" not in offered(shown)


def test_many_photos_are_a_table_that_can_be_ordered_and_taken_away(tab: IdentifyTab, line: FakeLine) -> None:
    upload(tab, *(f"{number}.jpg" for number in range(9)), "=cmd().jpg")
    assert tab.order.layout.display is None
    for place in range(10):
        share = 0.5 + place / 20
        line.reply(AnswerPhoto, answer({"black": share, "grizzly": 1 - share, "teddy": 0.0}))
    tab.order.value = "Least sure first"
    shares = [shown.bars[0]["share"] for shown in answers(tab)]
    assert shares == sorted(shares)
    tab.order.value = "As chosen"
    assert answers(tab)[0].name == "0.jpg"
    content = base64.b64decode(tab.download.value.split("base64,")[1].split('"')[0]).decode("utf-8-sig")
    rows = content.splitlines()
    assert rows[0] == "file,answer,standing,black,grizzly,teddy"
    assert rows[-1].startswith("'=cmd().jpg,Black bear,known,0.95")


def test_the_least_sure_are_those_that_may_be_none_of_the_classes(tab: IdentifyTab, line: FakeLine) -> None:
    standings: list[Standing] = ["known", "doubtful", "none"] * 3
    upload(tab, *(f"{standing} {place}" for place, standing in enumerate(standings)), "notes.txt")
    for place, standing in enumerate(standings):
        share = 0.95 - place / 20
        line.reply(AnswerPhoto, answer({"black": share, "grizzly": 1 - share}, standing))
    line.reply(AnswerPhoto, Refused("No photo."))
    tab.order.value = "Least sure first"
    assert [shown.name for shown in answers(tab)] == [
        "notes.txt",
        *("none 8", "none 5", "none 2"),
        *("doubtful 7", "doubtful 4", "doubtful 1"),
        *("known 6", "known 3", "known 0"),
    ]


def test_when_another_model_goes_live_the_page_says_what_that_knows(
    tab: IdentifyTab, line: FakeLine, feedback: FakeFeedback, tmp_path: Path
) -> None:
    upload(tab, "choosing.jpg", "noted.jpg")
    line.answer_all({"black": 0.95, "grizzly": 0.05, "teddy": 0.0})
    choosing, noted = answers(tab)
    press(choosing, "No, it is…")
    press(noted, "Yes")
    tab.state.on_announcement(live("second", tmp_path / "1", card(["black", "koala"], "bear")))
    assert "black bears and koala bears apart" in tab.children[0].value
    assert offered(choosing)[1:4] == ["Black bear", "Koala bear", "None of these"]
    press(choosing, "Koala bear")
    assert feedback.said == [("black", "black"), ("black", "koala")]
    assert "noted as koala bear" in offered(choosing)[0]
    assert "noted as black bear" in offered(noted)[0]
    assert choosing.headline == "Black bear"


def test_a_table_has_the_classes_of_every_model_that_answered(
    tab: IdentifyTab, line: FakeLine, tmp_path: Path
) -> None:
    upload(tab, *(f"{number}.jpg" for number in range(9)))
    line.reply(AnswerPhoto, answer({"black": 0.75, "grizzly": 0.25}))
    tab.state.on_announcement(live("second", tmp_path / "1", card(["black", "koala"], "bear")))
    line.answer_all({"black": 0.25, "koala": 0.75}, model="second")
    content = base64.b64decode(tab.download.value.split("base64,")[1].split('"')[0]).decode("utf-8-sig")
    rows = content.splitlines()
    assert rows[0] == "file,answer,standing,black,grizzly,koala"
    assert rows[1].endswith(",0.7500,0.2500,")
    assert rows[2].endswith(",0.2500,,0.7500")


def test_example_photos_can_be_tried_where_there_are_any(line: FakeLine) -> None:
    state = IdentifyState(line, card(["a", "b"]), FakeFeedback().on)
    assert not [box for box in IdentifyTab(state).children if "bearclf-examples" in css_classes(box)]
    tab = IdentifyTab(state, [("example 1.jpg", b"jpeg")])
    [row] = [box for box in tab.children if "bearclf-examples" in css_classes(box)]
    row.children[0].children[1].click()
    assert [asked.photo for asked in line.requests(AnswerPhoto)] == [b"jpeg"]
