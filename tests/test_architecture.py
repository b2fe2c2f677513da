"""Imports go one way, and a visitor's kernel stays small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# From the ground up. A module may import from its own layer and from those below.
LAYERS = (
    ("settings", "photos"),
    (
        "folders",
        "duplicates",
        "feature_store",
        "scanned",
        "validation_set",
        "features",
        "measures",
        "wilson",
        "known",
        "card",
        "bundle",
        "words",
        "table",
        "feedback",
        "promotions",
        "versions",
        "curators",
    ),
    ("training", "prediction", "curation"),
    ("service",),
    ("state",),
    ("tabs",),
    ("app", "first_look", "serve", "server", "server_extension", "cli", "__main__"),
)
KERNEL_ENTRY = "bearclf.app"


def layer_of(module: str) -> int:
    name = module.split(".")[1]
    return next(number for number, names in enumerate(LAYERS) if name in names)


def modules() -> list[tuple[str, Path]]:
    found = sorted((ROOT / "bearclf").rglob("*.py"))
    named = [
        (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path)
        for path in found
    ]
    return [(name, path) for name, path in named if name != "bearclf"]


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are written out"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


@pytest.mark.parametrize(("name", "path"), modules(), ids=[name for name, _ in modules()])
def test_imports_go_one_way(name: str, path: Path) -> None:
    for imported in imports(path):
        if imported.startswith("bearclf.") and imported.split(".")[1] != "__version__":
            assert layer_of(imported) <= layer_of(name), f"{name} imports {imported}"


def test_what_touches_files_or_models_imports_no_widget() -> None:
    for name, path in modules():
        if not name.startswith(("bearclf.tabs", "bearclf.app")):
            assert not {one.split(".")[0] for one in imports(path)} & {
                "ipywidgets",
                "IPython",
                "anywidget",
            }, name


def test_views_hold_no_logic_of_files_or_models() -> None:
    for name, path in modules():
        if name.startswith("bearclf.tabs"):
            own = {one for one in imports(path) if one.startswith("bearclf.")}
            below = ["tabs", "state", "card", "settings", "words", "table", "feedback"]
            allowed = tuple(f"bearclf.{room}" for room in below)
            assert all(one.startswith(allowed) for one in own), name


def heavy_modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()} & {
        "torch", "torchvision", "fastai", "timm", "sklearn", "scipy", "matplotlib", "pandas", "numpy", "PIL"
    }  # fmt: skip


def test_importing_bearclf_imports_nothing_heavy() -> None:
    assert heavy_modules_after("import bearclf") == set()


def test_a_visitors_kernel_imports_neither_torch_nor_numpy() -> None:
    assert heavy_modules_after(f"import {KERNEL_ENTRY}") == set()


def test_modules_stay_readable() -> None:
    for name, path in modules():
        assert len(path.read_text("utf-8").splitlines()) <= 320, f"{name} holds two things"
