"""A curator brings an export of fastai, is told what is in it, and has a model made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, serving_as

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, folder: Path, pattern_bundle: Path, tmp_path: Path) -> Iterator[Open]:
    with serving_as(browser, tmp_path, training=folder, bundle=pattern_bundle) as open_page:
        yield open_page


@pytest.fixture
def export(tmp_path: Path, slow: None) -> Path:
    from tests.helpers.exports import drawn_photos, exported, learner

    drawn_photos(tmp_path / "drawn")
    return exported(learner(tmp_path / "drawn"), tmp_path / "export.pkl")[0]


def test_an_export_is_looked_at_and_becomes_a_model_that_is_not_live(visit: Open, export: Path) -> None:
    here = visit(width=1280)
    page = here.page
    page.get_by_role("tab", name="Clean the training photos").click()
    photo = export.with_name("photo.pkl")
    photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(2000))

    def choose(file: Path) -> None:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose export.pkl").click()
        chooser.value.set_files(file)

    choose(photo)
    expect(page.get_by_role("alert").filter(has_text="is a photo")).to_be_visible()
    choose(export)
    told = page.get_by_text("This one would import")
    expect(told).to_be_visible()
    expect(page.get_by_text("None of it is run")).to_be_visible()
    here.screenshot("adopt-asks")
    expect(page.get_by_role("button", name="Retrain", exact=True)).to_be_visible(timeout=240_000)
    page.get_by_role("button", name="Adopt it").click()
    expect(page.get_by_text("brought from elsewhere, not measured here")).to_be_visible(timeout=240_000)
    expect(page.get_by_text("is adopted, and not live yet").first).to_be_visible()
    here.screenshot("adopt-done")
    page.get_by_title("Make live: Model 1").click()
    expect(page.get_by_text("Model 1 is live now").first).to_be_visible()
    page.get_by_role("tab", name="Identify").click()
    expect(page.get_by_text("I can't tell that it is something else")).to_be_visible()
    here.screenshot("adopt-live")
