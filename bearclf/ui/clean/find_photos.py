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

LEAD = "Look through what is found before you add it: a search finds drawings and cages, too."
SOURCES: dict[str, tuple[str, str]] = {
    "Openverse": (
        "openverse",
        "It knows what Flickr, Wikimedia Commons and museums show. This server asks it, not your browser.",
    ),
    "iNaturalist": (
        "inaturalist",
        "It knows plants and animals by their names. This server asks it, not your browser.",
    ),
    "a web search": (
        "ddgs",
        "It says nothing of creators and licences: these photos are for trying things out, and not to be "
        "shown or passed on. This server asks, not your browser.",
    ),
    "a dataset of Kaggle": (
        "kaggle",
        "This server fetches all of it, with a key of its own if it has one, and takes the photos in folders "
        "whose names have the words in them.",
    ),
}
"""For each source how it is named in requests, and what is asked of whom."""

_FREE = ("cc0", "pdm", "by", "by-sa")
_NON_COMMERCIAL = (*_FREE, "by-nc", "by-nc-sa")
LICENCES = {
    "for any use, naming the creator": _FREE,
    "for any use, naming nobody": ("cc0", "pdm"),
    "for non-commercial use, too": _NON_COMMERCIAL,
    "for use without any change, too": (*_NON_COMMERCIAL, "by-nd", "by-nc-nd"),
}
TAKEN_OUT = "was taken out before"


class FoundTile(widgets.Widget):
    """A photo that was found. A model without a view of its own, drawn by :class:`FoundTiles`."""

    title = traitlets.Unicode().tag(sync=True)
    credit: traitlets.List[str] = traitlets.List(help="Creator and licence.").tag(sync=True)
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
        self.about = widgets.HTML()
        self.change = button("Change", guarded(self._turn_choices), "bearclf-link")
        self.said = widgets.HTML().add_class("bearclf-soft")
        self.tiles = FoundTiles()
        self.count = widgets.HTML()
        self.stop = button("Stop", guarded(lambda _: state.stop()), "bearclf-quiet")
        self.drop = button("Drop all", guarded(self._drop), "bearclf-quiet")
        self.add = button("Add", guarded(self._add))
        self.bar = widgets.Box([self.count, self.stop, self.drop, self.add]).add_class("bearclf-pending")
        ask = widgets.Box([self.words, self.label, self.new_label, self.search]).add_class("bearclf-ask")
        source = widgets.Box([self.about, self.change]).add_class("bearclf-about-source")
        choices = [self.source, self.dataset, self.licence]
        self.choices = widgets.Box(choices).add_class("bearclf-tools")
        lead = widgets.HTML(f"<p>{LEAD}</p>").add_class("bearclf-soft")
        heading = widgets.HTML("<h2>Find photos</h2>")
        form = [self.back, heading, lead, ask, source, self.choices]
        super().__init__([*form, self.said, self.tiles, self.bar])
        self.add_class("bearclf-finding").add_class("bearclf-panel")
        for field in (self.words, self.new_label, self.dataset):
            field.on_submit(guarded(self._find))
        show_if(self.choices, False)
        for dropdown in (self.label, self.source, self.licence):
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
        licences = LICENCES[self.licence.value] if self._asks_licence() else None
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

    def _asks_licence(self) -> bool:
        return self._chosen_source()[0] in ("openverse", "inaturalist")

    def _turn_choices(self, _: Any) -> None:
        opens = self.choices.layout.display == "none"
        show_if(self.choices, opens)
        self.change.description = self.change.tooltip = "Hide choices" if opens else "Change"
        if opens:
            self.source.focus()

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
        show_if(self.licence, self._asks_licence())
        name = list(SOURCES)[self.source.index or 0]
        licence = f", {self.licence.value}" if self._asks_licence() else ""
        self.about.value = f'<p class="bearclf-note"><b>From {name}{licence}.</b> {escape(about)}</p>'

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
        number = f"{found} found{unticked}" if found else ""
        self.count.value = f"<p>{'Looking…' if searching else ''} {number} {far}</p>"
        for shown, widget in (
            (searching, self.stop),
            (found and not searching, self.drop),
            (found, self.add),
            (searching or found, self.bar),
            (state.said, self.said),
        ):
            show_if(widget, bool(shown))
        self.add.description = f"Add {ticked} to “{state.label}”"
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
