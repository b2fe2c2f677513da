"""Photos that a bundle brings for visitors to try."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import serving_as

pytestmark = pytest.mark.browser


def test_an_example_is_one_click_away(browser: Browser, example_bundle: Path, tmp_path: Path) -> None:
    with serving_as(browser, tmp_path, bundle=example_bundle) as visit:
        for width in (1280, 375):
            here = visit(width)
            expect(here.page.get_by_role("img", name="Example 3")).to_be_visible()
            here.screenshot("examples")
            assert here.violations() == []
            here.page.get_by_role("button", name="Try example 3").click()
            assert here.wait_for_answers(1) == ["Stripes"]
