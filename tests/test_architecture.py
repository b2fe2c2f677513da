"""Imports go one way, and a visitor's kernel stays small."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# One room each, from the ground up. A module may import from its own room and from those below.
ROOMS = (
    "errors",
    "settings",
    "static",
    "protocol",
    "photos",
    "gathering",
    "models",
    "features",
    "prediction",
    "exporting",
    "reporting",
    "training",
    "adopting",
    "curation",
    "service",
    "access",
    "server",
    "ui",
    "commands",
    "cli",
    "__main__",
)
KERNEL_ENTRY = "bearclf.ui.app"

# What the page may know of: nothing that computes; of models only cards, and what visitors say of them.
UI_MAY_IMPORT = (
    "access",
    "errors",
    "models.card",
    "models.feedback",
    "models.versions",
    "protocol",
    "service",
    "settings",
    "static",
    "ui",
)
OPENS_FILES = {"open", ".read_bytes", ".read_text", ".touch", ".unlink", ".write_bytes", ".write_text"}


def modules() -> list[tuple[str, Path]]:
    """Name and path of every module but ``bearclf/__init__.py``, whose names are imported when asked for."""
    found = sorted((ROOT / "bearclf").rglob("*.py"))
    named = [
        (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path)
        for path in found
    ]
    return [(name, path) for name, path in named if name != "bearclf"]


def room_of(module: str) -> str:
    return module.split(".")[1]


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are written out"
            if node.module == "bearclf":
                names |= {f"bearclf.{alias.name}" for alias in node.names}
            else:
                names.add(node.module)
    return names


def own_imports(path: Path) -> set[str]:
    return {name for name in imports(path) if name.startswith("bearclf.")}


def calls(path: Path) -> set[str]:
    """What a module calls: ``open`` and other functions by name, methods with a dot before it."""
    called = [
        node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    return {f".{one.attr}" for one in called if isinstance(one, ast.Attribute)} | {
        one.id for one in called if isinstance(one, ast.Name)
    }


def test_every_room_has_its_layer() -> None:
    assert {room_of(name) for name, _ in modules()} == set(ROOMS)


@pytest.mark.parametrize(("name", "path"), modules(), ids=[name for name, _ in modules()])
def test_imports_go_one_way(name: str, path: Path) -> None:
    own = ROOMS.index(room_of(name))
    for imported in own_imports(path):
        assert ROOMS.index(room_of(imported)) <= own, f"{name} imports {imported}"


def test_only_the_page_imports_widgets() -> None:
    for name, path in modules():
        if room_of(name) != "ui":
            assert not {one.split(".")[0] for one in imports(path)} & {
                "ipywidgets",
                "IPython",
                "anywidget",
            }, name


def test_the_page_imports_nothing_that_computes() -> None:
    allowed = tuple(f"bearclf.{room}" for room in UI_MAY_IMPORT)
    for name, path in modules():
        if room_of(name) == "ui":
            assert all(one.startswith(allowed) for one in own_imports(path)), name


def test_the_page_opens_no_file() -> None:
    for name, path in modules():
        if room_of(name) == "ui":
            assert not calls(path) & OPENS_FILES, name
            assert not imports(path) & {"os", "shutil", "sqlite3", "tempfile"}, name


def test_state_knows_no_widget() -> None:
    for name, path in modules():
        if name.endswith(".state"):
            assert not {one.split(".")[0] for one in imports(path)} & {
                "ipywidgets",
                "IPython",
                "anywidget",
            }, name


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
