"""What a page says and does when its line, its kernel or its server goes, and when its visitor does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from tests.browser.conftest import SCREENSHOTS
from tests.helpers.cable import Cable
from tests.helpers.notebooks import opened, press
from tests.helpers.patience import until
from tests.helpers.servers import Running, Servers

pytestmark = pytest.mark.browser

Cabled = tuple[Page, Cable]


@pytest.fixture
def cabled(browser: Browser, servers: Servers) -> Iterator[Cabled]:
    """A page whose clock the test sets, and its cable."""
    server = servers("voila")
    cable = Cable(server.port)
    with opened(browser, server.address("controls", cable.port), with_clock=True) as page:
        yield page, cable
    cable.close()


def connection(page: Page) -> str:
    return str(page.evaluate("document.documentElement.dataset.connection"))


def clicks(page: Page) -> int:
    """How many have arrived, once the kernel has worked off all that was sent until now."""
    page.locator(".typed input").fill(word := f"abc{time.monotonic_ns()}")
    expect(page.locator(".heard")).to_have_text(word[::-1])
    return int(page.locator(".clicks").inner_text())


def hold(page: Page, file: Path) -> None:
    """Keep the kernel busy as long as there is this file."""
    file.touch()
    page.locator(".held input").fill(str(file))
    expect(page.locator(".holding")).to_have_text(str(file))


def test_a_cut_is_seen_at_once_and_what_was_done_meanwhile_arrives_once(
    cabled: Cabled, tmp_path: Path
) -> None:
    page, cable = cabled
    press(page, "Click")
    assert clicks(page) == 1
    hold(page, tmp_path / "held")
    carried = cable.carried
    press(page, "Click")  # comes to the server, but not to the busy kernel
    until(lambda: cable.carried > carried)
    focused = page.locator(".typed input")
    focused.focus()
    cable.cut()
    expect(page.get_by_role("alert")).to_contain_text("connection to the server is lost")
    expect(focused).to_be_focused()
    for _ in range(2):
        page.locator(".click").dispatch_event("click")
    focused.press_sequentially("abc")
    assert connection(page) == "lost"
    cable.mend()
    page.clock.run_for(5_000)
    expect(page.get_by_role("alert")).to_have_count(0)  # although the kernel is busy
    (tmp_path / "held").unlink()
    expect(page.locator(".heard")).to_have_text(focused.input_value()[::-1])
    assert clicks(page) == 4
    assert focused.input_value().startswith("abc")


def test_a_silent_line_is_noticed_and_what_was_sent_into_it_arrives_once(
    cabled: Cabled, tmp_path: Path
) -> None:
    page, cable = cabled
    hold(page, tmp_path / "held")
    cable.go_silent()
    press(page, "Click")  # is handed to a socket that never brings it anywhere
    (tmp_path / "held").unlink()
    until((tmp_path / "held.done").exists)  # the kernel says that it is done, and nobody hears it
    page.clock.run_for(8_000)
    assert connection(page) == "open"
    page.clock.run_for(5_000)
    expect(page.get_by_role("alert")).to_be_visible()
    cable.cut()
    press(page, "Click")
    cable.mend()
    page.clock.run_for(10_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert clicks(page) == 2
    page.locator(".held input").fill("goes on")
    expect(page.locator(".holding")).to_have_text("goes on")


def test_a_line_that_was_only_slow_goes_on(cabled: Cabled) -> None:
    page, cable = cabled
    sockets: list[WebSocket] = []
    page.on("websocket", lambda one: sockets.append(one))
    cable.go_silent()
    press(page, "Click")
    page.clock.run_for(13_000)
    expect(page.get_by_role("alert")).to_be_visible()
    press(page, "Click")
    cable.mend()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert clicks(page) == 2
    assert not sockets  # another would have cost messages that were under way


def test_after_a_sleep_the_line_is_asked_before_it_counts_as_lost(cabled: Cabled) -> None:
    page, _ = cabled
    page.evaluate("document.addEventListener('bearclf:connection', (event) => (window.seen = event.detail))")
    page.clock.fast_forward("08:00:00")
    page.clock.run_for(3_000)
    press(page, "Click")
    expect(page.locator(".clicks")).to_have_text("1")
    assert page.evaluate("window.seen") is None


def test_a_kernel_that_died_is_told_of(browser: Browser, servers: Servers) -> None:
    server = servers("voila")
    before = {kernel.pid for kernel in server.kernels()}
    with opened(browser, server.address("controls")) as page:
        [kernel] = [one for one in server.kernels() if one.pid not in before]
        kernel.kill()
        expect(page.get_by_role("alert")).to_contain_text("has ended")
        assert connection(page) == "gone"


def test_a_server_that_was_started_again_offers_a_fresh_start(browser: Browser, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = Running("voila", tmp_path / "server.log")
        stack.callback(lambda: server.stop())
        page = stack.enter_context(opened(browser, server.address("controls")))
        server.kill()
        expect(page.get_by_role("alert")).to_contain_text("connection to the server is lost")
        server.start()
        again = page.get_by_role("button", name="Start afresh")
        expect(again).to_be_visible()
        expect(again).not_to_be_focused()
        page.screenshot(path=SCREENSHOTS / "template-gone.png")
        again.click()
        page.locator("html[data-page=ready]").wait_for()
        expect(page.get_by_role("alert")).to_have_count(0)
        press(page, "Click")
        expect(page.locator(".clicks")).to_have_text("1")


def test_who_is_not_let_in_any_more_is_told(cabled: Cabled) -> None:
    page, cable = cabled
    page.route("**/api/kernels/*", lambda route: route.fulfill(status=403))
    cable.cut()
    cable.mend()
    page.clock.run_for(2_000)
    expect(page.get_by_role("alert")).to_contain_text("no longer lets this page in")
    expect(page.get_by_role("button", name="Start afresh")).to_be_visible()


def test_who_leaves_stops_the_kernel(browser: Browser, servers: Servers) -> None:
    server = servers("voila")
    before = {kernel.pid for kernel in server.kernels()}
    with opened(browser, server.address("outputs")) as page:
        [kernel] = [one for one in server.kernels() if one.pid not in before]
        page.evaluate("document.cookie = '_xsrf=abcdef; path=/'")  # as the server sets it
        page.goto("about:blank")
        kernel.wait(20)
        assert not kernel.is_running()
