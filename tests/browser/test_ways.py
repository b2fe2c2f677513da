"""How photos are seen, as curators open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, serving_as

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(
    browser: Browser, folder: Path, pattern_bundle: Path, tmp_path: Path
) -> Iterator[Callable[..., Visit]]:
    with serving_as(browser, tmp_path, training=folder, bundle=pattern_bundle) as open_page:
        yield open_page


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark")])
def test_it_opens_by_keyboard_and_every_picture_has_its_words(
    visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    here = visit(width, scheme)
    page = here.page
    page.get_by_role("tab", name="Clean the training photos").click()
    panel = page.locator(".bearclf-ways-panel")
    show = panel.get_by_role("button", name="Show", exact=True)
    show.focus()
    expect(panel.locator("img")).to_have_count(0)
    page.keyboard.press("Enter")
    hide = panel.get_by_role("button", name="Hide")
    expect(hide).to_be_focused()
    expect(panel.get_by_role("status")).to_have_text("From all classes.")
    pictures = panel.get_by_role("figure").get_by_role("img")
    assert pictures.count() == 13
    described = [picture.get_attribute("alt") for picture in pictures.all()]
    assert all(described)
    assert len(set(described)) == len(described)
    expect(panel.get_by_role("figure").filter(has_text="Pad")).to_contain_text("Wastes pixels")
    expect(panel.get_by_role("figure").filter(has_text="b and d")).to_be_visible()
    loaded = "images => images.every(image => image.complete && image.naturalWidth > 0)"
    assert pictures.evaluate_all(loaded)
    pictures.last.scroll_into_view_if_needed()
    here.screenshot(f"clean-ways-{scheme}")
    assert here.violations() == []
    assert page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth") <= 0
    inside = page.evaluate(
        "[...document.querySelectorAll('.bearclf-ways-panel img, .bearclf-ways-panel figcaption')]"
        ".every(one => one.getBoundingClientRect().right <= document.documentElement.clientWidth)"
    )
    assert inside

    before = pictures.first.get_attribute("src")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(pictures.first).not_to_have_attribute("src", str(before))
    page.get_by_role("combobox", name="Class", exact=True).select_option("dots")
    expect(panel.get_by_role("status")).to_have_text("From dots.")
    expect(pictures.first).to_have_attribute("alt", "Drawn by lot: dots, dots, dots")
    hide.focus()
    page.keyboard.press("Enter")
    expect(panel.locator("img").first).to_be_hidden()
    expect(show).to_be_focused()
