"""The tab as a test handles it: what it shows, and what a browser would send."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.records import SheetPhoto
from bearclf.ui.clean.photo_slot import PhotoSlot
from bearclf.ui.clean.tab import CleanTab, Workbench
from tests.helpers.fake_curation import show
from tests.helpers.fakes import FakeLine
from tests.helpers.widgets import send

BEARS = {"black": 2, "grizzly": 1}


def bench(tab: CleanTab) -> Workbench:
    assert tab.workbench is not None
    return tab.workbench


def fill(tab: CleanTab, line: FakeLine, *photos: SheetPhoto, shown: bool = True, **pages: int) -> None:
    """Answer the newest request for a page; ``shown`` is whether the browser has them on the screen."""
    show(line, *photos, **pages)
    if shown:
        say_shown(tab)


def say_shown(tab: CleanTab) -> None:
    browser = bench(tab).sheet.browser
    send(browser, {"kind": "shown", "filled": browser.filled})


def slots(tab: CleanTab) -> list[PhotoSlot]:
    return [slot for slot in bench(tab).sheet.slots if visible(slot)]


def visible(widget: widgets.DOMWidget) -> bool:
    return widget.layout.display != "none"


def choose(slot: PhotoSlot, option: str) -> None:
    """As the browser does: by the index of the option."""
    slot.choice.set_state({"index": list(slot.choice.options).index(option)})


def text(widget: Any) -> str:
    """All that a widget and what is in it says, without what is hidden."""
    if isinstance(widget, widgets.DOMWidget) and not visible(widget):
        return ""
    own = getattr(widget, "value", "") if isinstance(widget, widgets.HTML) else ""
    named = getattr(widget, "description", "")
    inside = " ".join(text(child) for child in getattr(widget, "children", ()))
    return html.unescape(f"{own} {named} {inside}")


def press(widget: Any, name: str) -> None:
    """Click the first button of this name that is shown."""
    found = find(widget, name)
    assert found is not None, f"no button “{name}” in: {text(widget)}"
    found.click()


def find(widget: Any, name: str) -> widgets.Button | None:
    if not visible(widget):
        return None
    if isinstance(widget, widgets.Button) and widget.description == name:
        return widget
    inside = (find(child, name) for child in getattr(widget, "children", ()))
    return next((one for one in inside if one is not None), None)
