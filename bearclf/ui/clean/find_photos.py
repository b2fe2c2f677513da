"""Photos from elsewhere: one line to ask, what was found with everything ticked, one button to add it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from bearclf.errors import UserError
from bearclf.protocol.records import FoundPhoto
from bearclf.static import script
from bearclf.ui.clean.add_photos import NEW_CLASS
from bearclf.ui.clean.credit import credit, spoken_credit
from bearclf.ui.clean.finding_state import FindingState
from bearclf.ui.clean.parts import button, counted, show_if
from bearclf.ui.clean.state import CleanState
from bearclf.ui.guard import Show, guard

LEAD = (
    "Look through what is found before you add it: a search finds drawings and cages, too. "
    "Creator and licence stay with each photo."
)
SOURCES: dict[str, tuple[str, str]] = {
    "Openverse: Flickr, museums, others": (
        "openverse",
        "This server, not your browser, sends the words to Openverse, and fetches the photos from where "
        "they are shown. Nothing is told of you.",
    ),
    "iNaturalist: plants and animals": (
        "inaturalist",
        "This server, not your browser, sends the words to iNaturalist, which knows species by their names. "
        "Nothing is told of you.",
    ),
    "Web search: licences unknown": (
        "ddgs",
        "A web search says nothing of creators and licences: these photos are for trying things out, and not "
        "to be shown or passed on. This server, not your browser, asks for them.",
    ),
    "A dataset of Kaggle": (
        "kaggle",
        "This server fetches the whole dataset, with a key of its own if it has one, and takes the photos in "
        "folders whose names have the words in them.",
    ),
}
"""For each source how it is named in requests, and what is asked of whom."""

_FREE = ("cc0", "pdm", "by", "by-sa")
_NON_COMMERCIAL = (*_FREE, "by-nc", "by-nc-sa")
LICENCES = {
    "Any use, naming the creator": _FREE,
    "Any use, naming nobody": ("cc0", "pdm"),
    "Also for non-commercial use only": _NON_COMMERCIAL,
    "Also those that nobody may change": (*_NON_COMMERCIAL, "by-nd", "by-nc-nd"),
}
TAKEN_OUT = "was taken out before"


class FoundTile(widgets.Widget):
    """A photo that was found. A model without a view of its own, drawn by :class:`FoundTiles`."""

    title = traitlets.Unicode().tag(sync=True)
    credit = traitlets.Unicode(help="Creator and licence.").tag(sync=True)
    spoken = traitlets.Unicode(help="All of it, for who can't see the photo.").tag(sync=True)
    link = traitlets.Unicode(help="Where its creator shows it, or nothing.").tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Bytes(help="JPEG.").tag(sync=True)
    ticked = traitlets.Bool(True).tag(sync=True)


class FoundTiles(anywidget.AnyWidget):
    """Draws the photos ``items``, in this order; the browser's side is ``static/found_tiles.js``."""

    _esm = script("found_tiles")

    items: traitlets.Tuple = traitlets.Tuple().tag(sync=True, **widgets.widget_serialization)
    announcement = traitlets.Unicode(help="Read out by screen readers when it changes.").tag(sync=True)


class FindPhotos(widgets.Box):
    """What is typed and ticked may be forged: the worker checks the words, and adds only what it found."""

    def __init__(self, clean: CleanState, show_problem: Show, back: Callable[[Any], None]) -> None:
        self._clean = clean
        self.state = state = FindingState(clean)
        self._guarded = guarded = partial(guard, show=show_problem)
        self.back = button("Back", guarded(back), "bearclf-quiet")
        self.words = _text("What they show", "grizzly bear")
        self.search = button("Search", guarded(self._find))
        self.label = _dropdown("Add to", [NEW_CLASS])
        self.new_label = _text("Its name", "as the words")
        self.source = _dropdown("From", list(SOURCES))
        self.dataset = _text("Dataset", "OWNER/DATASET")
        self.licence = _dropdown("Licence", list(LICENCES))
        self.about = widgets.HTML().add_class("bearclf-about-source")
        self.said = widgets.HTML().add_class("bearclf-soft")
        self.tiles = FoundTiles()
        self.count = widgets.HTML()
        self.stop = button("Stop", guarded(lambda _: state.stop()), "bearclf-quiet")
        self.drop = button("Drop all", guarded(self._drop), "bearclf-quiet")
        self.add = button("Add", guarded(self._add))
        self.bar = widgets.Box([self.count, self.stop, self.drop, self.add]).add_class("bearclf-pending")
        ask = widgets.Box([self.words, self.search]).add_class("bearclf-ask")
        where = widgets.Box([self.label, self.new_label, self.source, self.dataset, self.licence])
        lead = widgets.HTML(f"<p>{LEAD}</p>").add_class("bearclf-soft")
        heading = widgets.HTML("<h2>Find photos</h2>")
        form = [self.back, heading, lead, ask, where.add_class("bearclf-tools"), self.about]
        super().__init__([*form, self.said, self.tiles, self.bar])
        self.add_class("bearclf-finding").add_class("bearclf-panel")
        for field in (self.words, self.new_label, self.dataset):
            field.on_submit(guarded(self._find))
        for dropdown in (self.label, self.source):
            dropdown.observe(guarded(self._show_form), "index")
        clean.observe(guarded(self._show_classes), "summary")
        state.observe(guarded(self._show_photos), "photos")
        state.observe(guarded(self._show_bar), ["status", "photos", "unticked", "label", "said"])
        state.observe(guarded(self._announce), ["status", "said"])
        self._show_classes()
        self._show_bar()

    # What is asked

    def _find(self, _: Any) -> None:
        words = self.words.value.strip()
        source, _about = self._chosen_source()
        licences = LICENCES[self.licence.value] if self.licence.layout.display is None else None
        if not words:
            self.words.focus()
            raise UserError("Please say what the photos should show, such as “grizzly bear”.")
        if source == "kaggle":
            source = f"kaggle:{self.dataset.value.strip()}"
        label = (self.new_label.value.strip() or words) if self._is_new() else self.label.value
        self.state.find(words, label, source, licences)

    def _add(self, _: Any) -> None:
        self.state.add()
        self.words.focus()

    def _drop(self, _: Any) -> None:
        self.state.drop()
        self.words.focus()

    def _chosen_source(self) -> tuple[str, str]:
        return list(SOURCES.values())[self.source.index or 0]

    def _is_new(self) -> bool:
        return self.label.index is None or self.label.index == len(self.label.options) - 1

    # What is shown

    def _show_classes(self, _: Any = None) -> None:
        classes = self._clean.classes
        if list(self.label.options) != (options := [*classes, NEW_CLASS]):
            chosen = None if self._is_new() else self.label.value
            with self.label.hold_sync():
                self.label.options = options
                self.label.index = classes.index(chosen) if chosen in classes else len(classes)
        self._show_form()

    def _show_form(self, _: Any = None) -> None:
        source, about = self._chosen_source()
        show_if(self.new_label, self._is_new())
        show_if(self.dataset, source == "kaggle")
        show_if(self.licence, source in ("openverse", "inaturalist"))
        self.about.value = f'<p class="bearclf-note">{escape(about)}</p>'

    def _show_photos(self, _: Any = None) -> None:
        shown, photos = self.tiles.items, self.state.photos
        if len(photos) < len(shown):
            self.tiles.items = ()
            for tile in shown:
                tile.close()
            shown = ()
        self.tiles.items = (*shown, *map(self._tile, photos[len(shown) :]))

    def _tile(self, photo: FoundPhoto) -> FoundTile:
        by = photo.attribution
        note = TAKEN_OUT if photo.taken_out else ""
        tile = FoundTile(
            title=by.title,
            credit=credit(by),
            spoken=", ".join(filter(None, [spoken_credit(by), note])),
            link=by.landing_page or by.licence_url,
            note=note,
            picture=photo.thumbnail,
            ticked=not photo.taken_out,
        )
        on_tick = self._guarded(lambda change: self.state.tick(photo.digest, bool(change["new"])))
        tile.observe(on_tick, "ticked")
        return tile

    def _show_bar(self, _: Any = None) -> None:
        state = self.state
        found, ticked, searching = len(state.photos), len(state.ticked), state.status == "searching"
        unticked = f", {found - ticked} of them not ticked" if found > ticked else ""
        far = "<progress aria-hidden='true'></progress>" if searching else ""
        self.count.value = f"<p>{'Looking…' if searching else ''} {found} found{unticked} {far}</p>"
        for shown, widget in (
            (searching, self.stop),
            (found and not searching, self.drop),
            (found, self.add),
            (searching or found, self.bar),
            (state.said, self.said),
        ):
            show_if(widget, bool(shown))
        self.add.description = f"Add {counted(ticked, 'photo')} to “{state.label}”"
        self.add.tooltip = self.add.description
        self.add.disabled = not ticked or state.status == "adding"
        self.said.value = f"<p>{escape(state.said)}</p>"

    def _announce(self, _: Any) -> None:
        state = self.state
        found = f"{counted(len(state.photos), 'photo')} found. " if state.status == "over" else ""
        self.tiles.announcement = "Looking…" if state.status == "searching" else f"{found}{state.said}"


def _text(name: str, placeholder: str) -> widgets.Text:
    auto = {"description_width": "auto"}
    return widgets.Text(description=name, placeholder=placeholder, style=auto)


def _dropdown(name: str, options: list[str]) -> widgets.Dropdown:
    return widgets.Dropdown(options=options, description=name, style={"description_width": "auto"})
