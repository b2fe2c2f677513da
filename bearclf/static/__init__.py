"""What the browser gets, as ``frontend/`` builds it; served from here, never copied."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def script(name: str) -> Path:
    """The browser's side of a widget; anywidget reads it."""
    return FOLDER / f"{name}.js"


def styles() -> str:
    """All of the page's own style sheets, for a page that another template has painted."""
    return "\n".join((FOLDER / name).read_text("utf-8") for name in ("style.css", "curate.css"))
