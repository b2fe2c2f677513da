"""The template's own front end, with notebooks that aren't ours: any fork may use any widget."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, WebSocket, expect

from tests.browser.cable import Cable
from tests.browser.conftest import PATIENCE, SCREENSHOTS, free_port, kernels_of
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

TOKEN = "for-tests"
SETTINGS = {"websocket_max_message_size": 24 * 2**20}
WAYS = {  # of serving the folder, each with a prefix before all addresses
    "voila": (
        ["-m", "voila", ".", "--template=bearclf", "--no-browser", "--Voila.base_url=/pre/fix/"],
        [f"--Voila.tornado_settings={SETTINGS}"],
        "/pre/fix/voila/render/",
        "",
    ),
    "jupyter": (
        ["-m", "jupyter", "server", "--no-browser", "--allow-root", "--ServerApp.base_url=/pre/"],
        [f"--IdentityProvider.token={TOKEN}", "--VoilaConfiguration.template=bearclf"],
        "/pre/voila/render/",
        f"?token={TOKEN}",
    ),
}


class Running:
    """A server of the notebooks in ``tests/notebooks``, which can be killed and started again."""

    def __init__(self, way: str, log: Path) -> None:
        self.port = free_port()
        self._log = log
        command, options, self._path, self._query = WAYS[way]
        self._command = [*command, *options, f"--port={self.port}"]
        self.start()

    def start(self) -> None:
        command = [sys.executable, *self._command]
        with self._log.open("ab") as output:
            self.process = psutil.Popen(command, cwd=ROOT / "tests/notebooks", stdout=output, stderr=output)
        with httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=60) as client:
            client.get(f"http://localhost:{self.port}/")

    def kill(self) -> None:
        for process in [self.process, *self.process.children(recursive=True)]:
            process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def address(self, notebook: str, port: int | None = None) -> str:
        return f"http://localhost:{port or self.port}{self._path}{notebook}.ipynb{self._query}"

    def kernels(self) -> list[psutil.Process]:
        return kernels_of(self.process)


Servers = Callable[[str], Running]
Cabled = tuple[Page, Cable]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both ways of serving, started when they are asked for."""
    logs = tmp_path_factory.mktemp("logs")
    running: dict[str, Running] = {}

    def get(way: str) -> Running:
        if way not in running:
            running[way] = Running(way, logs / f"{way}.log")
        return running[way]

    yield get
    for one in running.values():
        one.stop()


@contextmanager
def opened(browser: Browser, address: str, with_clock: bool = False) -> Iterator[Page]:
    """A page that is ready; afterwards, nothing may have gone wrong in it, nor gone to another host."""
    host = address.split("/")[2]
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 900, "height": 900})
    context.set_default_timeout(PATIENCE)

    def note(message: ConsoleMessage) -> None:
        expected = (
            "Failed to load resource",
            "WebSocket connection",
            "A message of 26",
        )  # of lines that are cut
        if message.type in ("error", "warning") and not message.text.startswith(expected):
            wrong.append(message.text)

    context.on("console", note)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "request",
        lambda request: (
            wrong.append(request.url)
            if request.url.split("/")[2] != host and not request.url.startswith(("data:", "blob:"))
            else None
        ),
    )
    page = context.new_page()
    if with_clock:
        page.clock.install()
    page.goto(address)
    page.locator("html[data-page=ready]").wait_for()
    expect(page.locator("#loading")).to_have_count(0)
    yield page
    context.close()
    assert not wrong


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


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


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


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE / 1000
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


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
    wait_until(lambda: cable.carried > carried)
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
    wait_until((tmp_path / "held.done").exists)  # the kernel says that it is done, and nobody hears it
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
