"""Whoever runs a server reads what it prints: of a visit in which nothing is wrong, nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import visiting
from tests.helpers.patience import until
from tests.helpers.servers import serving

pytestmark = pytest.mark.browser

NOT_OF_A_VISIT = ("Open http://localhost:", "/voila/static/none", "received signal 15")
"""The address, what tests ask until a server answers, and how they end it."""


@pytest.mark.parametrize("kind", ["voila", "jupyter"])
def test_a_visit_leaves_nothing_to_read(
    browser: Browser, kind: str, teddy_file: Path, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    with serving(kind, log) as server:
        before = {kernel.pid for kernel in server.kernels()}
        with visiting(browser, server) as open_page:
            for _ in range(2):
                visit = open_page()
                visit.choose(teddy_file)
                assert visit.wait_for_answers(1) == ["Teddy bear"]
                visit.page.context.close()
        # Those that wait for the next visitors may be there; the two that were visited have ended.
        until(lambda: len({kernel.pid for kernel in server.kernels()} - before) <= 2)
    lines = [line for line in log.read_text().splitlines() if line.strip()]
    if kind == "jupyter":  # what it tells at the level of information is its own affair
        lines = [line for line in lines if line.startswith(("[W", "[E", "[C"))]
    assert [line for line in lines if not any(part in line for part in NOT_OF_A_VISIT)] == []
