from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from bearclf.models.bundle import NETWORK, read_checked
from bearclf.models.card import read_card
from bearclf.prediction.network import ExportedNetwork
from bearclf.training.export_network import write_network
from tests.helpers.drawings import CLASSES


def test_the_network_comes_with_the_bundle(pattern_bundle: Path) -> None:
    card = read_card(pattern_bundle)
    content, pickled = (read_checked(pattern_bundle, name, card) for name in (NETWORK, "export.pkl"))
    assert ExportedNetwork(content, pickled).vocab == list(CLASSES)
    assert len(content) < len(pickled) / 50  # the weights are there once
    assert b".py" not in content  # nor any path of this machine


@pytest.mark.parametrize("fault", ["no onnx", "no onnxruntime", "other answers"])
def test_without_a_network_that_can_be_trusted_the_bundle_is_complete(
    fault: str,
    pattern_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "export.pkl").write_bytes((pattern_bundle / "export.pkl").read_bytes())
    if fault == "other answers":
        seen = np.ones(len(CLASSES), np.float32), np.ones(1280, np.float32)
        monkeypatch.setattr(ExportedNetwork, "forward", lambda *_: seen)
    else:
        monkeypatch.setitem(sys.modules, fault.removeprefix("no "), None)
    write_network(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["export.pkl"]
    assert "no network.onnx" in caplog.text
