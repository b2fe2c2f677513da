"""Versions of a model whose files say what a test wants, and nothing that could answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bearclf.models.bundle import write_bundle
from bearclf.models.promotions import POINTER
from bearclf.models.versions import Versions
from tests.helpers.fakes import card

METRICS = {"error_rate": 0.02, "accuracy_interval": [0.95, 0.99]}


def make_bundle(path: Path, content: bytes = b"weights") -> Path:
    """A bundle as far as its files and its card go."""

    def fill(folder: Path) -> None:
        (folder / "export.pkl").write_bytes(content)

    write_bundle(path, replace(card(["x", "y"]), metrics=METRICS, command=str(content)), fill)
    return path


def retrain(versions: Versions) -> int:
    """A number with a bundle of its own."""
    number, path = versions.new_folder()
    make_bundle(path, f"weights {number}".encode())
    return number


def pointer(data: Path) -> Path:
    [found] = data.glob(f"models/*/{POINTER}")
    return found
