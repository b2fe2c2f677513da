"""The page that needs no server, in Chromium and Firefox, with the network cut."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from bearclf import Predictor, export
from bearclf.models.card import display_names
from bearclf.models.novelty import standing
from bearclf.protocol.prediction import Answer
from bearclf.settings import bundle_folder
from bearclf.ui.identify.wording import verdict
from tests.browser.conftest import SCREENSHOTS
from tests.conftest import ROOT
from tests.helpers import firefox
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy
from tests.helpers.patience import PATIENCE, until

pytestmark = pytest.mark.browser

ELSEWHERE = ROOT.parent / "shared/data/bears-elsewhere"
REGISTRATION = "navigator.serviceWorker.getRegistration()"
READY = "document.documentElement.dataset.state === 'ready'"
ANSWERS = """JSON.stringify([...document.querySelectorAll("article")].map((article) => ({
  name: article.querySelector(".bearclf-name").title,
  headline: article.querySelector(".bearclf-answer").textContent,
  ...JSON.parse(article.dataset.answer ?? "{}"),
})))"""


@dataclass
class Host:
    """A plain server of files, which can be cut off; ``sent`` has what it was asked for."""

    server: ThreadingHTTPServer
    sent: list[str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server.server_port}/"

    def cut(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def hosting(folder: Path) -> Iterator[Host]:
    sent: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> Any:
            del self.headers["If-Modified-Since"]  # two pages exported in one second are told apart
            return super().send_head()

        def log_request(self, *_: Any) -> None:
            sent.append(self.path)

    server = ThreadingHTTPServer(("localhost", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Host(server, sent)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def bears_page(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    [folder] = export(bundle_folder(), web=tmp_path_factory.mktemp("web") / "page")
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Real photos, if there are some, and drawn ones: large, lying on their side, no bear."""
    folder = tmp_path_factory.mktemp("photos")
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = {
        "teddy.jpg": encoded(teddy(), quality=92),
        "turned.jpg": encoded(teddy().resize((1400, 900)).rotate(90, expand=True), exif=exif),
        "large.jpg": encoded(teddy().resize((4000, 3000), Image.Resampling.BICUBIC)),
        "dots.jpg": encoded(pattern("dots", 1).resize((1600, 500))),
    }
    for name, content in drawn.items():
        (folder / name).write_bytes(content)
    return [*sorted(folder.iterdir()), *sorted(ELSEWHERE.glob("*/*"))[::5]]


def check_answers(found: list[dict[str, Any]], photos: list[Path], bundle: Path) -> None:
    """They are those of ``bearclf predict``, in the words of the page that has a server."""
    predictor = Predictor(bundle)
    card = predictor.card
    names = display_names(card.classes, card.noun)
    by_name = {one["name"]: one for one in found}
    assert len(by_name) == len(photos)
    for photo in photos:
        one, expected = by_name[photo.name], predictor.predict(photo)
        shares = list(expected.probabilities.values())
        assert one["probabilities"] == pytest.approx(shares, abs=0.01), photo.name
        assert standing(one["familiarity"], card) == expected.standing, photo.name
        assert one["headline"] == in_words(expected, names, card.noun), photo.name


def in_words(answer: Answer, names: dict[str, str], noun: str) -> str:
    return verdict(answer.probabilities, names, answer.standing, noun).headline


@dataclass
class Visit:
    page: Page
    requests: list[str]

    def wait_until_ready(self) -> None:
        self.page.wait_for_function(f"() => {READY}")

    def choose(self, *files: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose photos").click()
        chooser.value.set_files([str(file) for file in files])

    def answers(self, number: int) -> list[dict[str, Any]]:
        self.page.wait_for_function(
            "n => document.querySelectorAll('.bearclf-answered, .bearclf-refused').length === n", arg=number
        )
        found: list[dict[str, Any]] = json.loads(self.page.evaluate(ANSWERS))
        return found


@contextmanager
def visiting(browser: Browser, url: str, width: int = 375, **options: Any) -> Iterator[Visit]:
    """A visit in a fresh profile, after which nothing may have been asked of another host."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(1000 * PATIENCE)
    visit = Visit(context.new_page(), [])

    def note(request: Request) -> None:
        visit.requests.append(request.url)

    context.on("request", note)
    # Chromium is told to hand dialogs over from now on: when a key is pressed at once, later is too late.
    visit.page.on("filechooser", lambda dialog: None)
    visit.page.goto(url, wait_until="domcontentloaded")
    yield visit
    context.close()
    assert not [one for one in visit.requests if not one.startswith((url, "blob:", "data:"))]


def test_chromium_answers_as_bearclf_does_without_a_connection(
    browser: Browser, bears_page: Path, photos: list[Path]
) -> None:
    with hosting(bears_page) as host, visiting(browser, host.url) as visit:
        visit.wait_until_ready()
        expect(visit.page.get_by_role("status")).to_have_text("Ready, also without a connection.")
        assert len([one for one in host.sent if one.endswith(".gz")]) == 2, "what is large comes once"
        host.cut()
        visit.page.context.set_offline(True)
        visit.page.reload(wait_until="domcontentloaded")
        visit.wait_until_ready()
        visit.choose(*photos)
        check_answers(visit.answers(len(photos)), photos, bundle_folder())


@pytest.mark.skipif(firefox.installed() is None, reason="there is no Firefox here")
def test_firefox_answers_as_bearclf_does_without_a_connection(
    bears_page: Path, photos: list[Path], tmp_path: Path
) -> None:
    with hosting(bears_page) as host, firefox.running(tmp_path / "profile") as visit:
        visit.resize(375, 900)
        visit.open(host.url)
        visit.wait_for(READY)
        assert visit.evaluate("document.querySelector('#status').textContent").endswith(
            "without a connection."
        )
        host.cut()
        visit.open(host.url)
        visit.wait_for(READY)
        visit.choose("input[type=file]", *photos)
        drawn = "document.querySelectorAll('.bearclf-answered, .bearclf-refused').length"
        visit.wait_for(f"{drawn} === {len(photos)}")
        check_answers(json.loads(visit.evaluate(ANSWERS)), photos, bundle_folder())
        assert not [one for one in visit.requests if not one.startswith((host.url, "blob:", "data:"))]
        SCREENSHOTS.mkdir(exist_ok=True)
        visit.screenshot(SCREENSHOTS / "web-firefox-375.png")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark")])
def test_answers_and_refusals_can_be_read_by_everybody(
    width: int, scheme: str, browser: Browser, bears_page: Path, photos: list[Path], tmp_path: Path
) -> None:
    files = {
        "letter.txt": b"Dear bear",
        "half.jpg": encoded(teddy())[:3000],
        "phone.heic": encoded(teddy(), "HEIF"),
        "empty.jpg": b"",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    chosen = [photos[-1], *(tmp_path / name for name in files)]
    with (
        hosting(bears_page) as host,
        visiting(browser, host.url, width, color_scheme=scheme) as visit,
    ):
        visit.choose(*chosen)  # before the page is ready: they wait
        found = {one["name"]: one["headline"] for one in visit.answers(len(chosen))}
        assert {found[name] for name in files} == {"I can't look at this one"}
        text = visit.page.locator("#answers").inner_text()
        assert "can't open photos of this kind (HEIC or AVIF)" in text
        assert "isn't a photo that I can open" in text
        assert "damaged or was cut short" in text
        expect(visit.page.locator("#spoken")).to_have_text("5 photos are answered.")
        wide = visit.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        found_by_axe = Axe().run(visit.page).response["violations"]
        assert not [f"{one['id']}: {node['html'][:200]}" for one in found_by_axe for node in one["nodes"]]
        SCREENSHOTS.mkdir(exist_ok=True)
        visit.page.screenshot(path=SCREENSHOTS / f"web-{width}-{scheme}.png", full_page=True)


def test_keys_are_enough_and_starting_over_forgets(
    browser: Browser, bears_page: Path, photos: list[Path]
) -> None:
    with hosting(bears_page) as host, visiting(browser, host.url) as visit:
        visit.wait_until_ready()
        visit.page.keyboard.press("Tab")
        expect(visit.page.get_by_role("button", name="Choose photos")).to_be_focused()
        with visit.page.expect_file_chooser() as chooser:
            visit.page.keyboard.press("Enter")
        chooser.value.set_files([str(photo) for photo in photos[:2]])
        visit.answers(2)
        while not visit.page.get_by_role("button", name="Start over").evaluate(
            "button => button === document.activeElement"
        ):
            visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("article")).to_have_count(0)
        expect(visit.page.get_by_role("button", name="Start over")).to_be_hidden()
        expect(visit.page.get_by_role("button", name="Choose photos")).to_be_focused()


def test_a_photo_can_be_dropped_and_pasted(browser: Browser, bears_page: Path) -> None:
    give = """async (kind) => {
      const canvas = new OffscreenCanvas(80, 60);
      canvas.getContext("2d").fillRect(0, 0, 40, 60);
      const data = new DataTransfer();
      data.items.add(new File([await canvas.convertToBlob()], `${kind}.png`, { type: "image/png" }));
      const options = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
      document.body.dispatchEvent(
        kind === "drop" ? new DragEvent("drop", options) : new ClipboardEvent("paste", options));
    }"""
    with hosting(bears_page) as host, visiting(browser, host.url) as visit:
        for kind in ("drop", "paste"):
            visit.page.evaluate(give, kind)
        assert [one["name"] for one in visit.answers(2)] == ["paste.png", "drop.png"]


@pytest.mark.parametrize("lacking", ["WebAssembly", "DecompressionStream"])
def test_a_browser_that_is_too_old_is_told(lacking: str, browser: Browser, bears_page: Path) -> None:
    with hosting(bears_page) as host, visiting(browser, "about:blank") as visit:
        visit.page.add_init_script(f"delete window.{lacking}")
        visit.page.goto(host.url, wait_until="domcontentloaded")
        expect(visit.page.get_by_role("alert")).to_contain_text("This browser is too old")
        visit.requests.clear()


def test_a_page_that_did_not_come_whole_says_so(browser: Browser, bears_page: Path) -> None:
    with hosting(bears_page) as host, visiting(browser, "about:blank") as visit:
        visit.page.context.route("**/*.gz", lambda route: route.abort())
        visit.page.goto(host.url, wait_until="domcontentloaded")
        expect(visit.page.get_by_role("alert")).to_contain_text("didn't come whole")
        expect(visit.page.get_by_role("button", name="Load again")).to_be_visible()
        visit.requests.clear()


def test_a_newer_page_takes_the_place_of_the_kept_one(
    browser: Browser, bears_page: Path, pattern_bundle: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "page"
    folder.symlink_to(bears_page)
    [newer] = export(pattern_bundle, web=tmp_path / "newer")
    with hosting(folder) as host, visiting(browser, host.url) as visit:
        visit.wait_until_ready()
        folder.unlink()
        folder.symlink_to(newer)
        visit.page.evaluate(f"{REGISTRATION}.then((one) => one.update())")
        until(lambda: visit.page.evaluate(f"{REGISTRATION}.then((one) => Boolean(one.waiting))"))
        visit.page.reload(wait_until="domcontentloaded")  # the old one stays whole as long as it is open
        expect(visit.page.get_by_role("heading")).to_have_text("Which bear is it?")
        host.cut()
        visit.page.goto("about:blank")  # nobody has the old one open any more
        visit.page.goto(host.url, wait_until="domcontentloaded")
        visit.wait_until_ready()
        expect(visit.page.get_by_role("heading")).to_have_text("What is it?")


@pytest.mark.parametrize("of", ["tuned", "patterns"])
def test_other_models_answer_the_same(
    of: str, browser: Browser, pattern_bundle: Path, tuned_bundle: Path, tmp_path: Path
) -> None:
    bundle = {"tuned": tuned_bundle, "patterns": pattern_bundle}[of]
    [folder] = export(bundle, web=tmp_path / "page")
    photos = []
    for kind in CLASSES:
        photos.append(tmp_path / f"{kind}.jpg")
        photos[-1].write_bytes(encoded(pattern(kind, 91).resize((300, 260)), quality=92))
    with hosting(folder) as host, visiting(browser, host.url) as visit:
        visit.choose(*photos)
        check_answers(visit.answers(len(photos)), photos, bundle)
