"""A report as a colleague opens it, from a file, without any server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bearclf.photos.scan_results import SkippedFile
from bearclf.reporting.page import Against, Outside, Subject, render
from tests.browser.conftest import SCREENSHOTS
from tests.helpers.drawings import encoded, teddy
from tests.helpers.reports import card, judged

pytestmark = pytest.mark.browser

LONG = "a_name_without_any_space_that_is_as_long_as_a_folder's_name_may_well_be_in_practice"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A usual report, one with many classes of long names, and one of a single photo."""
    folder = tmp_path_factory.mktemp("report")
    return {name: written(folder / name, classes, n) for name, classes, n in (
        ("usual", ["black", "grizzly", "teddy"], 150),
        ("many", [LONG, "<script>alert(1)</script>", *(f"breed {number}" for number in range(20))], 400),
        ("single", ["black", "grizzly"], 1),
    )}  # fmt: skip


def answer(label: int, classes: int, share: float, random: np.random.Generator) -> tuple[int, int, float]:
    """Right in this share of cases."""
    given = label if random.random() < share else int(random.integers(classes))
    return label, given, random.uniform(0.5, 1)


def written(folder: Path, classes: list[str], n: int) -> Path:
    random = np.random.default_rng(5)
    labels = [number % len(classes) for number in range(n)]
    answers, before = (
        [answer(label, len(classes), share, random) for label in labels] for share in (0.93, 0.85)
    )
    photos, others = judged(classes, answers, folder), judged(classes, before, folder)
    drawing = teddy()
    for number, photo in enumerate(photos.photos):
        photo.path.parent.mkdir(parents=True, exist_ok=True)
        if number % 5:
            photo.path.write_bytes(encoded(drawing.resize((300, 200 + number % 7 * 20))))
    subject = Subject(
        "bears",
        card(classes),
        "photos from elsewhere",
        photos,
        "2026-11-28T10:00:00+00:00",
        outside=Outside("other things", random.beta(1, 9, 60)),
        against=Against("the model of before", others, photos),
        unused=[SkippedFile(folder / "black" / f"{LONG}.jpg", "This photo is damaged.")],
    )
    html, _ = render(subject, "photos")
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")], ids=str)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", ["usual", "many", "single"])
def test_a_colleague_opens_it(name: str, files: dict[str, Path], page: Page) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(files[name].as_uri())
    page.get_by_role("heading", name="How this was measured").wait_for()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider"
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    found = Axe().run(page).response["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
    SCREENSHOTS.mkdir(exist_ok=True)
    width = page.evaluate("innerWidth")
    scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    page.screenshot(path=SCREENSHOTS / f"report-{name}-{width}-{scheme}.png", full_page=True)


def test_on_paper_it_is_light_and_nothing_is_cut_off(files: dict[str, Path], browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 688, "height": 1000}, color_scheme="dark")
    page = context.new_page()  # as wide as A4 is between its margins
    page.emulate_media(media="print")
    page.goto(files["usual"].as_uri())
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(32, 37, 31)"
    right = "[...document.querySelectorAll('table, svg, img')].map(one => one.getBoundingClientRect().right)"
    assert page.evaluate(f"Math.max(...{right}) <= innerWidth")
    context.close()
