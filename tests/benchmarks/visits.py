"""What a visitor waits for, measured in Chromium by the page's own clock.

A visit knows nothing of the app but its :class:`Way`: where the page is, what is clicked to choose photos,
and what an answer looks like. Photos go through the browser's own file dialog, after a click on the page's
button. ``recorder.js`` notes the moment at which that button could be reached, in the first frame after
something was painted; the click follows as soon as Playwright has its turn.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FileChooser, Page, TimeoutError, sync_playwright

PATIENCE = 180_000.0  # milliseconds until an app that doesn't answer stops the benchmark
LOST = 60_000.0  # milliseconds without any answer until a choice counts as lost, and is made again
RECORDER = Path(__file__).with_name("recorder.js")

SLOW_LINE = {
    "offline": False,
    "latency": 150,  # milliseconds
    "downloadThroughput": 1.6e6 / 8,  # bytes a second
    "uploadThroughput": 750e3 / 8,
}


@dataclass(frozen=True)
class Way:
    """How one page is used: its path, what is clicked to choose photos, and what appears for each answer.

    ``button`` and ``answer`` are CSS selectors.
    """

    path: str
    button: str
    answer: str


@dataclass(frozen=True)
class Seen:
    """In seconds since the navigation began.

    ``usable`` is when the button could be reached; or, if that wasn't the page's first click or a click was
    in vain, when the one was made that opened the dialog. ``chosen`` is when files were chosen in it,
    ``first`` and ``last`` when the first and the last answer to them was seen.
    """

    usable: float
    chosen: float
    first: float
    last: float


@dataclass
class Traffic:
    """What a page fetched; bytes of websockets are counted before their compression."""

    bytes: float = 0.0
    requests: int = 0
    strangers: set[str] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Count from now on, without what comes from the browser's cache."""
        session = page.context.new_cdp_session(page)
        cached: set[str] = set()

        def sent(event: dict[str, Any]) -> None:
            url = event["request"]["url"]
            if not url.startswith(("data:", "blob:")):
                self.requests += 1
                if "//localhost" not in url:
                    self.strangers.add(url)

        def responded(event: dict[str, Any]) -> None:
            if event["response"].get("fromDiskCache"):
                cached.add(event["requestId"])

        def from_cache(event: dict[str, Any]) -> None:
            cached.add(event["requestId"])
            self.requests -= 1

        def finished(event: dict[str, Any]) -> None:
            self.bytes += event["encodedDataLength"]

        def frame(event: dict[str, Any]) -> None:
            payload = event["response"]["payloadData"]
            is_text = event["response"]["opcode"] == 1
            self.bytes += len(payload) if is_text else len(payload) * 3 // 4  # base64

        def socket(_: dict[str, Any]) -> None:
            self.requests += 1

        session.on("Network.requestWillBeSent", sent)
        session.on("Network.responseReceived", responded)
        session.on("Network.requestServedFromCache", from_cache)
        session.on("Network.loadingFinished", finished)
        session.on("Network.webSocketFrameReceived", frame)
        session.on("Network.webSocketCreated", socket)
        session.send("Network.enable")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed Chromium, else Playwright's own. Other hosts can't be found: nobody waits for one."""
    found = [
        path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found[0] if found else None,
            args=[
                *("--no-sandbox", "--disable-background-networking", "--disable-component-update"),
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
            ],
        )
        yield browser
        browser.close()


class Visit:
    """One page, from the moment its address is given to the browser."""

    def __init__(self, context: BrowserContext, origin: str, way: Way, slow: bool = False) -> None:
        self.lost = 0
        """How many choices were never answered."""
        self._way = way
        self._page = context.new_page()
        self._page.set_default_timeout(PATIENCE)
        script = RECORDER.read_text("utf-8")
        for name, selector in (("BUTTON", way.button), ("ANSWER", way.answer)):
            script = script.replace(name, json.dumps(selector))
        self._page.add_init_script(script)
        self._dialogs: list[FileChooser] = []
        self._page.on("filechooser", lambda dialog: self._dialogs.append(dialog))
        self.traffic = Traffic()
        self.traffic.watch(self._page)
        if slow:
            self._session = context.new_cdp_session(self._page)
            self._session.send("Network.enable")
            self._session.send("Network.emulateNetworkConditions", SLOW_LINE)
        self._page.goto(origin + way.path, wait_until="commit")

    def close(self) -> None:
        """Leave, as a visitor who closes the tab."""
        self._page.close(run_before_unload=False)

    def settle(self, quiet: float = 0.5) -> float:
        """Until the button is reachable and nothing was fetched for ``quiet`` seconds; the bytes by then."""
        self._page.wait_for_function("benchRecord.reachable")
        before = -1.0
        while before != self.traffic.bytes:
            before = self.traffic.bytes
            self._page.wait_for_timeout(1000 * quiet)
        return before

    def choose(self, files: Sequence[Path]) -> Seen:
        """Choose files as soon as a dialog opens, and wait for their answers.

        A choice that leads to no answer at all is made again once, and the second one counts.
        """
        before = int(self._page.evaluate("benchRecord.answers.at(-1)?.[1] ?? 0"))
        usable, chosen = self._choose_once(files)
        try:
            self._wait_for_answers(before + 1, LOST)
        except TimeoutError:
            self.lost += 1
            usable, chosen = self._choose_once(files)
        self._wait_for_answers(before + len(files), PATIENCE)
        answers: list[tuple[float, int]] = self._page.evaluate("benchRecord.answers")
        later = [(moment, number) for moment, number in answers if moment >= chosen]
        first = next(moment for moment, number in later if number > before)
        last = next(moment for moment, number in later if number >= before + len(files))
        return Seen(usable / 1000, chosen / 1000, first / 1000, last / 1000)

    def began(self) -> float:
        """When the navigation began, in seconds since 1970."""
        return float(self._page.evaluate("performance.timeOrigin")) / 1000

    def reachable(self) -> float:
        """When the button could first be reached, in seconds since the navigation began."""
        return float(self._page.evaluate("benchRecord.reachable")) / 1000

    def painted(self) -> float:
        """First contentful paint, in seconds since the navigation began."""
        entry = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        self._page.wait_for_function(entry)
        return float(self._page.evaluate(entry)) / 1000

    def responded(self) -> float:
        """When the page's first byte came, in seconds since 1970."""
        script = "performance.getEntriesByType('navigation')[0].responseStart"
        return self.began() + float(self._page.evaluate(script)) / 1000

    def _wait_for_answers(self, number: int, timeout: float) -> None:
        self._page.wait_for_function(
            "number => benchRecord.answers.at(-1)?.[1] >= number", arg=number, timeout=timeout
        )

    def _choose_once(self, files: Sequence[Path]) -> tuple[float, float]:
        """When a dialog could be opened, and when the files were chosen, in milliseconds."""
        self._dialogs.clear()
        while not self._dialogs:
            self._click()
            self._wait_for_a_dialog(500)
        reachable, clicks, choices = self._page.evaluate(
            "[benchRecord.reachable, benchRecord.clicked, benchRecord.chosen.length]"
        )
        self._dialogs[0].set_files([str(file) for file in files])
        chosen = self._page.evaluate("before => benchRecord.chosen[before]", choices)
        return reachable if len(clicks) == 1 else clicks[-1], chosen

    def _click(self) -> None:
        until = time.monotonic() + PATIENCE / 1000
        # A script may open a dialog for some seconds after a visitor did something, which this counts as.
        while not self._page.evaluate("benchRecord.click(1000)"):
            if time.monotonic() > until:
                raise TimeoutError(f"nothing to click at {self._page.url}")

    def _wait_for_a_dialog(self, milliseconds: float) -> None:
        until = time.monotonic() + milliseconds / 1000
        while not self._dialogs and time.monotonic() < until:
            self._page.wait_for_timeout(2)
