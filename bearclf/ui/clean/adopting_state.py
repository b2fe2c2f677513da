"""What a page knows of an export that a curator brings: how far it is, and what it would import.

Nothing here knows a widget. Who may bring one is asked by :meth:`bearclf.ui.clean.state.CleanState.ask`.
"""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import traitlets

from bearclf.errors import UserError
from bearclf.protocol.adopting import Adopted, AdoptExport, ExportContents, ForgetExport, LookAtExport
from bearclf.protocol.curation import StageArchive
from bearclf.ui.clean.state import CleanState

MAX_BROUGHT_BYTES = 200 * 2**20
"""Largest export that is brought through the page, in bytes: it comes in one message."""

SLICE_BYTES = 8 * 2**20


class AdoptingState(traitlets.HasTraits):
    """One export at a time."""

    status = traitlets.Enum(("idle", "sending", "asking", "adopting"), "idle")
    sentences: traitlets.Tuple = traitlets.Tuple(help="What the export would import.")

    def __init__(self, clean: CleanState) -> None:
        super().__init__()
        self._clean = clean
        self._batch = ""  # what is told of others is out of date

    def bring(self, content: bytes) -> None:
        """Send an export to be looked at. Raises UserError if it is too large."""
        if len(content) > MAX_BROUGHT_BYTES:
            raise UserError(
                f"This file is larger than {MAX_BROUGHT_BYTES // 2**20} MB. Please have it adopted where the "
                "server runs, with “bearclf adopt”."
            )
        self.drop()
        self._clean.problem = ""
        batch = uuid4().hex
        for start in range(0, max(1, len(content)), SLICE_BYTES):
            part = content[start : start + SLICE_BYTES]
            request = StageArchive(batch=batch, start=start, content=part)
            self._clean.ask(request, lambda _: None, partial(self._end, batch))
        self._batch = batch
        self._clean.ask(LookAtExport(batch), partial(self._take_contents, batch), partial(self._end, batch))
        self.status = "sending"

    def agree(self) -> None:
        """Have the export read, and made a model of."""
        if self.status != "asking":
            raise UserError("There is no file to adopt. Please choose it again.")
        batch = self._batch
        self._clean.ask(AdoptExport(batch), partial(self._take_adopted, batch), self._ask_again)
        self.status = "adopting"

    def drop(self) -> None:
        """Forget an export that nobody wants."""
        if self.status == "asking":
            self._clean.ask(ForgetExport(self._batch), lambda _: None, lambda: None)
        self._end(self._batch)

    def _take_contents(self, batch: str, reply: ExportContents) -> None:
        if batch == self._batch:
            self.sentences, self.status = reply.sentences, "asking"

    def _take_adopted(self, batch: str, reply: Adopted) -> None:
        self._clean.news = reply.news
        self._end(batch)

    def _ask_again(self) -> None:
        """It couldn't be adopted, or not now: nobody has to send it again."""
        if self.status == "adopting":
            self.status = "asking"

    def _end(self, batch: str) -> None:
        if batch == self._batch:
            self._batch, self.sentences, self.status = "", (), "idle"
