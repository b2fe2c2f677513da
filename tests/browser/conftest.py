"""The page as a visitor has it: a server of either kind, and Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.conftest import ROOT
from tests.helpers.drawings import encoded, teddy
from tests.helpers.patience import PATIENCE
from tests.helpers.servers import Running, Server, Servers, serving

SCREENSHOTS = Path(os.environ.get("BEARCLF_SCREENSHOTS", ROOT / "screenshots"))

expect.set_options(timeout=1000 * PATIENCE)  # milliseconds, as everywhere in Playwright


@pytest.fixture(scope="session", params=["voila", "jupyter"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Both ways of serving: our own command, and a Jupyter Server with Voilà's extension, as on Binder."""
    with serving(request.param, tmp_path_factory.mktemp("logs") / f"{request.param}.log") as running:
        yield running


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both ways of serving notebooks that aren't ours, started when they are asked for."""
    logs = tmp_path_factory.mktemp("logs")
    running: dict[str, Running] = {}

    def get(way: str) -> Running:
        if way not in running:
            running[way] = Running(way, logs / f"{way}.log")
        return running[way]

    yield get
    for one in running.values():
        one.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = [
        path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))
    ]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found[0] if found else None,  # else Playwright's own
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield running
        running.close()


@dataclass
class Visit:
    """A page that a visitor has open."""

    page: Page
    server: Server
    width: int
    strangers: list[str] = field(default_factory=list)

    def wait_until_usable(self) -> None:
        """The first look is there before the widgets are: it has a button, too."""
        self.page.locator(".bearclf-spoken").wait_for(state="attached")
        self.page.locator("#loading").wait_for(state="detached")
        self.page.locator(".bearclf-upload").wait_for()

    def choose(self, *files: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose photos").click()
        chooser.value.set_files([str(file) for file in files])

    def wait_for_answers(self, number: int) -> list[str]:
        """The headlines of the answers, once so many are answered or refused."""
        self.page.wait_for_function(
            "n => document.querySelectorAll('.bearclf-answered, .bearclf-refused').length === n", arg=number
        )
        return self.page.locator(".bearclf-answer").all_inner_texts()

    def violations(self) -> list[str]:
        """What axe-core finds, in words."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]

    def screenshot(self, name: str) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self.server.kind}-{self.width}.png")


@contextmanager
def visiting(
    browser: Browser, server: Server, may_ask_others: bool = False
) -> Iterator[Callable[..., Visit]]:
    """Open the page in fresh profiles; afterwards no request may have gone to another host."""
    visits: list[Visit] = []

    def open_page(width: int = 1280, colour_scheme: str = "light") -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=colour_scheme,  # type: ignore[arg-type]  # "light" or "dark"
        )
        context.set_default_timeout(1000 * PATIENCE)
        visit = Visit(context.new_page(), server, width)
        visits.append(visit)

        def note(request: Request) -> None:
            if not request.url.startswith((server.url.split("/voila")[0], "data:", "blob:")):
                visit.strangers.append(request.url)

        context.on("request", note)
        # Chromium is told to hand dialogs over from now on: when a key is pressed at once, later is too late.
        visit.page.on("filechooser", lambda dialog: None)
        visit.page.goto(server.url)
        visit.wait_until_usable()
        return visit

    yield open_page
    for one in visits:
        one.page.context.close()
    assert may_ask_others or not [stranger for one in visits for stranger in one.strangers]


@contextmanager
def serving_as(browser: Browser, around: Path, **settings: Path | str) -> Iterator[Callable[..., Visit]]:
    """A server with settings of its own, such as ``bundle``, and data in ``around``; opens its page."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"data": around / "data", **settings}.items():
            patch.setenv(f"BEARCLF_{name.upper()}", str(value))
        with serving("voila", around / "server.log") as server, visiting(browser, server) as open_page:
            yield open_page


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Visit]]:
    """Open the page; see :func:`visiting`."""
    with visiting(browser, server) as open_page:
        yield open_page


@pytest.fixture(scope="session")
def teddy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "my teddy.jpg"
    path.write_bytes(encoded(teddy(), quality=92))
    return path
