"""Exports that curators bring: looked at, kept until they agree, and made models of in the background."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bearclf.curation.arrivals import Arrivals
from bearclf.curation.background import BackgroundRunner
from bearclf.errors import UserError
from bearclf.models.card import NO_NOVELTY
from bearclf.models.versions import Versions
from bearclf.photos.folders import MIN_PHOTOS, list_photos
from bearclf.photos.progress import unseen
from bearclf.protocol.adopting import Adopted, ExportContents

log = logging.getLogger(__name__)

ADOPTING = "Adopting a model"

MOST_WAITING = 3
"""Exports that may wait for somebody to agree, of all pages together; the oldest is given up for another."""


ReplyWith = Callable[[Callable[[], Adopted]], None]
"""Replies with what the work returns, or with why it could not be done."""


class Adoptions:
    """Nothing of an export is read before :meth:`adopt` is asked for, and then by a process of its own."""

    def __init__(
        self, folder: Path, versions: Versions, arrivals: Arrivals, background: BackgroundRunner
    ) -> None:
        self._folder, self._versions = folder, versions
        self._arrivals, self._background = arrivals, background
        self._scratch = tempfile.TemporaryDirectory(prefix="bearclf-")
        self._waiting: dict[str, Path] = {}
        self._in_hand = ""  # what is being adopted: it stays until that is over
        self._changing = threading.Lock()

    def look(self, batch: str) -> ExportContents:
        """What a staged export would import. Raises UserError, which says what it is, if it is none."""
        from bearclf.adopting.apart import look
        from bearclf.adopting.words import in_sentences

        with self._arrivals.archive(batch) as arrived:
            contents = look(arrived, unseen)
            place = Path(tempfile.mkdtemp(dir=self._scratch.name)) / "export.pkl"
            shutil.move(arrived, place)
        with self._changing:
            while len(self._waiting) >= MOST_WAITING:
                self._drop(next(one for one in self._waiting if one != self._in_hand))
            self._waiting[batch] = place
        return ExportContents(tuple(in_sentences(contents)))

    def forget(self, batch: str) -> None:
        """Delete an export that nobody wants."""
        with self._changing:
            if batch != self._in_hand:
                self._drop(batch)

    def adopt(self, batch: str, reply_with: ReplyWith) -> None:
        """Begin; ``reply_with`` is called with the work. Raises UserError if something else is under way."""
        self._waiting_for(batch)
        self._background.start(ADOPTING, lambda: reply_with(lambda: self._adopt(batch)))

    def _waiting_for(self, batch: str) -> Path:
        with self._changing:
            export = self._waiting.get(batch)
        if export is None:
            raise UserError("This file is not there any more. Please choose it again.")
        return export

    def _adopt(self, batch: str) -> Adopted:
        with self._changing:
            self._in_hand = batch
        try:
            export = self._waiting_for(batch)
            adopted = self._made_a_model(export)
        finally:
            with self._changing:
                self._in_hand = ""
        self.forget(batch)
        return adopted

    def _made_a_model(self, export: Path) -> Adopted:
        from bearclf.adopting.adopt import adopt
        from bearclf.adopting.words import MISSING

        progress = self._background.progress
        number, bundle = self._versions.new_folder()
        try:
            card, _, notes = adopt(export, bundle, self._photos, consent=lambda _: True, progress=progress)
        except BaseException:
            self._versions.discard(number)
            raise
        notes += [MISSING] if card.novelty == NO_NOVELTY else []
        what = f"a {card.architecture} for {', '.join(card.classes)}"
        news = f"Model {number} is adopted, and not live yet: {what}."
        return Adopted(number, " ".join([news, *notes]))

    def _photos(self, classes: list[str]) -> Path | None:
        """The training photos, if all of them are of its classes, and enough to measure it on."""
        listed = list_photos(self._folder) if self._folder.is_dir() else []
        counts = Counter(label for _, label in listed)
        enough = min(counts.values(), default=0) >= MIN_PHOTOS
        return self._folder if enough and set(counts) <= set(classes) else None

    def _drop(self, batch: str) -> None:
        place = self._waiting.pop(batch, None)
        if place is not None:
            shutil.rmtree(place.parent, ignore_errors=True)
