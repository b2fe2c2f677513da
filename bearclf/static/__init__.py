"""What the browser gets, as ``frontend/`` builds it; served from here, never copied."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

JUPYTER_DATA = FOLDER / "jupyter"
"""Has the shape of Jupyter's data folders, so that Voilà finds the template in it."""

WEB = FOLDER / "web"
"""The page that needs no server, but for its model."""


def script(name: str) -> Path:
    """The browser's side of a widget; anywidget reads it."""
    return FOLDER / f"{name}.js"


def styles() -> str:
    """All of the page's own style, for a page that another template has painted."""
    return (FOLDER / "stock_page.css").read_text("utf-8")
