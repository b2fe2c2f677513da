"""Photos that a bundle brings for visitors to try."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bearclf.photos.store import FeatureStore
from bearclf.training.train import Options, train
from tests.browser.conftest import serving_as
from tests.conftest import no_progress
from tests.helpers.drawings import encoded, pattern

pytestmark = pytest.mark.browser


def test_an_example_is_one_click_away(browser: Browser, patterns: Path, tmp_path: Path) -> None:
    examples = tmp_path / "examples"
    examples.mkdir()
    for kind in ("checks", "dots", "stripes"):
        (examples / f"{kind}.png").write_bytes(encoded(pattern(kind, 50).resize((480, 400)), "PNG"))
    train(patterns, tmp_path / "bundle", Options(size=64, examples=examples), FeatureStore(None), no_progress)
    with serving_as(browser, tmp_path, bundle=tmp_path / "bundle") as visit:
        for width in (1280, 375):
            here = visit(width)
            expect(here.page.get_by_role("img", name="Example 3")).to_be_visible()
            here.screenshot("examples")
            assert here.violations() == []
            here.page.get_by_role("button", name="Try example 3").click()
            assert here.wait_for_answers(1) == ["Stripes"]
