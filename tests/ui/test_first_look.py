from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from bearclf.ui.first_look import sentences
from tests.conftest import ROOT


def test_the_page_says_what_the_live_model_knows_before_there_is_a_kernel() -> None:
    said = sentences(nbformat.read(ROOT / "app.ipynb", 4))
    assert said is not None
    assert "black bears, grizzly bears and teddy bears" in said["lead"][0]
    assert "forgotten" in said["promise"]
    assert ".heic" in said["accept"]


def test_another_notebook_gets_no_drop_zone() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('bears')")])
    assert sentences(notebook) is None


def test_a_model_that_cannot_be_read_is_left_to_the_notebook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BEARCLF_BUNDLE", str(tmp_path / "gone"))
    assert sentences(nbformat.read(ROOT / "app.ipynb", 4)) is None
