"""Answers about photos that aren't quite like those that were learned from, or not at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bearclf.models.card import CARD, read_card
from tests.browser.conftest import serving_as
from tests.helpers.drawings import encoded, pattern

pytestmark = pytest.mark.browser

FAR = 1e9  # more than any photo's familiarity


@pytest.mark.parametrize(
    ("standing", "none_below", "headline", "hint"),
    [
        ("doubtful", -FAR, "Perhaps a dots pattern", "Closer or brighter, I may tell better."),
        ("none", FAR, "None of these", "If it had to be one of these, I'd say a dots pattern."),
    ],
)
def test_what_may_bring_a_better_answer_is_on_a_card_and_in_an_opened_row(
    browser: Browser,
    pattern_bundle: Path,
    tmp_path: Path,
    standing: str,
    none_below: float,
    headline: str,
    hint: str,
) -> None:
    bundle = Path(shutil.copytree(pattern_bundle, tmp_path / "bundle"))
    card = replace(read_card(bundle), noun="pattern", none_below=none_below, known_from=FAR)
    (bundle / CARD).write_text(card.to_json(), encoding="utf-8")
    dots = tmp_path / "dots.png"
    dots.write_bytes(encoded(pattern("dots", 4), "PNG"))
    with serving_as(browser, tmp_path, bundle=bundle) as visit:
        for width, scheme in ((1280, "light"), (375, "dark")):
            here = visit(width, scheme)
            here.choose(dots)
            assert here.wait_for_answers(1) == [headline]
            expect(here.page.locator(".bearclf-spoken")).to_have_text(f"{headline}.")
            expect(here.page.locator(f".bearclf-{standing}").get_by_text(hint)).to_be_visible()
            assert here.violations() == []
            here.choose(*[dots] * 8)
            here.wait_for_answers(9)
            row = here.page.locator(f".bearclf-many > .bearclf-{standing}").first
            expect(row.get_by_text(hint)).to_be_hidden()
            row.get_by_role("button", name="More").click()
            expect(row.get_by_text(hint)).to_be_visible()
            here.screenshot(f"table-{standing}-{scheme}")
            assert here.violations() == []
