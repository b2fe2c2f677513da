"""The page in JupyterLab, below the cell of ``app.ipynb``, as ``make lab`` opens it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit
from tests.conftest import ROOT
from tests.helpers.patience import PATIENCE
from tests.helpers.servers import serving
from tests.helpers.sheet import scored

pytestmark = pytest.mark.browser


@pytest.fixture
def here(browser: Browser, patterns: Path, tmp_path: Path) -> Iterator[Visit]:
    """JupyterLab with a copy of the notebook, which it may save, once its cells have run."""
    shutil.copy(ROOT / "app.ipynb", tmp_path)
    shutil.copytree(patterns, tmp_path / "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEARCLF_TRAINING", str(tmp_path / "photos"))
        for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
            patch.setenv(name, str(tmp_path / name.lower()))
        with serving("lab", tmp_path / "lab.log", tmp_path) as server:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(1000 * PATIENCE)
            page = context.new_page()
            page.goto(server.url)
            page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # a cell that is run earlier is not
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            page.locator(".bearclf-upload").wait_for()
            yield Visit(page, server, 1280)
            context.close()


def test_both_tabs_work_below_the_cell(here: Visit, teddy_file: Path) -> None:
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]
    here.screenshot("lab-identify")
    here.page.get_by_role("tab", name="Clean the training photos").click()
    expect(here.page.locator(".bearclf-slot:visible")).to_have_count(24)
    here.screenshot("lab-clean")


def test_the_keys_of_the_sheet_leave_the_notebook_alone(here: Visit) -> None:
    here.page.get_by_role("tab", name="Clean the training photos").click()
    scored(here.page)  # until then, photos change their places
    here.page.locator(".bearclf-slot:visible").first.focus()
    for key in ("x", "d", "ArrowRight", "d"):
        here.page.keyboard.press(key)
    expect(here.page.get_by_text("2 changes waiting")).to_be_visible()
    expect(here.page.locator(".jp-CodeCell")).to_have_count(1)
