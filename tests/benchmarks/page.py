"""Every app's page in turn, round by round: how long a visitor waits, and what is fetched.

One server runs at a time, so that none is slowed by another that waits. A round of an app has its server
started anew, and before each visit waits until the server computes nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as PlaywrightError

from tests.benchmarks.samples import Samples
from tests.benchmarks.servers import WARM_SECONDS, App, Server, serving
from tests.benchmarks.visits import Visit, Way, chromium

Figures = dict[str, float]

MEASURES = {
    "start": ("server start, until the page's first byte", "s"),
    "cold": ("first answer after a cold start of everything", "s"),
    "painted": ("first contentful paint", "s"),
    "usable": ("page usable: a photo chosen now is answered", "s"),
    "usable_answer": ("and that photo's answer", "s"),
    "again_painted": ("second visit, first contentful paint", "s"),
    "again_usable": ("second visit, the button can be reached", "s"),
    "slow_painted": ("slow line, first contentful paint", "s"),
    "slow_usable": ("slow line, page usable", "s"),
    "slow_answer": ("slow line, and that photo's answer", "s"),
    "small": ("photo of 200 kB → answer", "s"),
    "phone": ("phone's photo, 12 megapixels → answer", "s"),
    "many_first": ("50 photos → first answer", "s"),
    "many_all": ("50 photos → all answers", "s"),
    "bytes": ("fetched for the page", "kB"),
    "requests": ("requests", ""),
    "strangers": ("of these, to other hosts", ""),
    "again_bytes": ("fetched for a second visit", "kB"),
    "lost": ("photos chosen in vain", ""),
}
"""By key: what is measured, and its unit."""


def measure_pages(
    apps: Sequence[App], rounds: int, photos: Path, samples: Samples, scratch: Path
) -> dict[str, list[Figures]]:
    """For each app's name the figures of its rounds, keyed as in :data:`MEASURES`."""
    rounds_of: dict[str, list[Figures]] = {app.name: [] for app in apps}
    with chromium() as browser:
        for index in range(rounds):
            for app in apps:
                print(f"round {index + 1} of {rounds}: {app.name}", flush=True)
                figures: Figures = {}
                rounds_of[app.name].append(figures)
                try:
                    with serving(app, photos, scratch) as server:
                        figures.update(one_round(app, server, browser, samples))
                except (PlaywrightError, RuntimeError) as error:  # the others go on
                    print(f"  gave up: {error}", flush=True)
                print("  " + ", ".join(f"{key} {value:.3g}" for key, value in figures.items()), flush=True)
    return rounds_of


def one_round(app: App, server: Server, browser: Browser, samples: Samples) -> Iterator[tuple[str, float]]:
    """The figures of one app whose server was just started."""
    lost = 0
    with profile(browser) as context:
        visit = Visit(context, server.origin, app.way)
        seen = visit.choose([samples.small])
        yield "start", visit.responded() - server.started
        yield "cold", visit.began() + seen.first - server.started
        lost += visit.lost
    server.wait_until_idle(WARM_SECONDS)
    with profile(browser) as context:
        visit = Visit(context, server.origin, app.way)
        seen = visit.choose([samples.small])
        yield "painted", visit.painted()
        yield "usable", seen.usable
        yield "usable_answer", seen.first
        lost += visit.lost
    if app.slow_line:
        server.wait_until_idle()
        with profile(browser) as context:
            visit = Visit(context, server.origin, app.way, slow=True)
            seen = visit.choose([samples.small])
            yield "slow_painted", visit.painted()
            yield "slow_usable", seen.usable
            yield "slow_answer", seen.first
            lost += visit.lost
    with profile(browser) as context:
        yield from photos_answered(app, server, context, samples)
    yield "lost", lost


def photos_answered(
    app: App, server: Server, context: BrowserContext, samples: Samples
) -> Iterable[tuple[str, float]]:
    """How long answers take on a page that is there, and, before that, what was fetched for it."""
    visit = settled(server, context, app.way)
    yield "bytes", visit.traffic.bytes / 1000
    yield "requests", visit.traffic.requests
    yield "strangers", len(visit.traffic.strangers)
    seen = visit.choose([samples.small])
    yield "small", seen.first - seen.chosen
    visit.close()
    visit = settled(server, context, app.way)
    yield "again_painted", visit.painted()
    yield "again_usable", visit.reachable()
    yield "again_bytes", visit.traffic.bytes / 1000
    seen = visit.choose([samples.phone])
    yield "phone", seen.first - seen.chosen
    visit.close()
    visit = settled(server, context, app.many or app.way)
    seen = visit.choose(samples.many)
    yield "many_first", seen.first - seen.chosen
    yield "many_all", seen.last - seen.chosen


def settled(server: Server, context: BrowserContext, way: Way) -> Visit:
    """A page on which nothing happens any more."""
    server.wait_until_idle()
    visit = Visit(context, server.origin, way)
    before = -1.0
    while (fetched := visit.settle()) != before:
        before = fetched
        server.wait_until_idle()  # a kernel may start for some seconds in which nothing is fetched
    return visit


@contextmanager
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh one: nothing is in its cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()
