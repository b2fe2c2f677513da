"""The contact sheet: what to show of the training photos, the photos, and the way to other pages."""

from __future__ import annotations

from html import escape
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from bearclf.protocol.records import Focus, SheetPhoto
from bearclf.static import script
from bearclf.ui.clean.marks import DELETE, KEEP, ORDERS, PAGE_SIZE, PARTS
from bearclf.ui.clean.parts import Guarded, button, counted, show_if
from bearclf.ui.clean.photo_slot import PhotoSlot, shown_name
from bearclf.ui.clean.state import CleanState

KEYED_CLASSES = 9
"""Classes that have a key of their own, 1 to 9."""


class SheetInBrowser(anywidget.AnyWidget):
    """Shortcuts, and what screen readers are told; the browser's side is ``static/contact_sheet.js``."""

    _esm = script("contact_sheet")

    names: traitlets.List = traitlets.List(help="How each photo on the page is called.").tag(sync=True)
    shortcuts: traitlets.List = traitlets.List(help="For each photo, which key makes which choice.").tag(
        sync=True
    )
    page = traitlets.Int(help="Number of the page.").tag(sync=True)
    filled = traitlets.Int(help="How often the slots got other photos.").tag(sync=True)
    busy = traitlets.Bool(help="Whether other photos, or more about these, are on their way.").tag(sync=True)
    announcement = traitlets.Unicode(help="Read out by screen readers when it changes.").tag(sync=True)


class ContactSheet(widgets.Box):
    """The slots are made once; another page gives them other photos, and nothing moves."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self._filling = False
        # A choice may be on its way while the slots get other photos: it is meant for what was on the screen.
        self._fills: dict[int, tuple[SheetPhoto, ...]] = {0: ()}
        self._seen = 0
        self.label = _dropdown("Class")
        self.part = _dropdown("Part", list(PARTS))
        self.order = _dropdown("Order", list(ORDERS))
        self.count = widgets.HTML().add_class("bearclf-count")
        self.show_all = button(
            "Show all photos", guarded(self._leave_focus), "bearclf-quiet", "bearclf-small"
        )
        self.slots = [PhotoSlot(state, guarded(self._choose), index) for index in range(PAGE_SIZE)]
        self.grid = widgets.Box(self.slots).add_class("bearclf-sheet")
        self.nothing = widgets.HTML("<p>No photo matches. Choose something else above.</p>")
        self.before = button("Previous page", guarded(lambda _: state.go(state.page - 1)), "bearclf-quiet")
        self.after = button("Next page", guarded(lambda _: state.go(state.page + 1)), "bearclf-quiet")
        self.pages = _dropdown("Page")
        self.pager = widgets.Box([self.before, self.pages, self.after]).add_class("bearclf-pager")
        self.hint = widgets.HTML().add_class("bearclf-keys")
        self.browser = SheetInBrowser()
        tools = widgets.Box([self.label, self.part, self.order]).add_class("bearclf-tools")
        showing = widgets.Box([self.count, self.show_all]).add_class("bearclf-showing")
        below = [self.nothing, self.pager, self.hint, self.browser]
        super().__init__([tools, showing, self.grid, *below])
        self.add_class("bearclf-contact-sheet")

        for dropdown in (self.label, self.part, self.order):
            dropdown.observe(guarded(self._narrow), "index")
        self.pages.observe(guarded(self._turn_to), "index")
        self.browser.on_msg(guarded(self._on_shown))
        state.observe(guarded(self._show_tools), ["summary", "label", "part", "order"])
        state.observe(guarded(self._show_photos), ["photos", "summary"])
        state.observe(guarded(self._show_page), ["page", "pages", "total", "focus", "photos"])
        state.observe(guarded(self._show_marks), "marks")
        state.observe(guarded(self._announce), "news")
        state.observe(guarded(self._show_busy), "page_is_coming")
        self._show_tools()
        self._show_photos()
        self._show_page()

    # What is shown

    def _show_tools(self, _: Any = None) -> None:
        state = self._state
        self._filling = True
        try:
            labels = ["", *state.classes]
            here = labels.index(state.label) if state.label in labels else 0
            _fill(self.label, ["All classes", *state.classes], here)
            self.part.index = list(PARTS.values()).index(state.part)
            self.order.index = list(ORDERS.values()).index(state.order)
        finally:
            self._filling = False
        keyed = [f"{n} {escape(label)}" for n, label in enumerate(state.classes[:KEYED_CLASSES], 1)]
        moves = f" Move it to: <b>{'</b>, <b>'.join(keyed)}</b>." if keyed else ""
        self.hint.value = (
            f"<p>On the keyboard: arrows go from photo to photo, <b>K</b> keeps, <b>D</b> deletes.{moves}</p>"
        )

    def _show_photos(self, _: Any = None) -> None:
        photos = self._state.photos
        self._filling = True
        try:
            for index, slot in enumerate(self.slots):
                slot.fill(photos[index] if index < len(photos) else None)
        finally:
            self._filling = False
        self.browser.names = [shown_name(photo) for photo in photos]
        self.browser.shortcuts = [_keys(self._state, photo) for photo in photos]
        before = self._fills[self.browser.filled]
        if before and _keys_of(photos) != _keys_of(before):
            self._fills[self.browser.filled + 1] = photos
            self.browser.filled += 1
        else:
            self._fills[self.browser.filled] = photos
        show_if(self.nothing, not photos and self._state.status == "ready")

    def _show_page(self, _: Any = None) -> None:
        state = self._state
        title = state.focus.title
        photos = counted(state.total, "photo")
        self.count.value = f"<p>Showing: <b>{escape(title)}</b></p>" if title else f"<p>{photos}</p>"
        show_if(self.show_all, bool(state.focus))
        self._filling = True
        try:
            pages = [f"{page} of {state.pages:,}" for page in range(1, state.pages + 1)]
            _fill(self.pages, pages, min(state.page, state.pages - 1))
        finally:
            self._filling = False
        self.before.disabled = state.page == 0
        self.after.disabled = state.page >= state.pages - 1
        show_if(self.pager, state.pages > 1)
        self.browser.page = state.page

    def _show_marks(self, _: Any = None) -> None:
        self._filling = True
        try:
            for slot in self.slots:
                slot.show_mark()
        finally:
            self._filling = False

    def _show_busy(self, _: Any) -> None:
        self.browser.busy = self._state.page_is_coming

    def _announce(self, _: Any) -> None:
        self.browser.announcement = self._state.news

    # What is done

    def _narrow(self, change: dict[str, Any]) -> None:
        if self._filling:
            return
        if change["owner"] is self.label:
            self._state.show(label=["", *self._state.classes][self.label.index])
        elif change["owner"] is self.part:
            self._state.show(part=list(PARTS.values())[self.part.index])
        else:
            self._state.show(order=list(ORDERS.values())[self.order.index])

    def _turn_to(self, _: Any) -> None:
        if not self._filling:
            self._state.go(self.pages.index)

    def _leave_focus(self, _: Any) -> None:
        self._state.show(focus=Focus())
        self.label.focus()

    def _choose(self, slot: PhotoSlot) -> None:
        if self._filling:
            return
        seen = self._fills[self._seen]
        if slot.index < len(seen):
            self._state.mark(seen[slot.index], slot.choice.index)
        self._show_marks()  # also where the choice was meant for the photo before

    def _on_shown(self, _: Any, message: dict[str, Any], __: Any) -> None:
        """Remember which filling of the slots the browser shows by now."""
        if message.get("kind") == "shown" and message.get("filled") in self._fills:
            self._seen = message["filled"]
            self._fills = {filled: photos for filled, photos in self._fills.items() if filled >= self._seen}


def _keys_of(photos: tuple[SheetPhoto, ...]) -> list[str]:
    return [photo.key for photo in photos]


def _keys(state: CleanState, photo: SheetPhoto) -> dict[str, int]:
    """Which choice each key makes for a photo; moving it where it is keeps it."""
    keys = {"k": KEEP, "d": DELETE}
    place = DELETE + 1
    for key, label in enumerate(state.classes[:KEYED_CLASSES], 1):
        here = photo.feedback_id is None and label == photo.label
        keys[str(key)] = KEEP if here else place
        place += not here
    return keys


def _dropdown(name: str, options: list[str] | None = None) -> widgets.Dropdown:
    return widgets.Dropdown(options=options or ["…"], description=name, style={"description_width": "auto"})


def _fill(dropdown: widgets.Dropdown, options: list[str], index: int) -> None:
    with dropdown.hold_sync():
        if list(dropdown.options) != options:
            dropdown.options = options
        dropdown.index = index
