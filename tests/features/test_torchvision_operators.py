from __future__ import annotations

import importlib
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_torchvision_is_importable_where_its_operators_are_not() -> None:
    script = """
import bearclf.features.torchvision_operators as operators, torch
operators._loads_compiled_operators = lambda: False  # as beside a torch that they weren't compiled for
assert operators.ensure_operators()
assert operators.ensure_operators()  # a second call finds them declared
import torchvision
assert torch.ops.torchvision.nms is not None
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True)


def test_where_torchvisions_operators_load_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    operators = importlib.import_module("bearclf.features.torchvision_operators")
    monkeypatch.setattr(operators, "_declared", [])
    monkeypatch.setattr(torch.ops, "load_library", lambda path: None)

    def never(*_: object) -> None:
        raise AssertionError("declared an operator that was there")

    monkeypatch.setattr(torch.library, "Library", never)
    assert not operators.ensure_operators()
