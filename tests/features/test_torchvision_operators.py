from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec, module_from_spec

import pytest


@pytest.mark.slow
def test_torchvision_is_importable_where_its_operators_are_not() -> None:
    script = """
import torch
def refuse(path): raise OSError("compiled for another torch")
torch.ops.load_library = refuse
import bearclf.features.torchvision_operators as operators
assert operators.ensure_operators()
assert operators.ensure_operators()  # a second call finds them declared
import torchvision
assert torch.ops.torchvision.nms is not None
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_where_torchvisions_operators_load_nothing_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    spec = find_spec("bearclf.features.torchvision_operators")
    assert spec is not None
    assert spec.loader is not None
    operators = module_from_spec(spec)  # once more, as in a process that has declared nothing yet
    spec.loader.exec_module(operators)
    monkeypatch.setattr(torch.ops, "load_library", lambda path: None)

    def never(*_: object) -> None:
        raise AssertionError("declared an operator that was there")

    monkeypatch.setattr(torch.library, "Library", never)
    assert not operators.ensure_operators()
