"""What a visitor does before the widgets are there is not lost, and what stood there does not move."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.test_identify import HAND_OVER
from tests.helpers.drawings import encoded, teddy
from tests.helpers.patience import PATIENCE
from tests.helpers.servers import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["voila"], indirect=True, scope="session"),
]

PLACES = """
(root) => ".bearclf-lead, .bearclf-chooser, .bearclf-chooser strong, .bearclf-chooser button"
  .split(", ")
  .concat(root === "#loading" ? ["h1", "[data-early=tab]"] : ["h1", ".lm-TabBar-tab"])
  .map((selector) => document.querySelector(`${root} ${selector}`).getBoundingClientRect())
  .map(({ left, top, width, height }) => [left, top, width, height].map(Math.round))
"""


class HeldBack(Visit):
    """A page whose script is on its way until it is let go."""

    def __init__(self, page: Page, server: Server, width: int) -> None:
        super().__init__(page, server, width)
        self.held: list[Route] = []
        page.route("**/page.js*", lambda route: self.held.append(route))
        page.goto(server.url, wait_until="commit")
        page.get_by_role("button", name="Choose photos").wait_for()

    def let_go(self) -> None:
        for route in self.held:
            route.continue_()
        self.wait_until_usable()


@pytest.fixture
def held_back(browser: Browser, server: Server) -> Iterator[Callable[..., HeldBack]]:
    contexts = []

    def open_page(width: int = 1280) -> HeldBack:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, has_touch=width < 700))
        contexts[-1].set_default_timeout(1000 * PATIENCE)
        return HeldBack(contexts[-1].new_page(), server, width)

    yield open_page
    for context in contexts:
        context.close()


def test_a_photo_chosen_before_the_widgets_are_there_is_answered(
    held_back: Callable[..., HeldBack], teddy_file: Path
) -> None:
    here = held_back()
    assert here.violations() == []
    here.choose(teddy_file)
    expect(here.page.get_by_role("status")).to_contain_text("Your photo is answered as soon as")
    here.screenshot("chosen-early")
    content = base64.b64encode(encoded(teddy(), "PNG")).decode()
    here.page.evaluate(HAND_OVER, ["drop", "dropped.png", "image/png", content])
    expect(here.page.get_by_role("status")).to_contain_text("Your 2 photos are answered")
    here.let_go()
    assert here.wait_for_answers(2) == ["Teddy bear"] * 2


def test_a_dialog_opened_on_the_first_look_counts_later(
    held_back: Callable[..., HeldBack], teddy_file: Path
) -> None:
    here = held_back()
    with here.page.expect_file_chooser() as chooser:
        here.page.get_by_role("button", name="Choose photos").click()
    here.let_go()
    chooser.value.set_files(str(teddy_file))
    assert here.wait_for_answers(1) == ["Teddy bear"]


def test_the_other_tab_opens_if_it_was_chosen_early(held_back: Callable[..., HeldBack]) -> None:
    here = held_back()
    here.page.get_by_role("button", name="Clean the training photos").click()
    for route in here.held:
        route.continue_()
    tab = here.page.get_by_role("tab", name="Clean the training photos")
    expect(tab).to_have_attribute("aria-selected", "true")


def test_the_keyboard_stays_where_it_was(held_back: Callable[..., HeldBack]) -> None:
    here = held_back()
    here.page.get_by_role("button", name="Choose photos").focus()
    here.let_go()
    expect(here.page.locator(".bearclf-upload")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_moves_when_the_widgets_come(held_back: Callable[..., HeldBack], width: int) -> None:
    here = held_back(width)
    before = here.page.evaluate(PLACES, "#loading")
    here.let_go()
    assert here.page.evaluate(PLACES, "#rendered_cells") == before
