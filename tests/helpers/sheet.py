"""The contact sheet in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.helpers.patience import PATIENCE


def scored(page: Page) -> None:
    """Wait until every photo has been judged, and the sheet shows it."""
    expect(page.get_by_text("that it had not learned from").first).to_be_visible(timeout=2000 * PATIENCE)
    expect(page.locator(".bearclf-sheet[aria-busy]")).to_have_attribute("aria-busy", "false")
