from __future__ import annotations

from bearclf.state.identify import IdentifyState
from bearclf.tabs.identify import IdentifyTab
from tests.fakes import FakeAsker, FakeFeedback, card


def test_a_photos_card_costs_few_messages() -> None:
    """Each layout and style would be a message and a model of its own, times 200 photos."""
    tab = IdentifyTab(IdentifyState(FakeAsker(), card(["black", "grizzly"], "bear"), FakeFeedback().on))
    tab._state.announce(["one.jpg", "two.jpg"])
    one, two = tab.cards.children
    assert one.layout is two.layout is one.picture.layout is two.actions.layout
    assert one.answer.style is two.answer.style


def test_a_card_that_goes_leaves_the_others_their_looks() -> None:
    tab = IdentifyTab(IdentifyState(FakeAsker(), card(["black", "grizzly"], "bear"), FakeFeedback().on))
    tab._state.announce(["one.jpg"])
    tab._state.start_over()
    tab._state.announce(["two.jpg"])
    [shown] = tab.cards.children
    assert shown.layout.comm is not None
