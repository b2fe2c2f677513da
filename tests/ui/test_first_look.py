from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from bearclf.ui.first_look import sentences
from bearclf.ui.stock_page import StockPage
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


def test_the_stock_template_gets_the_style_when_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []
    stock = StockPage()
    monkeypatch.setattr(stock, "send", lambda content, buffers=None: said.append(content))
    stock._handle_custom_msg({"kind": "style"}, [])
    stock._handle_custom_msg({"kind": "ping"}, [])
    assert ".bearclf-chooser" in said[0]["css"]
    assert said[1] == {"kind": "pong"}
