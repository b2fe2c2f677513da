"""The second tab as curators use it: nothing is lost, and who may not curate changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tornado.websocket import websocket_connect

from bearclf.access.passphrase import hash_passphrase
from tests.browser.conftest import Visit, serving_as
from tests.helpers.drawings import encoded, pattern
from tests.helpers.patience import PATIENCE
from tests.helpers.readable import Readable
from tests.helpers.sheet import scored
from tests.helpers.training_folders import contents

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]
PASSPHRASE = "the bears are asleep"


@pytest.fixture
def visit(browser: Browser, folder: Path, pattern_bundle: Path, tmp_path: Path) -> Iterator[Open]:
    with serving_as(browser, tmp_path, training=folder, bundle=pattern_bundle) as open_page:
        yield open_page


def clean(here: Visit) -> Page:
    """Turn to the second tab."""
    here.page.get_by_role("tab", name="Clean the training photos").click()
    return here.page


def action(page: Page, name: str) -> Locator:
    """What can be done with a photo."""
    shown = page.locator(".bearclf-slot:visible")
    return shown.get_by_label(f"What to do with {name.split('_')[0]} photo {name}", exact=True)


def choice(page: Page, name: str) -> Locator:
    """A dropdown of the tab that is shown."""
    return page.get_by_role("combobox", name=name, exact=True)


def in_order_of_names(page: Page) -> None:
    """Until this is so, the photos may still change under one's fingers."""
    choice(page, "Order").select_option("As in the folder")
    expect(page.locator(".bearclf-slot").first).to_have_attribute("aria-label", "checks photo checks_0.jpg")


def counts(folder: Path) -> dict[str, int]:
    return {path.name: len(list(path.iterdir())) for path in sorted(folder.iterdir())}


def test_marks_survive_and_are_applied_and_undone(visit: Open, folder: Path) -> None:
    before = contents(folder)
    here = visit()
    page = clean(here)
    scored(page)
    in_order_of_names(page)
    action(page, "checks_1.jpg").select_option("move to dots")
    action(page, "dots_2.jpg").select_option("delete")
    expect(page.get_by_text("2 changes waiting: 1 to move, 1 to delete")).to_be_visible()
    choice(page, "Class").select_option("stripes")
    expect(page.locator(".bearclf-slot:visible")).to_have_count(8)
    action(page, "stripes_3.jpg").select_option("move to checks")
    choice(page, "Part").select_option("Train")
    choice(page, "Order").select_option("Highest loss first")
    choice(page, "Class").select_option("All classes")
    choice(page, "Part").select_option("Train and valid")
    expect(page.locator(".bearclf-slot:visible")).to_have_count(24)
    expect(action(page, "checks_1.jpg")).to_have_value("move to dots")
    expect(action(page, "stripes_3.jpg")).to_have_value("move to checks")
    assert counts(folder) == {"checks": 8, "dots": 8, "stripes": 8}, "marks alone change nothing"
    page.get_by_role("button", name="Review and apply").click()
    expect(page.get_by_text("dots_2.jpg", exact=True)).to_be_visible()
    here.screenshot("clean-review")
    assert here.violations() == []
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_text("2 photos moved to another class, 1 put into the bin").first).to_be_visible()
    assert counts(folder) == {"checks": 8, "dots": 8, "stripes": 7}
    assert contents(folder) == before
    page.reload()
    here.wait_until_usable()
    page = clean(here)
    page.get_by_title("Undo: 2 photos moved to another class, 1 put into the bin").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert counts(folder) == {"checks": 8, "dots": 8, "stripes": 8}
    assert contents(folder) == before


def test_it_works_by_keyboard(visit: Open) -> None:
    page = clean(visit())
    scored(page)
    in_order_of_names(page)
    page.get_by_role("group", name="checks photo checks_0.jpg").focus()
    page.keyboard.press("d")
    expect(action(page, "checks_0.jpg")).to_have_value("delete")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("group", name="checks photo checks_1.jpg")).to_be_focused()
    page.keyboard.press("3")
    expect(action(page, "checks_1.jpg")).to_have_value("move to stripes")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("k")
    expect(action(page, "checks_0.jpg")).to_have_value("keep")
    expect(page.get_by_text("1 change waiting")).to_be_visible()


def test_a_retrained_model_is_live_in_every_open_page(visit: Open, folder: Path) -> None:
    (folder / "dots").rename(folder / "spots")
    here, elsewhere = visit(), visit()
    expect(elsewhere.page.get_by_text("I can tell checks, dots and stripes apart")).to_be_visible()
    page = clean(here)
    scored(page)
    page.get_by_role("button", name="Retrain", exact=True).click()
    live = page.get_by_role("button", name="Make it live")
    expect(live).to_be_visible(timeout=2000 * PATIENCE)
    page.get_by_role("button", name="Details").click()
    here.screenshot("clean-compared")
    assert here.violations() == []
    live.click()
    expect(elsewhere.page.get_by_text("I can tell checks, spots and stripes apart")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_title("Card: Model 1").click()
    assert json.loads(Path(download.value.path()).read_text())["classes"] == ["checks", "spots", "stripes"]
    with page.expect_download() as download:
        page.get_by_title("Report: Model 1").click()
    assert download.value.suggested_filename == "report on model 1.html"
    report = Readable(Path(download.value.path()).read_text("utf-8"))
    assert "These are among the model's own training photos." in report.sections["In short"]
    page.get_by_title("Report: The original model").click()
    expect(page.get_by_text("“spots”, which this model doesn't know")).to_be_visible()
    page.get_by_role("heading", name="Models").scroll_into_view_if_needed()
    here.screenshot("clean-models")
    page.get_by_title("Roll back to this: The original model").click()
    expect(elsewhere.page.get_by_text("I can tell checks, dots and stripes apart")).to_be_visible()


def test_a_fine_tuning_is_followed_epoch_by_epoch_and_keeps_the_best_when_cancelled(visit: Open) -> None:
    here = visit(375)
    page = clean(here)
    scored(page)
    page.get_by_role("button", name="Fine-tune instead").click()
    table = page.get_by_role("table").filter(has_text="epoch")
    expect(table.get_by_text("The head alone, 224 pixels")).to_be_visible(timeout=2000 * PATIENCE)
    expect(page.get_by_role("img", name="Losses by epoch")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped: the best epoch so far is kept.")).to_be_visible(timeout=2000 * PATIENCE)
    here.screenshot("clean-fine-tuned")
    assert here.violations() == []
    expect(page.get_by_role("button", name="Make it live")).to_be_visible(timeout=2000 * PATIENCE)


def test_a_classifier_of_ones_own_without_any_file_access(
    browser: Browser, pattern_bundle: Path, tmp_path: Path
) -> None:
    with serving_as(
        browser, tmp_path, training=tmp_path / "new" / "training", bundle=pattern_bundle
    ) as visit:
        here = visit(375)
        page = clean(here)
        expect(page.get_by_text("There are no training photos yet")).to_be_visible()
        here.screenshot("clean-empty")
        assert here.violations() == []
        for label, kind in (("spots", "dots"), ("lines", "stripes")):
            photos = []
            for seed in range(5):
                photos.append(tmp_path / f"{kind} {seed}.png")
                photos[-1].write_bytes(encoded(pattern(kind, seed), "PNG"))
            page.get_by_role("combobox", name="Add to").select_option("a new class…")
            page.get_by_role("textbox", name="Its name").fill(label)
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Choose photos").click()
            chooser.value.set_files([str(photo) for photo in photos])
            expect(page.get_by_text("5 photos added").first).to_be_visible()
        page.get_by_role("button", name="Back to the photos").click()
        scored(page)
        page.get_by_role("button", name="Retrain", exact=True).click()
        page.get_by_role("button", name="Make it live").click(timeout=2000 * PATIENCE)
        page.get_by_role("tab", name="Identify").click()
        expect(page.get_by_text("I can tell lines and spots apart")).to_be_visible()
        new = tmp_path / "new spots.png"
        new.write_bytes(encoded(pattern("dots", 99), "PNG"))
        here.choose(new)
        assert here.wait_for_answers(1) == ["Spots"]


def test_the_sheet_is_accessible_and_nothing_is_cut_off(visit: Open) -> None:
    for width, scheme in ((1280, "light"), (375, "light"), (1280, "dark")):
        here = visit(width, scheme)
        page = clean(here)
        scored(page)
        expect(page.locator(".bearclf-slot:visible")).to_have_count(24)
        action(page, "dots_1.jpg").select_option("delete")
        expect(page.get_by_text("1 change waiting")).to_be_visible()
        here.screenshot(f"clean-{scheme}")
        assert here.violations() == []
        scrolls = page.evaluate(
            "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        )
        assert scrolls <= 0


@pytest.fixture
def locked(browser: Browser, folder: Path, pattern_bundle: Path, tmp_path: Path) -> Iterator[Open]:
    curators = hash_passphrase(PASSPHRASE)
    with serving_as(
        browser, tmp_path, training=folder, bundle=pattern_bundle, curators=curators
    ) as open_page:
        yield open_page


def test_a_passphrase_opens_the_tab(locked: Open) -> None:
    here = locked(375)
    page = clean(here)
    field = page.get_by_label("Passphrase")
    field.fill("something else")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="passphrase")).to_be_visible()
    here.screenshot("clean-passphrase")
    assert here.violations() == []
    field.fill(PASSPHRASE)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("24 photos, 3 classes")).to_be_visible()


def test_forged_messages_change_nothing(locked: Open, folder: Path) -> None:
    before = counts(folder)
    sockets: list[str] = []
    here = locked()
    here.page.on("websocket", lambda socket: sockets.append(socket.url))
    here.page.reload()
    here.wait_until_usable()
    clean(here)
    expect(here.page.get_by_label("Passphrase")).to_be_visible()
    with ThreadPoolExecutor() as apart:  # Playwright has a loop of its own in this thread
        forged = apart.submit(asyncio.run, patiently(forge(sockets[-1], here.server.url))).result()
    assert forged > 20, "there were widgets to forge messages to"
    expect(here.page.get_by_label("Passphrase")).to_be_visible()
    expect(here.page.locator(".bearclf-slot")).to_have_count(0)
    assert counts(folder) == before
    assert not folder.parent.joinpath(f".{folder.name}.bearclf").exists(), "the folder was not even opened"


async def patiently(work: Coroutine[Any, Any, int]) -> int:
    return await asyncio.wait_for(work, PATIENCE)


async def forge(url: str, origin: str) -> int:
    """Click every button and set every choice of a page, seen or not; returns how many messages it took."""
    from tornado.httpclient import HTTPRequest

    request = HTTPRequest(url.split("?")[0] + f"?session_id={uuid4().hex}", headers={"Origin": origin[:-1]})
    socket = await websocket_connect(request, max_message_size=2**28)

    async def send(kind: str, content: dict[str, Any]) -> None:
        header = {
            "msg_id": uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": "forged",
            "version": "5.3",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {"version": "1.0.0"},
            "content": content,
        }
        await socket.write_message(json.dumps({**message, "channel": "shell", "buffers": []}))

    async def receive(wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:  # until the caller's patience ends
            received = await socket.read_message()
            assert received is not None, "the server has hung up"
            if isinstance(received, bytes):  # a count of parts, their offsets, and the JSON first
                first = int.from_bytes(received[4:8], "big")
                second = int.from_bytes(received[8:12], "big") if received[3] > 1 else len(received)
                received = received[first:second].decode()
            message: dict[str, Any] = json.loads(received)
            if wanted(message):
                return message

    comm = uuid4().hex
    await send("comm_open", {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}})
    await send("comm_msg", {"comm_id": comm, "data": {"method": "request_states"}})
    told = await receive(lambda message: "states" in message["content"].get("data", {}))
    states = told["content"]["data"]["states"]
    sent = 0
    for model in states:
        for data in (
            {"method": "custom", "content": {"event": "click"}},
            {"method": "custom", "content": {"event": "submit"}},
            {"method": "update", "state": {"index": 1}},
            {"method": "update", "state": {"selected_index": 1}},
            {"method": "update", "state": {"disabled": False, "value": "forged"}},
        ):
            await send("comm_msg", {"comm_id": model, "data": data})
            sent += 1
    await send("kernel_info_request", {})
    await receive(lambda message: message["header"]["msg_type"] == "kernel_info_reply")
    socket.close()
    return sent
