"""What the second tab knows: the training photos as a sheet, marks that wait, and how a retraining went.

Nothing here knows a widget. Whatever comes from the browser is checked here: every method that reads or
changes training photos first asks whether this page may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import traitlets

from bearclf.access.policy import Capability
from bearclf.errors import UserError
from bearclf.protocol.base import Refused, Restarting
from bearclf.protocol.curation import (
    AddArchive,
    AddStaged,
    Applied,
    ApplyChanges,
    CancelWork,
    CurationAnnouncement,
    CurationReply,
    CurationRequest,
    FileRequest,
    FolderChanged,
    Progress,
    Promote,
    Retrain,
    Retrained,
    SheetPage,
    ShowSheet,
    StageArchive,
    StagePhoto,
    Training,
    UndoStep,
)
from bearclf.protocol.records import Change, Focus, FolderSummary, Order, Part, SheetPhoto
from bearclf.service.line import Callback, Line
from bearclf.ui.clean.marks import DELETE, KEEP, ORDERS, PAGE_SIZE, PARTS, change_of, choices, targets


class CleanState(traitlets.HasTraits):
    """The training folder as one page sees it."""

    status = traitlets.Enum(("closed", "starting", "looking", "ready", "restarting"), "closed")
    access_sentence = traitlets.Unicode(
        help="Who may curate here, in a sentence; empty if there is nothing to say."
    )
    asks_passphrase = traitlets.Bool(help="Whether a passphrase would open the tab.")
    summary = traitlets.Instance(FolderSummary, allow_none=True, help="The folder; None until it is open.")
    progress = traitlets.Instance(Progress, allow_none=True, help="Of the work under way, if there is any.")
    label = traitlets.Unicode(help="Class that is shown; empty for all.")
    part = traitlets.Enum(tuple(PARTS.values()), "all")
    order = traitlets.Enum(tuple(ORDERS.values()), "mislabelled")
    focus = traitlets.Instance(Focus, (), help="What the sheet is narrowed to.")
    page = traitlets.Int(0, min=0)
    pages = traitlets.Int(1, min=1)
    total = traitlets.Int(0, min=0, help="Photos on all pages.")
    photos = traitlets.Tuple(help="Instances of SheetPhoto: those of this page.")
    page_is_coming = traitlets.Bool(help="Whether ``photos`` have been asked for anew and not come yet.")
    marks = traitlets.Dict(help="The Change that waits to be applied, by a photo's key.")
    steps: traitlets.Tuple = traitlets.Tuple(help="Instances of StepSummary: the history, newest first.")
    models: traitlets.Tuple = traitlets.Tuple(help="Instances of ModelSummary, newest first.")
    training = traitlets.Instance(Training, (), help="The epochs of the training under way, or of the last.")
    retrained = traitlets.Instance(Retrained, allow_none=True, help="The newest retraining of this session.")
    problem = traitlets.Unicode(help="What went wrong, in a sentence.")
    news = traitlets.Unicode(help="What was done, in a sentence.")

    def __init__(self, make_line: Callable[[Callback], Line], capability: Capability) -> None:
        """``make_line`` is called once the page may curate, with the callback for announcements."""
        super().__init__()
        self._make_line = make_line
        self._line: Line | None = None
        self._capability = capability
        self._sheet_asked = 0  # replies to earlier requests for a page are out of date
        self.asks_passphrase = capability.access.kind == "passphrase"
        self.access_sentence = capability.access.sentence

    @property
    def granted(self) -> bool:
        """Whether this page may curate: from the start, or since the passphrase was right."""
        return self._capability.granted

    @property
    def classes(self) -> list[str]:
        """The class folders, in order."""
        return list(self.summary.classes) if self.summary is not None else []

    @property
    def has_photos(self) -> bool:
        """Whether there is any training photo."""
        return self.summary is not None and any(self.summary.classes.values())

    def unlock(self, passphrase: str) -> None:
        """Open the tab; raises UserError if the passphrase is wrong."""
        self._capability.unlock(passphrase)
        self.open()

    def open(self) -> None:
        """Begin; does nothing the second time. Raises UserError if this page may not curate."""
        self._capability.require()
        if self._line is None:
            self.status = "starting"
            self._line = self._make_line(self.on_announcement)
            self._line.start()

    # What is shown

    def show(
        self,
        label: str | None = None,
        part: Part | None = None,
        order: Order | None = None,
        focus: Focus | None = None,
    ) -> None:
        """Show other photos, or in another order, from the first page; None leaves a choice as it is."""
        self._require()
        if label is not None and label not in ("", *self.classes):
            raise UserError(f"There is no class “{label}” any more.")
        with self.hold_trait_notifications():
            self.label = self.label if label is None else label
            self.part = part or self.part
            self.order = order or self.order
            self.focus = self.focus if focus is None else focus
        self.go(0)

    def go(self, page: int) -> None:
        """Show the page of this number, from 0; a number beyond the last is the last."""
        self._require()
        self._ask_for_page(page)

    def _ask_for_page(self, page: int) -> None:
        self._sheet_asked += 1
        asked, self.page_is_coming = self._sheet_asked, True
        request = ShowSheet(
            label=self.label,
            part=self.part,
            order=self.order,
            focus=self.focus,
            page=max(0, page),
            page_size=PAGE_SIZE,
        )

        def on_page(reply: SheetPage) -> None:
            if asked == self._sheet_asked:
                with self.hold_trait_notifications():
                    self.page, self.pages, self.total = reply.page, reply.pages, reply.total
                    self.photos, self.page_is_coming = reply.photos, False

        def on_refused() -> None:
            if asked == self._sheet_asked:
                self.page_is_coming = False

        self._ask(request, on_page, on_refused)

    # Marks

    def choices(self, photo: SheetPhoto) -> list[str]:
        """What can be done with a photo: keep, delete, and the classes that it can go to."""
        return choices(photo, self.classes)

    def choice(self, photo: SheetPhoto) -> int:
        """The index of what is marked for a photo."""
        mark = self.marks.get(photo.key)
        if mark is None:
            return KEEP
        return DELETE if mark.to is None else 2 + targets(photo, self.classes).index(mark.to)

    def mark(self, photo: SheetPhoto, choice: int) -> None:
        """Mark a photo, by the index of one of its :meth:`choices`; nothing happens until :meth:`apply`."""
        self._require()
        labels = targets(photo, self.classes)
        if not 0 <= choice < 2 + len(labels):
            raise UserError("That can't be done with this photo. Please choose again.")
        marks = {key: mark for key, mark in self.marks.items() if key != photo.key}
        if choice != KEEP:
            marks[photo.key] = change_of(photo, None if choice == DELETE else labels[choice - 2])
        self.marks = marks

    def unmark(self, key: str | None = None) -> None:
        """Take back one mark, or all."""
        self._require()
        self.marks = (
            {} if key is None else {other: mark for other, mark in self.marks.items() if other != key}
        )

    def apply(self) -> None:
        """Do what is marked; what could not be done stays marked, and ``problem`` says why."""
        self._require()
        marks = dict(self.marks)
        if marks:
            self._ask(ApplyChanges(tuple(marks.values())), lambda reply: self._take_applied(reply, marks))

    def undo(self, step: int) -> None:
        """Take back an earlier step."""
        self._require()
        self._ask(UndoStep(step), self._take_applied)

    # Photos that come

    def stage(self, batch: str, label: str, name: str, content: bytes) -> None:
        """Send one photo of a ``batch`` for a class; :meth:`add` then adds all of them as one step."""
        self._require()
        self._ask(StagePhoto(batch=batch, label=label, name=name, content=content))

    def add(self, batch: str, photos: int) -> None:
        """Add all photos of a batch that were sent."""
        self._require()
        self._ask(AddStaged(batch, photos), self._take_applied)

    def stage_archive(self, batch: str, start: int, content: bytes, on_reply: Callable[[], None]) -> None:
        """Send a slice of a zip of class folders, from byte ``start`` on; see :meth:`add_archive`.

        ``on_reply`` is called once the worker has it, or refuses it; until then it is in memory here.
        """
        self._require()
        self._ask(StageArchive(batch=batch, start=start, content=content), lambda _: on_reply(), on_reply)

    def add_archive(self, batch: str) -> None:
        """Add the photos of a zip that was sent, as one step."""
        self._require()
        self._ask(AddArchive(batch), self._take_applied)

    # Models

    def retrain(self, recipe: Literal["probe", "fine-tune"]) -> None:
        """Train on the folder as it is; ``retrained`` is set at the end."""
        self._require()
        self._ask(Retrain(recipe))

    def cancel(self) -> None:
        """Stop the work under way."""
        self._require()
        self._ask(CancelWork())

    def promote(self, model_number: int) -> None:
        """Make a model live in every open page; 0 is the one that the server was started with."""
        self._require()
        self._ask(Promote(model_number), lambda reply: self.set_trait("news", reply.news))

    def download(self, request: FileRequest, take: Callable[[str, bytes], None]) -> None:
        """Have a file of a model, or a report on it, handed to ``take``, with its name."""
        self._require()
        self._ask(request, lambda reply: take(reply.name, reply.content))

    # What panels with a state of their own ask for

    def ask(
        self, request: CurationRequest, on_reply: Callable[[Any], None], on_refused: Callable[[], None]
    ) -> None:
        """Ask the worker; if it refuses, ``problem`` says why. What that says now stays."""
        self._check()
        self._ask(request, on_reply, on_refused)

    # What the worker says

    def on_announcement(self, announcement: CurationAnnouncement | Restarting) -> None:
        """Take in what the worker says unasked."""
        if isinstance(announcement, FolderChanged):
            self._take_folder(announcement)
        elif isinstance(announcement, Progress):
            self.progress = announcement if announcement.what else None
        elif isinstance(announcement, Training):
            self.training = announcement
        elif isinstance(announcement, Retrained):
            self.retrained, self.news = announcement, announcement.news
        elif isinstance(announcement, Restarting):
            self.status, self.progress = "restarting", None
        else:
            self.problem = announcement.message

    def _take_folder(self, folder: FolderChanged) -> None:
        self.page_is_coming = True  # before anybody reads in the summary that there is more to see
        classes = folder.summary.classes
        # A class may have gone: by an undo, or from another page.
        self.marks = {key: mark for key, mark in self.marks.items() if mark.to is None or mark.to in classes}
        self.summary, self.steps, self.models = folder.summary, folder.steps, folder.models
        if self.label and self.label not in classes:
            self.label = ""
        self.status = "looking" if folder.looking else "ready"
        self._ask_for_page(self.page)

    def _take_applied(self, reply: Applied, applied: dict[str, Change] | None = None) -> None:
        not_done = set(reply.not_done)
        changes = applied or {}
        self.marks = {
            key: mark
            for key, mark in self.marks.items()
            if changes.get(key) != mark or mark.digest in not_done
        }
        self.news, self.problem = reply.news, reply.problem

    def _ask(
        self,
        request: CurationRequest,
        on_reply: Callable[[Any], None] = lambda _: None,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        def on_any_reply(reply: CurationReply) -> None:
            if isinstance(reply, Refused):
                on_refused()
                self.problem = reply.message
            else:
                on_reply(reply)

        assert self._line is not None  # _require has seen to it
        self._line.ask(request, on_any_reply)

    def _check(self) -> None:
        self._capability.require()
        if self._line is None:
            raise UserError("The training photos are not open yet. Please reload the page.")

    def _require(self) -> None:
        self._check()
        self.problem = ""  # whoever goes on has read it; mere news of the folder leaves it
