from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.helpers.drawings import encoded, teddy

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.mark.parametrize("width", [1280, 375])
def test_a_photo_gets_its_answer(visit: Open, teddy_file: Path, width: int) -> None:
    here = visit(width)
    expect(here.page.get_by_role("heading", name="Which bear is it?")).to_be_visible()
    here.screenshot("empty")
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]
    expect(here.page.get_by_role("img", name="Your photo my teddy.jpg")).to_be_visible()
    expect(here.page.get_by_role("listitem")).to_have_count(3)
    here.screenshot("one-answer")
    scrolls = here.page.evaluate(
        "[...document.querySelectorAll('#rendered_cells, #rendered_cells *')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')"
        ".map(e => e.className)"
    )
    # A name ends in an ellipsis; what is for screen readers only is cut to nothing.
    assert set(scrolls) <= {"bearclf-name", "bearclf-spoken"}


def test_real_photos_get_the_right_classes(visit: Open, shared_photos: Path, tmp_path: Path) -> None:
    chosen = {
        "Grizzly bear": shared_photos / "bears/grizzly/grizzly_1132.jpg",
        "Black bear": shared_photos / "bears/black/black_1096.jpg",
        "Teddy bear": shared_photos / "bears/teddy/teddy_0966.jpg",
    }
    notes = tmp_path / "notes.txt"
    notes.write_text("not a photo")
    for width, scheme in ((1280, "light"), (375, "dark")):
        here = visit(width, scheme)
        here.choose(*chosen.values(), notes)
        assert here.wait_for_answers(4) == [*chosen, "I can't look at this one"]
        here.screenshot(f"many-{scheme}")


def test_the_same_photo_twice_and_starting_over(visit: Open, teddy_file: Path) -> None:
    here = visit()
    for number in (1, 2):
        here.choose(teddy_file)
        assert here.wait_for_answers(number) == ["Teddy bear"] * number
    here.page.get_by_role("button", name="Start over").click()
    here.wait_for_answers(0)
    expect(here.page.get_by_role("button", name="Start over")).to_be_hidden()
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]


def test_a_phones_photo_stands_upright(visit: Open, tmp_path: Path) -> None:
    lying = tmp_path / "IMG_0001.JPG"
    exif = Image.Exif()
    exif[0x0112] = 6
    tall = teddy().crop((50, 0, 550, 600)).resize((1000, 1200))
    lying.write_bytes(encoded(tall.transpose(Image.Transpose.ROTATE_90), exif=exif))
    here = visit()
    here.choose(lying)
    assert here.wait_for_answers(1) == ["Teddy bear"]
    size = here.page.get_by_role("img").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size[0] < size[1]


def test_more_than_the_usual_limit_of_a_message_gets_through(visit: Open, tmp_path: Path) -> None:
    """Tornado closes a websocket without a word at 10 MiB; Chromium can't shrink a TIFF."""
    scan = tmp_path / "scan.tif"
    scan.write_bytes(encoded(teddy().resize((4300, 4300)), "TIFF"))
    assert 50 * 2**20 < scan.stat().st_size < 64 * 2**20
    here = visit()
    here.choose(scan)
    assert here.wait_for_answers(1) == ["Teddy bear"]


def test_photos_chosen_while_the_model_is_away_are_answered_later(visit: Open, teddy_file: Path) -> None:
    here = visit()
    here.choose(teddy_file)
    here.wait_for_answers(1)
    workers = [
        process
        for process in psutil.process_iter(["cmdline"])
        if "bearclf.service.prediction" in (process.info["cmdline"] or ())
    ]
    assert workers
    for worker in workers:
        worker.kill()
    expect(here.page.locator(".bearclf-status")).to_contain_text("being started again")
    here.screenshot("restarting")
    here.choose(teddy_file)
    assert here.wait_for_answers(2) == ["Teddy bear"] * 2
    expect(here.page.locator(".bearclf-status")).to_contain_text("2 of 2 photos answered")


def test_a_visitors_kernel_is_small(visit: Open, teddy_file: Path) -> None:
    here = visit()
    here.choose(teddy_file)
    here.wait_for_answers(1)
    measured = 0
    for kernel in here.server.kernels():
        with suppress(psutil.NoSuchProcess):  # that of a page which was closed before
            assert kernel.memory_full_info().pss < 100e6
            assert not any("torch" in region.path for region in kernel.memory_maps())
            measured += 1
    assert measured


def test_pictures_beside_the_notebook_are_not_served(visit: Open) -> None:
    here = visit()
    base = here.server.url.split("voila/render")[0]
    path = "voila/files/bearclf/bundles/bears/report/confusion_matrix.png"
    assert here.page.request.get(f"{base}{path}").status in (403, 404)
