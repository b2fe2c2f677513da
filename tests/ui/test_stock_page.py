from __future__ import annotations

import pytest

from bearclf.ui.stock_page import StockPage
from tests.helpers.widgets import send


def test_the_stock_template_gets_the_style_when_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []
    stock = StockPage()
    monkeypatch.setattr(stock, "send", lambda content, buffers=None: said.append(content))
    send(stock, {"kind": "style"})
    send(stock, {"kind": "ping"})
    assert ".bearclf-chooser" in said[0]["css"]
    assert said[1] == {"kind": "pong"}
