"""The template's own front end, with notebooks that aren't ours: any fork may use any widget."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.helpers.notebooks import opened, press
from tests.helpers.servers import Servers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["voila", "jupyter"])
def controls(request: pytest.FixtureRequest, browser: Browser, servers: Servers) -> Iterator[Page]:
    with opened(browser, servers(request.param).address("controls")) as page:
        yield page


@pytest.fixture(scope="module")
def outputs(browser: Browser, servers: Servers) -> Iterator[Page]:
    with opened(browser, servers("voila").address("outputs")) as page:
        yield page


@pytest.fixture(scope="module")
def anywidgets(browser: Browser, servers: Servers) -> Iterator[Page]:
    with opened(browser, servers("voila").address("anywidgets")) as page:
        yield page


def test_every_control_has_a_view(controls: Page) -> None:
    expect(controls.locator(".counted")).to_have_text("55 of 55 []")
    shown = controls.locator(".all-controls > *")
    assert shown.count() == 55
    expect(controls.locator(".jupyter-widgets-error-widget, .output-gone")).to_have_count(0)
    # An empty Output and what is empty by itself have no height.
    flat = shown.evaluate_all(
        "all => all.filter(one => one.offsetHeight < 4).map(one => one.className.match(/widget-[a-z]+/)?.[0])"
    )
    assert set(flat) <= {"widget-output"}
    SCREENSHOTS.mkdir(exist_ok=True)
    controls.screenshot(path=SCREENSHOTS / "template-controls.png", full_page=True)


def test_descriptions_are_sanitised(controls: Page) -> None:
    check = controls.get_by_title("A <b>check</b>").locator("b, img")
    assert check.evaluate_all("all => all.map(one => one.outerHTML)") == [
        "<b>check</b>",
        '<img src="data:,">',
    ]
    expect(controls).to_have_title("Every control")


def test_values_travel_both_ways(controls: Page) -> None:
    typed = controls.locator(".typed input")
    typed.fill("abc")
    expect(controls.locator(".heard")).to_have_text("cba")
    expect(controls.locator(".twin input")).to_have_value("abc")
    for _ in range(3):
        press(controls, "Click")
    expect(controls.locator(".clicks")).to_have_text("3")


def test_one_tab_is_seen_and_the_other_comes_by_keyboard(controls: Page) -> None:
    # Whatever the page's own style sheet makes of such an element.
    controls.add_style_tag(content=".jupyter-widgets.widget-label { display: flex; }")
    expect(controls.get_by_text("second tab")).to_be_hidden()
    controls.get_by_role("tab", name="First").press("ArrowRight")
    controls.get_by_role("tab", name="Second").press("Enter")
    expect(controls.get_by_text("second tab")).to_be_visible()
    expect(controls.get_by_text("first tab")).to_be_hidden()


def test_what_cells_show(outputs: Page) -> None:
    expect(outputs.get_by_role("heading", name="Output")).to_be_visible()
    expect(outputs.locator(".output-text").get_by_text("printed by a cell")).to_be_visible()
    expect(outputs.get_by_role("img", name="a picture")).to_be_visible()
    expect(outputs.locator(".output-text").get_by_text("red", exact=True)).to_have_text("red")
    outputs.locator(".trusted").click()
    expect(outputs).to_have_title("run")  # the notebook's own HTML may do what it likes


def out(page: Page) -> Locator:
    return page.locator(".out")


def test_streams_of_an_output_widget(outputs: Page) -> None:
    expect(out(outputs)).to_have_text("before the page")
    press(outputs, "print")
    expect(out(outputs).locator(".output-text")).to_have_text("before the page\none\ntwo\n")
    expect(out(outputs).locator(".output-error")).to_have_text("bad")
    press(outputs, "clear and print")
    expect(out(outputs)).to_have_text("after")
    press(outputs, "clear")
    expect(out(outputs)).to_be_empty()
    press(outputs, "progress")
    expect(out(outputs)).to_have_text("100 %")


def test_widgets_in_an_output_widget(outputs: Page) -> None:
    press(outputs, "clear")
    press(outputs, "widget")
    later = outputs.locator(".later input")
    expect(later).to_have_value("made later")
    expect(out(outputs).locator(".widget-output")).to_have_text("inside")
    later.fill("typed")
    later.evaluate("one => (one.dataset.made = 'before')")
    press(outputs, "print")
    expect(out(outputs).get_by_text("bad")).to_be_visible()
    expect(later).to_have_value("typed")
    expect(later).to_have_attribute("data-made", "before")
    expect(outputs.locator(".told")).to_have_text("3")  # the kernel knows what is shown


def test_html_in_an_output_widget_is_sanitised(outputs: Page) -> None:
    press(outputs, "clear")
    title = outputs.title()
    press(outputs, "html")
    outputs.locator(".dirty").click()
    kept = outputs.locator(".output-html .dirty").evaluate("one => one.outerHTML")
    assert kept == '<p class="dirty">clean<img src="data:,"></p>'
    expect(outputs).to_have_title(title)


def test_a_display_is_updated_and_an_error_shown(outputs: Page) -> None:
    press(outputs, "clear")
    press(outputs, "handle")
    expect(out(outputs)).to_have_text("first")
    press(outputs, "update")
    expect(out(outputs)).to_have_text("second")
    press(outputs, "fail")
    expect(out(outputs).locator(".output-error")).to_contain_text("ZeroDivisionError")
    assert "\x1b" not in out(outputs).inner_text()


def test_anywidgets_send_and_hear(anywidgets: Page) -> None:
    first = anywidgets.locator(".echo").first
    expect(first).to_have_attribute("data-invoked", "abab 1,2,3,1,2,3")
    assert first.evaluate("one => getComputedStyle(one).getPropertyValue('--seen')").strip() == "yes"
    press(anywidgets, "count 1")
    expect(first.get_by_role("button", name="count 2")).to_be_visible()
    expect(anywidgets.locator(".told")).to_have_text("2 b''")
    press(anywidgets, "send")
    expect(first).to_have_attribute("data-summed", f"{20 * 2**20 - 10},3 {20 * 2**20 - 10} 7")
    press(anywidgets, "blob")
    expect(first).to_have_attribute("data-blob", "heard")
    expect(anywidgets.locator(".told")).to_have_text(r"2 b'\t\t\t\t'")


def test_a_message_that_the_server_does_not_take_blocks_nothing(anywidgets: Page) -> None:
    press(anywidgets, "too much")  # each time, the server cuts the line
    press(anywidgets, "count 2")
    expect(anywidgets.locator(".told")).to_contain_text("3")
    expect(anywidgets.get_by_role("alert")).to_have_count(0)


def test_a_widget_that_comes_later_hears_what_was_sent_at_once(anywidgets: Page) -> None:
    press(anywidgets, "early")
    expect(anywidgets.locator(".box .echo")).to_be_visible()
    expect(anywidgets.locator("html")).to_have_attribute("data-early", "heard")
    press(anywidgets, "close")
    expect(anywidgets.locator(".echo")).to_have_count(0)
    expect(anywidgets.locator("html")).to_have_attribute("data-cleaned", "yes")


def test_what_cannot_be_shown_says_so(anywidgets: Page) -> None:
    expect(anywidgets.get_by_text("it needs “@foo/bar”")).to_be_visible()
    expect(anywidgets.get_by_text("the program behind it has closed it")).to_be_visible()
