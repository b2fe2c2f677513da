from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.feedback import NONE_OF_THESE
from bearclf.protocol.base import Refused, Restarting, Trouble
from bearclf.protocol.prediction import (
    AnswerPhoto,
    Cleaned,
    CleanPhoto,
    ExplainAnswer,
    Explained,
    ModelLive,
    ModelReady,
    Seen,
    SimilarPhoto,
)
from bearclf.ui.identify.state import IdentifyState
from tests.helpers.fakes import FakeFeedback, FakeLine, answer, card, live


@pytest.fixture
def state(line: FakeLine, feedback: FakeFeedback) -> IdentifyState:
    return IdentifyState(line, card(["x", "y"], training_sha256="of the first"), feedback.on)


def test_photos_are_asked_about_and_the_newest_batch_comes_first(
    state: IdentifyState, line: FakeLine
) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    state.add([("c.jpg", b"C")])
    assert [photo.name for photo in state.photos] == ["c.jpg", "a.jpg", "b.jpg"]
    assert line.requests(AnswerPhoto) == [AnswerPhoto(b"A"), AnswerPhoto(b"B"), AnswerPhoto(b"C")]


def test_an_answer_reaches_its_photo(state: IdentifyState, line: FakeLine) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    line.reply(AnswerPhoto, Seen(b"jpeg"), more=True)
    line.reply(AnswerPhoto, answer({"x": 0.8, "y": 0.2}))
    [answered, waiting] = list(state.photos)
    assert waiting.status == "waiting"
    assert (answered.status, answered.label, answered.thumbnail) == ("answered", "x", b"jpeg")


def test_the_first_answer_stays_when_a_worker_dies_before_its_thumbnail(
    state: IdentifyState, line: FakeLine
) -> None:
    """The photo is then asked about again: nothing that the visitor read or said may change for that."""
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    for _ in state.photos:
        line.reply(AnswerPhoto, answer({"x": 0.8, "y": 0.2}), more=True)
        line.reply(AnswerPhoto, answer({"x": 0.1, "y": 0.9}, model="second"), more=True)
        line.reply(AnswerPhoto, Refused("The classifier stopped, twice."))
    for photo in state.photos:
        assert (photo.status, photo.label, photo.card_sha256, photo.message) == ("answered", "x", "first", "")


def test_a_refusal_has_its_sentence(state: IdentifyState, line: FakeLine) -> None:
    state.add([("a.txt", b"A")])
    line.reply(AnswerPhoto, Refused("No photo."))
    assert (state.photos[0].status, state.photos[0].message) == ("refused", "No photo.")


def test_starting_over_forgets_everything(state: IdentifyState, line: FakeLine) -> None:
    state.add([("a.jpg", b"A")])
    [photo] = state.photos
    [(_, on_reply)] = line.asked.values()
    state.start_over()
    assert state.photos == ()
    assert photo.content == b""
    assert line.asked == {}
    on_reply(answer({"x": 0.9, "y": 0.1}))  # it was on its way
    assert photo.status == "waiting"
    state.add([("a.jpg", b"A")])  # the same photo twice
    assert state.photos[0].status == "waiting"  # type: ignore[misc]  # was empty when mypy last looked


def test_the_model_is_starting_until_it_is_heard_of(state: IdentifyState) -> None:
    assert state.model == "starting"
    state.on_announcement(ModelReady())
    assert state.model == "ready"
    state.on_announcement(Restarting())
    assert state.model == "restarting"
    state.on_announcement(Trouble("Gone."))
    assert (state.model, state.problem) == ("broken", "Gone.")


def test_a_forgotten_photo_that_is_still_on_its_way_is_not_asked_about(
    state: IdentifyState, line: FakeLine
) -> None:
    [first, second] = state.begin_batch(["a.jpg", "b.jpg"])
    state.supply(first, b"A")
    state.start_over()
    state.supply(second, b"B")
    assert line.asked == {}


def test_an_explanation_is_asked_for_once_and_comes(state: IdentifyState, line: FakeLine) -> None:
    state.add([("a.jpg", b"A")])
    line.answer_all({"x": 0.8, "y": 0.2})
    [photo] = state.photos
    state.explain(photo)
    state.explain(photo)
    # The thumbnail may not be there yet: an empty picture ended the worker's thread for this page.
    assert line.requests(ExplainAnswer) == [ExplainAnswer(b"A", "x", (3, 1, 4, 1), "first")]
    similar = SimilarPhoto(label="y", jpeg=b"yyy")
    line.reply(ExplainAnswer, Explained(b"hh", (similar,)))
    assert photo.spotlight == b"hh"
    assert photo.similar == (similar,)
    state.explain(photo)
    assert line.requests(ExplainAnswer) == []


def test_what_a_visitor_says_is_kept_and_the_photo_only_if_given(
    state: IdentifyState, line: FakeLine, feedback: FakeFeedback
) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    line.answer_all({"x": 0.8, "y": 0.2})
    kept, given = state.photos
    state.record_feedback(kept, "x")
    assert line.requests(CleanPhoto) == []
    state.record_feedback(given, NONE_OF_THESE)
    state.give(given, True)
    assert line.requests(CleanPhoto) == [CleanPhoto(b"B")]
    line.reply(CleanPhoto, Cleaned(b"jpeg"))
    assert feedback.said == [("x", "x"), ("x", "")]
    assert feedback.given == {1: b"jpeg"}


def test_a_gift_taken_back_in_time_is_not_kept(
    state: IdentifyState, line: FakeLine, feedback: FakeFeedback
) -> None:
    state.add([("a.jpg", b"A")])
    line.answer_all({"x": 0.8, "y": 0.2})
    [photo] = state.photos
    state.give(photo, True)
    state.record_feedback(photo, "y")
    state.give(photo, False)
    line.reply(CleanPhoto, Cleaned(b"jpeg"))
    assert feedback.given == {}


@pytest.mark.parametrize("said", ["z", "../x"])
def test_what_is_no_class_cannot_be_said(state: IdentifyState, line: FakeLine, said: str) -> None:
    state.add([("a.jpg", b"A")])
    with pytest.raises(ValueError, match="can't be said"):
        state.record_feedback(state.photos[0], "x")
    line.answer_all({"x": 0.8, "y": 0.2})
    with pytest.raises(ValueError, match="can't be said"):
        state.record_feedback(state.photos[0], said)


def test_another_model_goes_live_and_old_answers_stay_those_of_the_old(
    state: IdentifyState, line: FakeLine, feedback: FakeFeedback, tmp_path: Path
) -> None:
    state.add([("a.jpg", b"A")])
    line.answer_all({"x": 0.95, "y": 0.05})
    [photo] = state.photos
    state.on_announcement(live("second", tmp_path / "1", card(["x", "z"], "bear", "of the second")))
    assert state.card.classes == ["x", "z"]
    assert photo.verdict is not None
    assert (photo.label, photo.verdict.headline) == ("x", "X")
    state.explain(photo)
    assert [asked.card for asked in line.requests(ExplainAnswer)] == ["first"]
    state.record_feedback(photo, "z")
    state.record_feedback(photo, "y")

    state.add([("b.jpg", b"B")])
    line.answer_all({"x": 0.05, "z": 0.95}, model="second")
    answered = state.photos[0]
    assert answered.verdict is not None
    assert answered.verdict.headline == "Z bear"
    state.record_feedback(answered, "z")
    assert feedback.models == ["of the first", "of the first", "of the second"]
    with pytest.raises(ValueError, match="can't be said"):
        state.record_feedback(answered, "y")


def test_an_answer_of_the_old_model_may_come_after_the_new_is_live(
    state: IdentifyState, line: FakeLine, feedback: FakeFeedback, tmp_path: Path
) -> None:
    state.on_announcement(live("first", tmp_path / "0", card(["x", "y"], training_sha256="of the first")))
    state.add([("a.jpg", b"A")])
    state.on_announcement(live("second", tmp_path / "1", card(["v", "w"], "bear")))
    line.answer_all({"x": 0.05, "y": 0.95})
    [photo] = state.photos
    assert photo.verdict is not None
    assert photo.verdict.headline == "Y"
    state.record_feedback(photo, "y")
    assert feedback.models == ["of the first"]


def test_a_model_whose_card_cannot_be_read_changes_nothing(
    state: IdentifyState, line: FakeLine, tmp_path: Path
) -> None:
    with pytest.raises(UserError):
        state.on_announcement(ModelLive(str(tmp_path), "second"))
    assert state.card.classes == ["x", "y"]
    state.add([("a.jpg", b"A")])
    line.answer_all({"v": 0.05, "w": 0.95}, model="second")
    assert state.photos[0].label == "w"


def test_an_explanation_that_cannot_be_had_is_said_and_the_answer_stays(
    state: IdentifyState, line: FakeLine
) -> None:
    state.add([("a.jpg", b"A")])
    line.answer_all({"x": 0.8, "y": 0.2})
    state.explain(state.photos[0])
    with pytest.raises(UserError, match="an earlier model"):
        line.reply(ExplainAnswer, Refused("By an earlier model."))
    assert state.photos[0].status == "answered"
