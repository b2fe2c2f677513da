"""Pages of the notebooks in ``tests/notebooks``, which aren't ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.helpers.patience import PATIENCE


@contextmanager
def opened(browser: Browser, address: str, with_clock: bool = False) -> Iterator[Page]:
    """A page that is ready; afterwards, nothing may have gone wrong in it, nor gone to another host."""
    host = address.split("/")[2]
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 900, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)

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


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
