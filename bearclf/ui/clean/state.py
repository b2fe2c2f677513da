"""What the second tab knows: the training photos as a sheet, marks that wait, and how a retraining went.

Nothing here knows a widget. Whatever comes from the browser is checked here: every method that reads or
changes training photos first asks whether this page may.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import traitlets

from bearclf.access.policy import Capability
from bearclf.errors import UserError
from bearclf.service.curation_messages import Message
from bearclf.ui.clean.marks import DELETE, KEEP, ORDERS, PAGE_SIZE, PARTS, Mark, SheetPhoto

Reply = Callable[[Message, bytes], None]


class CurationLine(Protocol):
    """What state needs of a :class:`bearclf.service.curation_client.CurationClient`."""

    def start(self) -> None:
        """Reach for the worker."""

    def ask(self, request: Message, on_reply: Reply, content: bytes = b"") -> None:
        """Send a request; ``on_reply`` gets what comes back."""


class CurateState(traitlets.HasTraits):
    """The training folder as one page sees it."""

    status = traitlets.Enum(("closed", "starting", "looking", "ready", "restarting"), "closed")
    access_sentence = traitlets.Unicode(
        help="Who may curate here, in a sentence; empty if there is nothing to say."
    )
    asks_passphrase = traitlets.Bool(help="Whether a passphrase would open the tab.")
    facts = traitlets.Dict(help="The folder at a glance; see bearclf.service.curation_messages.")
    progress = traitlets.Dict(help="``what``, ``done`` and ``total`` of work under way, or empty.")
    label = traitlets.Unicode(help="Class that is shown; empty for all.")
    part = traitlets.Enum(tuple(PARTS.values()), "all")
    order = traitlets.Enum(tuple(ORDERS.values()), "mislabelled")
    focus = traitlets.Dict(
        help="A finding, a cell of the matrix or changed answers that the sheet is narrowed to."
    )
    page = traitlets.Int(0, min=0)
    pages = traitlets.Int(1, min=1)
    total = traitlets.Int(0, min=0, help="Photos on all pages.")
    photos = traitlets.Tuple(help="Instances of SheetPhoto: those of this page.")
    marks = traitlets.Dict(help="Mark by a photo's key: what waits to be applied.")
    steps: traitlets.List[Message] = traitlets.List(
        help="What was applied before, the newest first; see bearclf.curation.file_work.training_folder."
    )
    comparison = traitlets.Dict(help="The model before and after retraining; empty before that.")
    versions: traitlets.List[Message] = traitlets.List(help="Models that can be made live, the newest first.")
    problem = traitlets.Unicode(help="What went wrong, in a sentence.")
    news = traitlets.Unicode(help="What was done, in a sentence.")

    def __init__(
        self, line: Callable[[Callable[[Message, bytes], None]], CurationLine], capability: Capability
    ) -> None:
        """``line`` makes the client, once the page may curate, from what is to hear the worker's messages."""
        super().__init__()
        self._make_line = line
        self._line: CurationLine | None = None
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
        return list(self.facts.get("classes", {}))

    def unlock(self, passphrase: str) -> None:
        """Open the tab; raises UserError if the passphrase is wrong."""
        self._capability.unlock(passphrase)
        self.open()

    def open(self) -> None:
        """Begin; does nothing the second time. Raises UserError if this page may not curate."""
        self._capability.require()
        if self._line is None:
            self.status = "starting"
            self._line = self._make_line(self.hear)
            self._line.start()

    # What is shown

    def show(
        self,
        label: str | None = None,
        part: str | None = None,
        order: str | None = None,
        focus: dict[str, Any] | None = None,
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
        asked = self._sheet_asked
        request = {
            "kind": "sheet",
            "label": self.label,
            "part": self.part,
            "order": self.order,
            "focus": {name: value for name, value in self.focus.items() if name != "title"},
            "page": max(0, page),
            "page_size": PAGE_SIZE,
        }

        def take(reply: Message, content: bytes) -> None:
            if asked == self._sheet_asked:
                self._take_sheet(reply, content)

        self._ask(request, take)

    # Marks

    def choices(self, photo: SheetPhoto) -> list[str]:
        """What can be done with a photo: keep, delete, and the classes that it can go to."""
        if photo.visitor is not None:
            return ["leave waiting", "discard", *(f"add to {label}" for label in self.classes)]
        return ["keep", "delete", *(f"move to {label}" for label in self.classes if label != photo.label)]

    def choice(self, photo: SheetPhoto) -> int:
        """The index of what is marked for a photo."""
        mark = self.marks.get(photo.key)
        if mark is None:
            return KEEP
        return DELETE if mark.to is None else 2 + self._targets(photo).index(mark.to)

    def mark(self, photo: SheetPhoto, choice: int) -> None:
        """Mark a photo, by the index of one of its :meth:`choices`; nothing happens until :meth:`apply`."""
        self._require()
        targets = self._targets(photo)
        if not 0 <= choice < 2 + len(targets):
            raise UserError("That can't be done with this photo. Please choose again.")
        marks = {key: mark for key, mark in self.marks.items() if key != photo.key}
        if choice != KEEP:
            to = None if choice == DELETE else targets[choice - 2]
            marks[photo.key] = Mark(photo.label, photo.name, photo.digest, to, photo.visitor)
        self.marks = marks

    def unmark(self, key: str | None = None) -> None:
        """Take back one mark, or all."""
        self._require()
        self.marks = {} if key is None else {k: mark for k, mark in self.marks.items() if k != key}

    def apply(self) -> None:
        """Do what is marked; what could not be done stays marked, and ``problem`` says why."""
        self._require()
        marks = dict(self.marks)
        if marks:
            request = {"kind": "apply", "changes": [mark.as_change() for mark in marks.values()]}
            self._ask(request, lambda reply, _: self._take_applied(reply, marks))

    def undo(self, step: int) -> None:
        """Take back an earlier step."""
        self._require()
        self._ask({"kind": "undo", "step": step}, lambda reply, _: self._take_applied(reply, {}))

    # Photos that come

    def stage(self, batch: str, label: str, name: str, content: bytes) -> None:
        """Send one photo of a ``batch`` for a class; :meth:`add` then adds all of them as one step."""
        self._require()
        request = {"kind": "stage", "batch": batch, "label": label, "name": name}
        self._ask(request, lambda *_: None, content)

    def add(self, batch: str) -> None:
        """Add all photos of a batch that were sent."""
        self._require()
        self._ask({"kind": "add", "batch": batch}, lambda reply, _: self._take_applied(reply, {}))

    def add_archive(self, path: Path) -> None:
        """Add the photos of a zip of class folders; the file is removed afterwards."""
        self._require()
        self._ask({"kind": "add_archive", "path": str(path)}, lambda reply, _: self._take_applied(reply, {}))

    # Models

    def retrain(self, recipe: str) -> None:
        """Train on the folder as it is, by ``probe`` or ``fine-tune``; the comparison comes at the end."""
        self._require()
        self._ask({"kind": "retrain", "recipe": recipe}, lambda *_: None)

    def cancel(self) -> None:
        """Stop the work under way."""
        self._require()
        self._ask({"kind": "cancel"}, lambda *_: None)

    def promote(self, number: int) -> None:
        """Make a model live in every open page; 0 is the one that the server was started with."""
        self._require()
        self._ask({"kind": "promote", "number": number}, self._take_news)

    def download(self, number: int, name: str, take: Callable[[str, bytes], None]) -> None:
        """Have a file of a model handed to ``take``, with its name."""
        self._require()
        request = {"kind": "download", "number": number, "name": name}
        self._ask(request, lambda reply, content: take(reply["name"], content))

    # What the worker says

    def hear(self, message: Message, _: bytes) -> None:
        """Take in what the worker says unasked."""
        kind = message["kind"]
        if kind == "facts":
            classes = message["facts"]["classes"]
            marks = {key: one for key, one in self.marks.items() if one.to is None or one.to in classes}
            self.marks = marks  # a class may have gone: by an undo, or from another page
            self.facts = message["facts"]
            self.steps = message["steps"]
            self.versions = message["versions"]
            if self.label and self.label not in self.classes:
                self.label = ""
            self.status = "looking" if message["looking"] else "ready"
            self._ask_for_page(self.page)
        elif kind == "progress":
            self.progress = message["progress"]
        elif kind == "compared":
            self.comparison = message["comparison"]
            self.news = message["news"]
        elif kind == "problem":
            self.problem = message["message"]
        elif kind == "restarting":
            self.status, self.progress = "restarting", {}
        else:
            raise ValueError(f"the curation service said {kind!r}")

    def _take_sheet(self, reply: Message, content: bytes) -> None:
        photos, start = [], 0
        for shown, size in zip(reply["photos"], reply["sizes"], strict=True):
            photos.append(SheetPhoto(**shown, thumbnail=content[start : start + size]))
            start += size
        with self.hold_trait_notifications():
            self.page, self.pages, self.total = reply["page"], reply["pages"], reply["total"]
            self.photos = tuple(photos)

    def _take_applied(self, reply: Message, applied: dict[str, Mark]) -> None:
        left = set(reply["left"])
        self.marks = {
            key: mark for key, mark in self.marks.items() if applied.get(key) != mark or mark.digest in left
        }
        self.news = reply["news"]
        self.problem = reply["problem"]

    def _take_news(self, reply: Message, _: bytes) -> None:
        self.news = reply["news"]

    def _ask(self, request: Message, take: Reply, content: bytes = b"") -> None:
        def take_or_say(reply: Message, answer: bytes) -> None:
            if reply["kind"] == "failed":
                self.problem = reply["message"]
            else:
                take(reply, answer)

        assert self._line is not None  # _require has seen to it
        self._line.ask(request, take_or_say, content)

    def _targets(self, photo: SheetPhoto) -> list[str]:
        """The classes that a photo can go to, in the order of its choices."""
        return [label for label in self.classes if photo.visitor is not None or label != photo.label]

    def _require(self) -> None:
        self._capability.require()
        if self._line is None:
            raise UserError("The training photos are not open yet. Please reload the page.")
        self.problem = ""  # whoever goes on has read it; news of the folder alone take no sentence away
