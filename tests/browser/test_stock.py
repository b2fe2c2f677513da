"""The page on Voilà's own template, which is one setting away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, visiting
from tests.helpers.servers import Server, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("stock", tmp_path_factory.mktemp("logs") / "stock.log") as running:
        yield running


@pytest.fixture
def visit(browser: Browser, stock: Server) -> Iterator[Callable[..., Visit]]:
    # Stock Voilà asks another host for fonts of icons.
    with visiting(browser, stock, may_ask_others=True) as open_page:
        yield open_page


@pytest.mark.parametrize("width", [1280, 375])
def test_a_photo_gets_its_answer(visit: Callable[..., Visit], teddy_file: Path, width: int) -> None:
    here = visit(width)
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]
    frame = here.page.locator(".bearclf-photo-answer").bounding_box()
    assert frame is not None
    assert frame["width"] < width  # the page's own style has come
    here.screenshot("stock")


def test_a_lost_connection_is_said(visit: Callable[..., Visit]) -> None:
    here = visit()
    for kernel in here.server.kernels():
        kernel.kill()
    notice = here.page.get_by_role("alert").filter(has_text="connection to the server is lost")
    expect(notice).to_be_visible(timeout=60_000)
    notice.get_by_role("button", name="Reload the page").click()
    expect(notice).to_be_hidden()
    here.wait_until_usable()
