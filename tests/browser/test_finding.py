"""Photos that curators search for: asked for in one line, looked through, added, and credited."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit, serving_as
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import Answer, Elsewhere, played

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    (tmp_path / "elsewhere").mkdir()
    with played(tmp_path / "elsewhere", monkeypatch) as servers:
        names = ["Ana Müller", "Ana Okafor", "a very long name of somebody who likes their name"]
        results = []
        for number in range(7):
            photo = encoded(pattern("dots", number).resize((480, 400)))
            servers.found(
                servers.photo(f"{number}.jpg", photo),
                title=f"Bear {number}",
                creator=names[number % 3],
            )
            results.append(servers.search)
        pages = [search({"page": "1", "page_size": "20"}) for search in results if search]
        body = b",".join(page.body[page.body.index(b"[") + 1 : page.body.rindex(b"]")] for page in pages)
        servers.search = lambda _: Answer(b'{"page_count": 1, "results": [' + body + b"]}")
        yield servers


@pytest.fixture
def visit(browser: Browser, elsewhere: Elsewhere, pattern_bundle: Path, tmp_path: Path) -> Iterator[Open]:
    """From nothing: no folder, no photo."""
    with ExitStack() as running:
        training = tmp_path / "new" / "training"
        yield running.enter_context(serving_as(browser, tmp_path, training=training, bundle=pattern_bundle))


def finding(here: Visit) -> Page:
    page = here.page
    page.get_by_role("tab", name="Clean the training photos").click()
    page.get_by_role("button", name="Find photos").click()
    expect(page.get_by_label("What they show")).to_be_focused()
    return page


def search(page: Page, words: str, found: int) -> None:
    page.get_by_label("What they show").fill(words)
    page.keyboard.press("Enter")
    expect(boxes(page)).to_have_count(found)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def boxes(page: Page) -> Locator:
    return page.locator(".bearclf-found").get_by_role("checkbox")


def tiles(page: Page) -> Locator:
    return page.locator(".bearclf-slot:visible")


def test_a_search_fills_a_class_and_credits_stay_with_the_photos(visit: Open, tmp_path: Path) -> None:
    here = visit()
    page = finding(here)
    search(page, "grizzly", 7)
    here.screenshot("finding")
    assert here.violations() == []
    box = page.get_by_role("checkbox", name="“Bear 1”, by Ana Okafor, CC BY 2.0")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("7 found, 1 of them not ticked")).to_be_visible()
    page.get_by_role("button", name="Add 6 to “grizzly”").click()
    expect(page.get_by_text("6 photos added").first).to_be_visible()
    expect(page.get_by_label("What they show")).to_be_focused()
    assert len(list((tmp_path / "new" / "training" / "grizzly").iterdir())) == 6
    page.get_by_role("button", name="Back", exact=True).click()
    expect(tiles(page)).to_have_count(6)
    image = page.get_by_role("img", name="“Bear 0”, by Ana Müller, CC BY 2.0")
    expect(image).to_be_visible()
    credit = tiles(page).filter(has=image).get_by_role("link", name="Ana Müller · CC BY 2.0")
    expect(credit).to_have_attribute("href", "https://photos.example.org/0.jpg/page")


def test_a_credit_goes_where_its_photo_goes(visit: Open, tmp_path: Path) -> None:
    other = tmp_path / "new" / "training" / "black"
    other.mkdir(parents=True)
    (other / "own.jpg").write_bytes(encoded(pattern("checks", 3)))
    here = visit()
    page = finding(here)
    search(page, "grizzly", 7)
    page.get_by_role("button", name="Add 7 to “grizzly”").click()
    expect(page.get_by_text("7 photos added").first).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(tiles(page)).to_have_count(8)
    first = tiles(page).filter(has=page.get_by_role("img", name="“Bear 3”"))
    first.get_by_role("combobox").select_option("move to black")
    page.get_by_role("button", name="Review and apply").click()
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_text("1 photo moved to another class").first).to_be_visible()
    image = page.get_by_role("img", name="“Bear 3”, by Ana Müller, CC BY 2.0")
    expect(first.get_by_text("black", exact=True)).to_be_visible()
    expect(image).to_be_visible()
    here.screenshot("finding-credits")
    assert here.violations() == []
    page.get_by_title("Undo: 1 photo moved to another class").click()
    expect(first.get_by_text("grizzly", exact=True)).to_be_visible()
    expect(image).to_be_visible()


def test_on_a_phone_nothing_is_cut_off_and_a_server_that_is_silent_can_be_left(
    visit: Open, elsewhere: Elsewhere
) -> None:
    here = visit(375)
    page = finding(here)
    search(page, "grizzly", 7)
    here.screenshot("finding")
    assert here.violations() == []
    scrolls = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(scrolls) <= 0
    page.get_by_role("button", name="Drop all").click()
    expect(boxes(page)).to_have_count(0)
    speak, bar = threading.Event(), page.locator(".bearclf-finding .bearclf-pending")
    elsewhere.search = lambda _: Answer(silent=speak)
    page.get_by_role("button", name="Search").click()
    try:
        expect(bar.get_by_text("Looking…")).to_be_visible()
        here.screenshot("finding-looking")
        page.get_by_role("button", name="Stop").click()
        expect(bar.get_by_text("Looking…")).to_be_hidden()
    finally:
        speak.set()
    elsewhere.search = lambda _: Answer(b"", 429, {"Retry-After": "7200"})
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("From")).to_be_focused()
    page.get_by_label("What they show").fill("polar bear")
    page.get_by_role("button", name="Search").click()
    alert = page.get_by_role("alert").filter(has_text="wants no more requests for 120 minutes")
    expect(alert).to_be_visible()
    here.screenshot("finding-refused")
