from __future__ import annotations

import pytest
import traitlets

from bearclf.state import IdentifyState, PhotoState
from tests.fakes import FakeAsker


@pytest.fixture
def asker() -> FakeAsker:
    return FakeAsker()


@pytest.fixture
def state(asker: FakeAsker) -> IdentifyState:
    return IdentifyState(asker)


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
    state.hear(
        {"kind": "answer", "id": 1, "label": "x", "probability": 0.8, "probabilities": {"x": 0.8, "y": 0.2}},
        b"",
    )
    [waiting, answered] = list(state.photos)
    assert waiting.status == "waiting"
    assert (answered.status, answered.label, answered.thumbnail) == ("answered", "x", b"jpeg")


def test_a_refusal_has_its_sentence(state: IdentifyState) -> None:
    state.add([("a.txt", b"A")])
    state.hear({"kind": "refused", "id": 0, "message": "No photo."}, b"")
    assert (state.photos[0].status, state.photos[0].message) == ("refused", "No photo.")


def test_starting_over_forgets_everything(state: IdentifyState, asker: FakeAsker) -> None:
    state.add([("a.jpg", b"A")])
    state.start_over()
    assert state.photos == ()
    assert asker.asked == {}
    state.hear({"kind": "answer", "id": 0, "label": "x", "probability": 1, "probabilities": {}}, b"")
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
