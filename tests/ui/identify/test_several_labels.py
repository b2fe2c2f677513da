"""Photos that may show several things: all that apply are told, and each can be put right."""

from __future__ import annotations

from bearclf.protocol.prediction import AnswerPhoto
from bearclf.ui.identify.photo_answers import PhotoAnswer
from bearclf.ui.identify.state import IdentifyState
from bearclf.ui.identify.tab import IdentifyTab
from tests.helpers.cards import offered, press, tick
from tests.helpers.fakes import FakeFeedback, FakeLine, answer, card
from tests.helpers.widgets import send


def choose_one(tab: IdentifyTab) -> PhotoAnswer:
    send(tab.drop_zone, {"kind": "batch", "batch": 1, "names": ["one.jpg"]}, b"abc")
    [shown] = tab.answers.items
    return shown


def test_of_several_labels_all_that_apply_are_told_and_each_can_be_put_right(
    line: FakeLine, feedback: FakeFeedback
) -> None:
    tab = IdentifyTab(IdentifyState(line, card(["car", "dog", "sea"], threshold=0.5), feedback.on))
    assert "I can find car, dog and sea in a photo: none of them, one, or several." in tab.lead.value
    shown = choose_one(tab)
    line.reply(AnswerPhoto, answer({"car": 0.02, "dog": 0.95, "sea": 0.97}, labels=("sea", "dog")))
    assert (shown.headline, shown.verdict) == ("Sea and dog", "sure")
    assert [bar["name"] for bar in shown.bars] == ["sea", "dog", "car"]
    press(shown, "No, it shows…")
    boxes = {act["text"]: act["checked"] for act in shown.acts if act["kind"] == "box"}
    assert boxes == {"car": False, "dog": True, "sea": True}
    tick(shown, "dog", False)
    tick(shown, "car", True)
    press(shown, "That's all")
    assert feedback.said == [("sea", "car\nsea")]
    assert offered(shown) == ["Thank you: noted as car and sea."]


def test_a_photo_with_none_of_the_labels_is_told_so(line: FakeLine, feedback: FakeFeedback) -> None:
    tab = IdentifyTab(IdentifyState(line, card(["car", "dog"], threshold=0.5), feedback.on))
    shown = choose_one(tab)
    line.reply(AnswerPhoto, answer({"car": 0.1, "dog": 0.2}, labels=()))
    assert shown.headline == "None of my labels"
    press(shown, "Yes")
    assert feedback.said == [("dog", "")]
    assert offered(shown) == ["Thank you: noted as none of these."]
