"""The second tab: the training folder as a contact sheet, and training on it again."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.settings import may_find_photos
from bearclf.ui.clean.add_photos import AddPhotos
from bearclf.ui.clean.adopt_panel import AdoptPanel
from bearclf.ui.clean.contact_sheet import ContactSheet
from bearclf.ui.clean.entrance import Entrance
from bearclf.ui.clean.find_photos import FindPhotos
from bearclf.ui.clean.folder_panel import FolderPanel
from bearclf.ui.clean.history_panel import HistoryPanel
from bearclf.ui.clean.matrix import MixUps
from bearclf.ui.clean.models_panel import ModelsPanel
from bearclf.ui.clean.parts import button, show_if
from bearclf.ui.clean.pending import PendingBar, ReviewList
from bearclf.ui.clean.retrain_panel import ComparisonDetails, RetrainPanel
from bearclf.ui.clean.state import CleanState
from bearclf.ui.clean.status_line import StatusLine
from bearclf.ui.clean.ways_panel import WaysPanel
from bearclf.ui.guard import guard


class CleanTab(widgets.Box):
    """The tab, linked to a :class:`bearclf.ui.clean.state.CleanState`.

    Most visitors never open this tab: until :meth:`begin` it holds a sentence, or asks for the passphrase.
    """

    def __init__(self, state: CleanState) -> None:
        self.state = state
        self.workbench: Workbench | None = None
        self.problem = widgets.HTML().add_class("bearclf-problem").add_class("bearclf-sticky-problem")
        self.entrance = Entrance(state)
        super().__init__([self.problem, self.entrance])
        self.add_class("bearclf-clean")
        state.observe(guard(self._show_workbench, self.show_problem), "status")
        state.observe(guard(self._show_problem, self.show_problem), "problem")

    def begin(self) -> None:
        """Open the training photos if this page may; otherwise the entrance says who can."""
        if self.state.granted:
            self.state.open()

    def show_problem(self, sentence: str) -> None:
        """Say what went wrong, until something is asked for again."""
        self.state.problem = sentence

    def _show_problem(self, _: Any) -> None:
        sentence = self.state.problem
        self.problem.value = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""

    def _show_workbench(self, _: Any) -> None:
        if self.state.status != "closed" and self.workbench is None:
            self.workbench = Workbench(self.state, self)
            self.children = (self.problem, self.workbench)


class Workbench(widgets.Box):
    """All of the tab once it is open. Beside the panels one of five views, of which one is shown."""

    def __init__(self, state: CleanState, tab: CleanTab) -> None:
        self._state = state
        guarded = partial(guard, show=tab.show_problem)
        self.status = StatusLine(state, guarded)
        self.folder = FolderPanel(state, guarded)
        self.mix_ups = MixUps(state, guarded)
        self.sheet = ContactSheet(state, guarded)
        self.pending = PendingBar(state, guarded, self._review)
        self.review = ReviewList(state, guarded, self._back)
        self.details = ComparisonDetails(state, guarded, self._back)
        self.adding = AddPhotos(state, tab.show_problem, self._back)
        self.finding = FindPhotos(state, tab.show_problem, self._back)
        self.retrain = RetrainPanel(state, guarded, self._detail)
        self.models = ModelsPanel(state, guarded)
        self.adopting = AdoptPanel(state, guarded)
        self.history = HistoryPanel(state, guarded)
        self.add_photos = button("Add photos", guarded(self._add), "bearclf-quiet")
        self.find_photos = button("Find photos", guarded(self._find), "bearclf-quiet")
        self._chosen = "sheet"
        more = widgets.Box([self.add_photos, self.find_photos]).add_class("bearclf-row")
        overview = widgets.Box([self.folder, more]).add_class("bearclf-overview")
        views = [self.sheet, self.review, self.details, self.adding, self.finding]
        stage = widgets.Box([*views, self.pending]).add_class("bearclf-stage")
        panels = [self.retrain, self.mix_ups, self.models, self.adopting, self.history]
        rest = widgets.Box(panels).add_class("bearclf-side")
        self.grid = widgets.Box([overview, stage, rest]).add_class("bearclf-workbench")
        access = widgets.HTML(f'<p class="bearclf-note">{escape(state.access_sentence)}</p>')
        self.ways = WaysPanel(state, guarded)
        super().__init__([self.status, self.grid, self.ways, access])
        self.add_class("bearclf-clean")
        for names in ("marks", "summary", "status", "retrained", "focus"):
            state.observe(guarded(self._show), names)
        self._show()

    @property
    def view(self) -> str:
        """What the page's middle shows: ``sheet``, ``review``, ``details``, ``adding`` or ``finding``."""
        if self._chosen == "review" and not self._state.marks:
            return "sheet"
        return self._chosen

    def _show(self, change: Any = None) -> None:
        if change is not None and change["name"] == "focus" and change["new"]:
            self._chosen = "sheet"  # whoever asks for photos wants to see them
        summary = self._state.summary
        is_open = summary is not None
        if summary and self._chosen == "sheet" and not self._state.has_photos and not summary.waiting:
            self._chosen = "adding"  # and stays so when the first photo is there: one class is not enough
        show_if(self.grid, is_open)
        view = self.view
        shown = {"sheet": self.sheet, "review": self.review, "details": self.details, "adding": self.adding}
        shown["finding"] = self.finding
        for name, widget in shown.items():
            show_if(widget, is_open and name == view)
        self.review.turn(view == "review")
        show_if(self.pending, bool(self._state.marks) and view != "review")
        show_if(self.add_photos, view != "adding")
        show_if(self.find_photos, view != "finding" and may_find_photos())
        self.adding.offer_way_back(self._state.has_photos)

    def _choose(self, view: str) -> None:
        self._chosen = view
        self._show()

    def _review(self, _: Any) -> None:
        self._choose("review")
        self.review.back.focus()

    def _detail(self, _: Any) -> None:
        self._choose("details")
        self.details.back.focus()

    def _add(self, _: Any) -> None:
        self._choose("adding")
        self.adding.label.focus()

    def _find(self, _: Any) -> None:
        self._choose("finding")
        self.finding.words.focus()

    def _back(self, _: Any = None) -> None:
        self._choose("sheet")
        self.sheet.label.focus()
