"""The pictures in ``docs/pictures``: ``python -m tests.pictures`` (``make pictures``).

They show bears that are drawn, so that no photo is in the repository, and a model that has learned from
others of their kind: that which is shipped says, rightly, that drawings are none of its bears.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps
from playwright.sync_api import Page, expect

from bearclf.cli import main as bearclf
from tests.benchmarks.visits import chromium
from tests.conftest import ROOT
from tests.helpers.drawings import encoded
from tests.helpers.servers import serving

PICTURES = ROOT / "docs" / "pictures"
WIDTH = 1040
COLOURS = 128  # in a picture: a third of the bytes, and nobody sees the difference
PATIENCE = 180_000  # milliseconds

BEARS = {
    "black": {"fur": (38, 35, 38), "muzzle": (122, 88, 62), "sky": (96, 128, 100), "ground": (60, 84, 52)},
    "grizzly": {
        "fur": (128, 86, 50),
        "muzzle": (96, 64, 38),
        "sky": (160, 188, 210),
        "ground": (132, 150, 82),
    },
    "teddy": {
        "fur": (176, 124, 72),
        "muzzle": (222, 186, 140),
        "sky": (232, 222, 208),
        "ground": (190, 150, 120),
    },
}
EACH = 12
"""Drawings of each class that are learned from."""


class Canvas:
    """Draws ellipses in units of its own: moved, scaled and coloured a little differently for each seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.image = Image.new("RGB", (480, 480))
        self.draw = ImageDraw.Draw(self.image)
        self.scale = self.random.uniform(0.45, 0.8)
        self.x, self.y = self.random.integers(-70, 70, 2) + 240

    def near(self, colour: tuple[int, ...]) -> tuple[int, ...]:
        """A colour like this one."""
        return tuple(int(part) for part in np.clip(colour + self.random.normal(0, 9, 3), 0, 255))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: tuple[int, ...]) -> None:
        """Around a point that is measured from the middle of the bear."""
        left, top = self.x + self.scale * (x - rx), self.y + self.scale * (y - ry)
        self.draw.ellipse((left, top, left + 2 * self.scale * rx, top + 2 * self.scale * ry), fill=colour)


def bear(kind: str, seed: int) -> Image.Image:
    """A black bear in a wood, a grizzly on a meadow, or a teddy that sits in a room."""
    on = Canvas(seed)
    fur, muzzle, sky, ground = (on.near(colour) for colour in BEARS[kind].values())
    dark = (18, 15, 15)
    on.draw.rectangle((0, 0, 480, 480), fill=sky)
    horizon = int(on.y + 130 * on.scale)
    on.draw.rectangle((0, horizon, 480, 480), fill=ground)
    for x in on.random.integers(0, 480, 7):
        if kind == "black":  # trunks, or tufts of grass, or a wallpaper's stripes
            on.draw.rectangle((x, 0, x + 14, horizon + 10), fill=on.near((84, 66, 52)))
        elif kind == "grizzly":
            on.draw.polygon(
                [(x, horizon + 40), (x + 6, horizon), (x + 12, horizon + 40)], fill=on.near(ground)
            )
        else:
            on.draw.rectangle((x, 0, x + 40, horizon), fill=on.near((206, 178, 190)))
    if kind == "teddy":
        _sitting(on, fur, muzzle, dark)
    else:
        _standing(on, fur, muzzle, dark, hump=kind == "grizzly")
    image = on.image.filter(ImageFilter.GaussianBlur(0.7))
    return ImageOps.mirror(image) if on.random.random() < 0.5 else image


def _standing(
    on: Canvas, fur: tuple[int, ...], muzzle: tuple[int, ...], dark: tuple[int, ...], hump: bool
) -> None:
    for x in (-110, -50, 90, 150):
        on.ellipse(x, 150, 34, 82, fur)
    on.ellipse(30, 40, 190, 112, fur)
    if hump:
        on.ellipse(-50, -45, 85, 66, fur)
    on.ellipse(-150, -30, 84, 78, fur)
    for x in (-208, -98):
        on.ellipse(x, -96, 26, 26, fur)
    on.ellipse(-190, 0, 48, 38, muzzle)
    on.ellipse(-216, -8, 17, 13, dark)
    for x in (-186, -130):
        on.ellipse(x, -48, 8, 8, dark)


def _sitting(on: Canvas, fur: tuple[int, ...], light: tuple[int, ...], dark: tuple[int, ...]) -> None:
    for side in (-1, 1):
        on.ellipse(95 * side, -180, 52, 52, fur)
        on.ellipse(95 * side, -180, 28, 28, light)
        on.ellipse(150 * side, on.random.uniform(-30, 90), 58, 92, fur)  # an arm: it waves
    on.ellipse(0, 110, 132, 138, fur)
    on.ellipse(0, 120, 80, 92, light)
    for side in (-1, 1):
        on.ellipse(100 * side, 215, 72, 72, fur)
        on.ellipse(100 * side, 222, 42, 42, light)
    on.ellipse(0, -100, 124, 114, fur)
    on.ellipse(0, -58, 60, 48, light)
    on.ellipse(0, -78, 22, 15, dark)
    for side in (-1, 1):
        on.ellipse(45 * side, -122, 14, 14, dark)


def owl() -> Image.Image:
    """Something that is no bear at all."""
    on = Canvas(7)
    on.draw.rectangle((0, 0, 480, 480), fill=(46, 58, 92))
    on.ellipse(0, 40, 150, 200, (206, 196, 178))
    for side in (-1, 1):
        on.ellipse(62 * side, -70, 66, 66, (240, 236, 226))
        on.ellipse(62 * side, -70, 40, 40, (240, 176, 40))
        on.ellipse(62 * side, -70, 20, 20, (16, 16, 18))
    for number in range(24):
        on.ellipse(-100 + 40 * (number % 6), 50 + 40 * (number // 6), 12, 9, (120, 104, 84))
    on.ellipse(0, -20, 16, 26, (214, 140, 50))
    return on.image


def wide(image: Image.Image) -> Image.Image:
    """As from a camera: with more of what is at the left and at the right."""
    return Image.fromarray(np.pad(np.asarray(image), ((0, 0), (130, 130), (0, 0)), "edge"))


def high(image: Image.Image) -> Image.Image:
    """As from a phone: with more of what is above and below."""
    return Image.fromarray(np.pad(np.asarray(image), ((110, 110), (0, 0), (0, 0)), "edge"))


def letter() -> Image.Image:
    """A b, on paper: what becomes a d in a mirror."""
    on = Canvas(3)
    on.scale, on.x, on.y = 1.0, 240, 240
    paper, ink = (238, 232, 218), (44, 52, 92)
    on.draw.rectangle((0, 0, 480, 480), fill=paper)
    on.ellipse(20, 70, 100, 110, ink)
    on.ellipse(22, 70, 58, 68, paper)
    on.draw.rectangle((130, 60, 172, 418), fill=ink)
    return wide(on.image)


def draw_how_photos_are_seen(folder: Path) -> None:
    """The picture that ``bearclf batch`` would draw of three drawings."""
    from bearclf import show_batch

    photos = {"bear": wide(bear("grizzly", 104)), "letter": letter(), "teddy": high(bear("teddy", 203))}
    for label, photo in photos.items():
        (folder / label).mkdir(parents=True)
        photo.save(folder / label / "1.png")
    drawn = io.BytesIO()
    show_batch(folder, photos=len(photos)).savefig(drawn, dpi=110)
    keep(Image.open(drawn), "seen")


def main() -> None:
    """Draw, train, report, serve, and take pictures."""
    with tempfile.TemporaryDirectory(prefix="pictures") as made:
        scratch = Path(made)
        (scratch / "run").mkdir(mode=0o700)
        os.environ |= {
            f"BEARCLF_{name.upper()}": str(scratch / name)
            for name in ("bundle", "cache", "data", "run", "training")
        }
        draw_how_photos_are_seen(scratch / "drawings")
        training_photos(scratch / "training")
        bearclf(["train", str(scratch / "training"), "--out", str(scratch / "bundle"), "--noun", "bear"])
        report(scratch)
        misplace(scratch / "training")
        chosen = [scratch / "brown bear.png", scratch / "owl.png"]
        bear("grizzly", 901).save(chosen[0])
        owl().save(chosen[1])
        with chromium() as browser, serving("voila", scratch / "log") as server:
            page = browser.new_page(viewport={"width": WIDTH, "height": 800})
            page.set_default_timeout(PATIENCE)
            expect.set_options(timeout=PATIENCE)
            page.goto(server.url)
            identify(page, chosen)
            take(page, "identify")
            clean(page)
            take(page, "clean")


def report(scratch: Path) -> None:
    """The beginning of a report on other bears, of which some hide under a wrong name."""
    training_photos(scratch / "other bears", first=500)
    misplace(scratch / "other bears")
    out = scratch / "report.html"
    bearclf(["report", str(scratch / "bundle"), str(scratch / "other bears"), "--out", str(out)])
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 1100})
        page.goto(out.as_uri())
        take(page, "report")


def training_photos(folder: Path, first: int = 0) -> None:
    """A folder of class folders; drawings differ by their number, from ``first`` on."""
    for number, kind in enumerate(BEARS):
        (folder / kind).mkdir(parents=True)
        for seed in range(EACH):
            content = encoded(bear(kind, first + 100 * number + seed), quality=92)
            (folder / kind / f"{kind} {seed + 1}.jpg").write_bytes(content)


def misplace(folder: Path) -> None:
    """Two photos come into a wrong class: that is what is to be seen being cleaned."""
    (folder / "black" / "black 3.jpg").rename(folder / "grizzly" / "black 3.jpg")
    (folder / "teddy" / "teddy 5.jpg").rename(folder / "black" / "teddy 5.jpg")


def identify(page: Page, chosen: list[Path]) -> None:
    """The first tab, with an answer to each drawing."""
    page.locator("#loading").wait_for(state="detached")
    expect(page.locator(".bearclf-status")).to_have_text("")  # the model is ready
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose photos").click()
    chooser.value.set_files(chosen)
    expect(page.locator(".bearclf-answered")).to_have_count(len(chosen))


def clean(page: Page) -> None:
    """The second tab, with all photos scored and two of them marked."""
    page.set_viewport_size({"width": WIDTH, "height": 720})
    page.get_by_role("tab", name="Clean the training photos").click()
    expect(page.get_by_text("that it had not learned from").first).to_be_visible()
    expect(page.get_by_text("not scored yet").first).to_be_hidden()
    expect(page.locator("progress").first).to_be_hidden()  # and all else is done, too
    for name, to in (
        ("grizzly photo black 3.jpg", "move to black"),
        ("black photo teddy 5.jpg", "move to teddy"),
    ):
        page.get_by_label(f"What to do with {name}", exact=True).select_option(to)
    expect(page.locator(".bearclf-pending")).to_be_visible()


def take(page: Page, name: str) -> None:
    """The page as it is shown just now."""
    keep(Image.open(io.BytesIO(page.screenshot())), name)


def keep(image: Image.Image, name: str) -> None:
    """As few bytes as show it well: of nothing but a page's few colours and drawings."""
    PICTURES.mkdir(exist_ok=True)
    few = image.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
