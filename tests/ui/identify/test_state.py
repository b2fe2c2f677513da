from __future__ import annotations

from pathlib import Path

import pytest
import traitlets

from bearclf.errors import UserError
from bearclf.models.feedback import NONE_OF_THESE
from bearclf.ui.identify.state import IdentifyState, PhotoState
from tests.helpers.fakes import FakeAsker, FakeFeedback, answer, answer_all, card, live


@pytest.fixture
def asker() -> FakeAsker:
    return FakeAsker()


@pytest.fixture
def feedback() -> FakeFeedback:
    return FakeFeedback()


@pytest.fixture
def state(asker: FakeAsker, feedback: FakeFeedback) -> IdentifyState:
    return IdentifyState(asker, card(["x", "y"], training_sha256="of the first"), feedback.on)


def test_photos_are_asked_about_and_the_newest_batch_comes_first(
    state: IdentifyState, asker: FakeAsker
) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    state.add([("c.jpg", b"C")])
    assert [photo.name for photo in state.photos] == ["c.jpg", "a.jpg", "b.jpg"]
    assert list(asker.asked.values()) == [b"A", b"B", b"C"]


def test_an_answer_reaches_its_photo(state: IdentifyState) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    state.hear({"kind": "seen", "id": 1}, b"jpeg")
    state.hear(answer(1, {"x": 0.8, "y": 0.2}), b"")
    [waiting, answered] = list(state.photos)
    assert waiting.status == "waiting"
    assert (answered.status, answered.label, answered.thumbnail) == ("answered", "x", b"jpeg")


def test_a_refusal_has_its_sentence(state: IdentifyState) -> None:
    state.add([("a.txt", b"A")])
    state.hear({"kind": "refused", "id": 0, "message": "No photo."}, b"")
    assert (state.photos[0].status, state.photos[0].message) == ("refused", "No photo.")


def test_starting_over_forgets_everything(state: IdentifyState, asker: FakeAsker) -> None:
    state.add([("a.jpg", b"A")])
    [photo] = state.photos
    state.start_over()
    assert state.photos == ()
    assert photo.content == b""
    assert asker.asked == {}
    state.hear(answer(0, {"x": 0.9, "y": 0.1}), b"")
    state.add([("a.jpg", b"A")])  # the same photo twice
    assert state.photos[0].status == "waiting"  # type: ignore[misc]  # was empty when mypy last looked


def test_the_model_is_starting_until_it_is_heard_of(state: IdentifyState) -> None:
    assert state.model == "starting"
    for kind in ("ready", "restarting", "ready"):
        state.hear({"kind": kind}, b"")
        assert state.model == kind
    state.hear({"kind": "broken", "message": "Gone."}, b"")
    assert (state.model, state.problem) == ("broken", "Gone.")


def test_nonsense_is_not_taken_for_an_answer(state: IdentifyState) -> None:
    state.add([("a.jpg", b"A")])
    with pytest.raises(ValueError, match="'poem'"):
        state.hear({"kind": "poem", "id": 0}, b"")
    with pytest.raises(traitlets.TraitError):
        PhotoState(probability=1.2)


def test_a_forgotten_photo_that_is_still_on_its_way_is_not_asked_about(
    state: IdentifyState, asker: FakeAsker
) -> None:
    [first, second] = state.announce(["a.jpg", "b.jpg"])
    state.supply(first, b"A")
    state.start_over()
    state.supply(second, b"B")
    assert asker.asked == {}


def test_an_explanation_is_asked_for_once_and_comes(state: IdentifyState, asker: FakeAsker) -> None:
    state.add([("a.jpg", b"A")])
    answer_all(state, asker, {"x": 0.8, "y": 0.2})
    [photo] = state.photos
    state.explain(photo)
    [(number, asked)] = asker.asked_why.items()
    assert asked == ("x", [3, 1, 4, 1], "first")
    state.hear({"kind": "because", "id": number, "sizes": [2, 3], "labels": ["y"]}, b"hhyyy")
    assert photo.spotlight == b"hh"
    assert photo.similar == [("y", b"yyy")]
    state.explain(photo)
    assert len(asker.asked_why) == 1


def test_what_a_visitor_says_is_kept_and_the_photo_only_if_given(
    state: IdentifyState, asker: FakeAsker, feedback: FakeFeedback
) -> None:
    state.add([("a.jpg", b"A"), ("b.jpg", b"B")])
    answer_all(state, asker, {"x": 0.8, "y": 0.2})
    kept, given = state.photos
    state.say(kept, "x")
    assert asker.asked_clean == {}
    state.say(given, NONE_OF_THESE)
    state.give(given, True)
    [(number, content)] = asker.asked_clean.items()
    assert content == b"B"
    state.hear({"kind": "cleaned", "id": number}, b"jpeg")
    assert feedback.said == [("x", "x"), ("x", "")]
    assert feedback.given == {1: b"jpeg"}


def test_a_gift_taken_back_in_time_is_not_kept(
    state: IdentifyState, asker: FakeAsker, feedback: FakeFeedback
) -> None:
    state.add([("a.jpg", b"A")])
    answer_all(state, asker, {"x": 0.8, "y": 0.2})
    [photo] = state.photos
    state.give(photo, True)
    state.say(photo, "y")
    state.give(photo, False)
    state.hear({"kind": "cleaned", "id": next(iter(asker.asked_clean))}, b"jpeg")
    assert feedback.given == {}


@pytest.mark.parametrize("said", ["z", "../x"])
def test_what_is_no_class_cannot_be_said(state: IdentifyState, asker: FakeAsker, said: str) -> None:
    state.add([("a.jpg", b"A")])
    with pytest.raises(ValueError, match="can't be said"):
        state.say(state.photos[0], "x")
    answer_all(state, asker, {"x": 0.8, "y": 0.2})
    with pytest.raises(ValueError, match="can't be said"):
        state.say(state.photos[0], said)


def test_another_model_goes_live_and_old_answers_stay_those_of_the_old(
    state: IdentifyState, asker: FakeAsker, feedback: FakeFeedback, tmp_path: Path
) -> None:
    state.add([("a.jpg", b"A")])
    answer_all(state, asker, {"x": 0.95, "y": 0.05})
    [photo] = state.photos
    state.hear(live("second", tmp_path / "1", card(["x", "z"], "bear", "of the second")), b"")
    assert state.card.classes == ["x", "z"]
    assert photo.verdict is not None
    assert (photo.label, photo.verdict.headline) == ("x", "X")
    state.explain(photo)
    assert [asked[2] for asked in asker.asked_why.values()] == ["first"]
    state.say(photo, "z")
    state.say(photo, "y")

    state.add([("b.jpg", b"B")])
    state.hear(answer(next(iter(asker.asked)), {"x": 0.05, "z": 0.95}, model="second"), b"")
    answered = state.photos[0]
    assert answered.verdict is not None
    assert answered.verdict.headline == "Z bear"
    state.say(answered, "z")
    assert feedback.models == ["of the first", "of the first", "of the second"]
    with pytest.raises(ValueError, match="can't be said"):
        state.say(answered, "y")


def test_an_answer_of_the_old_model_may_come_after_the_new_is_live(
    state: IdentifyState, feedback: FakeFeedback, tmp_path: Path
) -> None:
    state.hear(live("first", tmp_path / "0", card(["x", "y"], training_sha256="of the first")), b"")
    state.add([("a.jpg", b"A")])
    state.hear(live("second", tmp_path / "1", card(["v", "w"], "bear")), b"")
    state.hear(answer(0, {"x": 0.05, "y": 0.95}), b"")
    [photo] = state.photos
    assert photo.verdict is not None
    assert photo.verdict.headline == "Y"
    state.say(photo, "y")
    assert feedback.models == ["of the first"]


def test_a_model_whose_card_cannot_be_read_changes_nothing(state: IdentifyState, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        state.hear({"kind": "live", "number": 1, "bundle": str(tmp_path), "card": "second"}, b"")
    assert state.card.classes == ["x", "y"]
    state.add([("a.jpg", b"A")])
    state.hear(answer(0, {"v": 0.05, "w": 0.95}, model="second"), b"")
    assert state.photos[0].label == "w"


def test_an_explanation_that_cannot_be_had_is_said_and_the_answer_stays(
    state: IdentifyState, asker: FakeAsker
) -> None:
    state.add([("a.jpg", b"A")])
    answer_all(state, asker, {"x": 0.8, "y": 0.2})
    state.explain(state.photos[0])
    with pytest.raises(UserError, match="an earlier model"):
        state.hear(
            {"kind": "refused", "id": next(iter(asker.asked_why)), "message": "By an earlier model."}, b""
        )
    assert state.photos[0].status == "answered"
