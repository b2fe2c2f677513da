"""The first tab as visitors use it, by mouse, keyboard and screen reader."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from bearclf.models.feedback import FeedbackStore
from bearclf.photos.decode import decode, thumbnail
from tests.browser.conftest import Visit
from tests.helpers.drawings import encoded, pattern, teddy

# What differs between the two ways of serving is tested in test_page.py.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("server", ["voila"], indirect=True, scope="session"),
]
Open = Callable[..., Visit]

ORIENTATION = 0x0112  # EXIF

# Makes a File in the page and hands it over as a drop or a paste would.
HAND_OVER = """
([kind, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  const target = document.querySelector(".bearclf-chooser");
  if (kind === "drop") {
    for (const step of ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(new DragEvent(step, { dataTransfer: carried, bubbles: true, cancelable: true }));
    }
  } else {
    target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true }));
  }
}
"""

# What the keyboard is at, in words.
FOCUSED = "(one => one.matches('button') ? one.title || one.textContent : '')(document.activeElement)"

# Where a reader's eyes and fingers are: each photo, its name, and what stands above them.
PLACES = """
() => [...document.querySelectorAll(
  ".bearclf-photo-answer, .bearclf-name, .bearclf-actions > *"
)].map((part) => {
  const { left, top } = part.getBoundingClientRect();
  return [Math.round(left), Math.round(top + scrollY)];
})
"""

# The size of a picture, and its colours near the corners.
CORNERS = """
picture => picture.decode().then(() => {
  const { naturalWidth: width, naturalHeight: height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(picture, 0, 0);
  const at = (x, y) => [...context.getImageData(x, y, 1, 1).data.slice(0, 3)];
  return [[width, height], at(9, 9), at(width - 9, 9), at(9, height - 9), at(width - 9, height - 9)];
})
"""


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_dropped_or_pasted_photo_is_answered(visit: Open, kind: str) -> None:
    here = visit()
    content = base64.b64encode(encoded(teddy(), "PNG")).decode()
    here.page.evaluate(HAND_OVER, [kind, "image.png", "image/png", content])
    assert here.wait_for_answers(1) == ["Teddy bear"]


def test_what_the_browser_cannot_decode_is_sent_as_it_is(visit: Open, tmp_path: Path) -> None:
    heic = tmp_path / "IMG_1.HEIC"
    heic.write_bytes(encoded(teddy(), "HEIF"))
    here = visit()
    here.choose(heic)
    assert here.wait_for_answers(1) == ["Teddy bear"]


@pytest.mark.parametrize("decoder", ["ImageDecoder", "createImageBitmap"])
def test_a_phones_photo_is_sent_small_and_arrives_upright(visit: Open, tmp_path: Path, decoder: str) -> None:
    """By the fast way and by that of browsers which don't have it, for each way to hold a phone."""
    here = visit()
    if decoder != "ImageDecoder":
        here.page.evaluate("delete window.ImageDecoder")
    sent: list[int] = []
    session = here.page.context.new_cdp_session(here.page)
    session.on("Network.webSocketFrameSent", lambda event: sent.append(len(event["response"]["payloadData"])))
    session.send("Network.enable")
    grain = np.random.default_rng(0).normal(0, 12, (1600, 2400, 3))
    quarters = np.zeros((1600, 2400, 3))
    quarters[:800, :1200], quarters[:800, 1200:] = (200, 40, 40), (40, 180, 40)
    quarters[800:, :1200], quarters[800:, 1200:] = (40, 40, 200), (200, 200, 40)
    picture = Image.fromarray((quarters + grain).clip(0, 255).astype(np.uint8))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        path = tmp_path / f"held {orientation}.jpg"
        picture.save(path, quality=90, exif=exif)
        assert path.stat().st_size > 1_000_000
        here.choose(path)
        here.wait_for_answers(orientation)
        [size, *colours] = here.page.get_by_role("img", name=path.name).evaluate(CORNERS)
        upright = thumbnail(decode(path.read_bytes()))
        expected = np.asarray(Image.open(io.BytesIO(upright))).astype(int)
        assert abs(size[0] - expected.shape[1]) <= 1
        assert abs(size[1] - expected.shape[0]) <= 1
        corners = [expected[y, x] for y in (9, -10) for x in (9, -10)]
        assert np.abs(np.array(colours) - corners).max() < 40
    assert sum(sent) < 8 * 700_000


def test_what_is_too_large_is_refused_in_the_browser_and_the_page_lives_on(
    visit: Open, teddy_file: Path, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(65 * 2**20)
    here = visit()
    here.choose(huge, teddy_file)
    assert here.wait_for_answers(2) == ["I can't look at this one", "Teddy bear"]
    expect(here.page.get_by_text("larger than 64 MB")).to_be_visible()
    here.choose(*[huge] * 17)  # over 1 GB together
    expect(here.page.get_by_role("alert")).to_contain_text("Nothing was sent")
    here.screenshot("too-much")
    here.choose(teddy_file)
    assert here.wait_for_answers(3)[0] == "Teddy bear"


def test_a_cancelled_dialog_changes_nothing(visit: Open, teddy_file: Path) -> None:
    here = visit()
    with here.page.expect_file_chooser() as chooser:
        here.page.get_by_role("button", name="Choose photos").click()
    chooser.value.set_files([])
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]


@pytest.mark.parametrize("width", [1280, 375])
def test_many_photos_and_a_second_batch_meanwhile(visit: Open, tmp_path: Path, width: int) -> None:
    files = []
    for number in range(50 if width == 1280 else 12):
        files.append(tmp_path / f"photo {number}.jpg")
        files[-1].write_bytes(encoded(teddy().resize((300, 300 + number))))
    here = visit(width)
    here.choose(*files[:-5])
    here.choose(*files[-5:])
    expect(here.page.locator(".bearclf-many > .bearclf-photo-answer")).to_have_count(len(files))
    expect(here.page.locator(".bearclf-status")).to_contain_text(f"of {len(files)}")
    places = here.page.evaluate(PLACES)
    here.wait_for_answers(len(files))
    expect(here.page.get_by_role("link", name="Download as a table (CSV)")).to_be_enabled()
    assert here.page.evaluate(PLACES) == places
    expect(here.page.locator(".bearclf-status")).to_contain_text(f"{len(files)} of {len(files)}")
    with here.page.expect_download() as download:
        here.page.get_by_role("link", name="Download as a table (CSV)").click()
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(rows) == len(files) + 1
    assert rows[1].startswith(f"{files[-5].name},")
    here.page.get_by_label("Order").select_option("Least sure first")
    here.page.get_by_role("button", name="More").first.click()
    expect(here.page.get_by_role("button", name="Why?")).to_be_visible()
    here.page.get_by_role("button", name="Yes").click()
    expect(here.page.get_by_text("Thank you")).to_be_visible()
    here.screenshot("table")
    assert here.violations() == []


def test_an_answer_is_explained_and_can_be_put_right(
    visit: Open, shared_photos: Path, teddy_file: Path
) -> None:
    here = visit()
    here.choose(teddy_file)
    here.wait_for_answers(1)
    here.page.get_by_role("button", name="Why?").click()
    expect(here.page.get_by_role("img", name="Training photo of teddy bear").first).to_be_visible()
    expect(here.page.get_by_role("img", name="Evidence in your photo")).to_be_visible()
    here.screenshot("why")
    assert here.violations() == []
    here.page.get_by_role("button", name="No, it is…").click()
    here.page.get_by_role("button", name="None of these").click()
    expect(here.page.get_by_text("Thank you")).to_be_visible()
    given = here.page.get_by_role("checkbox", name="I give this photo for training")
    expect(given).not_to_be_checked()
    before = len(FeedbackStore(Path(os.environ["BEARCLF_DATA"]), "").review_queue())
    given.check()
    store = FeedbackStore(Path(os.environ["BEARCLF_DATA"]), "")
    for _ in range(100):
        if len(queue := store.review_queue()) > before:
            break
        here.page.wait_for_timeout(100)  # until the kernel has the photo from the worker
    assert queue[-1].visitor_label == ""
    assert queue[-1].jpeg.startswith(b"\xff\xd8")


def test_a_kernel_that_is_gone_is_said_and_the_page_starts_afresh(visit: Open, teddy_file: Path) -> None:
    here = visit()
    here.choose(teddy_file)
    here.wait_for_answers(1)
    for kernel in here.server.kernels():
        kernel.kill()
    notice = here.page.locator(".bearclf-lost")
    expect(notice.get_by_role("button", name="Start afresh")).to_be_visible(timeout=60_000)
    expect(here.page.get_by_text("Teddy bear", exact=True)).to_be_visible()
    here.screenshot("lost")
    assert here.violations() == []
    notice.get_by_role("button", name="Start afresh").click()
    expect(notice).to_be_hidden()
    here.wait_until_usable()


def side_by_side(folder: Path, shared_photos: Path, black: str, grizzly: str) -> Path:
    """A picture of two bears, which no model can be sure of."""
    both = Image.new("RGB", (800, 400))
    for left, label, number in ((0, "black", black), (400, "grizzly", grizzly)):
        content = (shared_photos / "bears" / label / f"{label}_{number}.jpg").read_bytes()
        both.paste(decode(content).resize((400, 400)), (left, 0))
    path = folder / f"{black} and {grizzly}.jpg"
    path.write_bytes(encoded(both, quality=92))
    return path


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (375, "light"), (1280, "dark"), (375, "dark")]
)
def test_every_kind_of_answer_is_accessible(
    visit: Open, shared_photos: Path, teddy_file: Path, tmp_path: Path, width: int, scheme: str
) -> None:
    notes, dots = tmp_path / "notes.jpg", tmp_path / "dots.png"
    notes.write_text("not a photo")
    dots.write_bytes(encoded(pattern("dots", 4), "PNG"))
    probable = side_by_side(tmp_path, shared_photos, "0766", "0860")
    unsure = side_by_side(tmp_path, shared_photos, "0790", "0860")
    doubtful = side_by_side(tmp_path, shared_photos, "0820", "1161")
    here = visit(width, scheme)
    assert here.violations() == []
    here.choose(unsure, probable, doubtful, teddy_file, dots, notes)
    headlines = here.wait_for_answers(6)
    assert headlines == [
        "I can't tell a grizzly bear from a black bear here",
        "Probably a black bear",
        "Perhaps a grizzly bear",
        "Teddy bear",
        "None of these",
        "I can't look at this one",
    ]
    here.screenshot(f"answers-{scheme}")
    assert here.violations() == []


def test_all_of_it_works_by_keyboard(visit: Open, teddy_file: Path) -> None:
    here = visit()

    def tab_to(name: str) -> None:
        for _ in range(30):
            here.page.keyboard.press("Tab")
            # Asked in one go: between two questions the focused widget may be gone.
            if name in here.page.evaluate(FOCUSED):
                return
        pytest.fail(f"the keyboard doesn't reach “{name}”")

    tab_to("Choose photos")
    with here.page.expect_file_chooser() as chooser:
        here.page.keyboard.press("Enter")
    chooser.value.set_files([str(teddy_file)])
    here.wait_for_answers(1)
    expect(here.page.locator(".bearclf-spoken")).to_have_text("Teddy bear.")
    expect(here.page.get_by_role("button", name="Yes")).to_be_visible()
    tab_to("Yes")
    here.page.keyboard.press("Enter")
    expect(here.page.get_by_text("Thank you")).to_be_visible()
    here.page.keyboard.press("Shift+Tab")
    tab_to("Start over")
    here.page.keyboard.press("Enter")
    here.wait_for_answers(0)


def test_why_may_be_asked_before_the_thumbnail_has_come(visit: Open, tmp_path: Path) -> None:
    """It came after the answer, of a HEIC always: the page then said twice that the model had stopped."""
    photo = tmp_path / "phone.heic"
    photo.write_bytes(encoded(teddy(), "HEIF"))
    here = visit()
    here.page.evaluate(
        """() => new MutationObserver(() => {
            for (const button of document.querySelectorAll("button")) {
                if (button.textContent === "Why?" && !button.disabled) button.click();
            }
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    for number in range(1, 5):
        here.choose(photo)
        here.wait_for_answers(number)
        expect(here.page.get_by_role("img", name="Evidence in your photo")).to_have_count(number)
    expect(here.page.get_by_role("alert")).to_have_count(0)
