"""What a page knows of photos that it has searched for elsewhere: what was found, and which are ticked.

Nothing here knows a widget. Who may search is asked by :meth:`bearclf.ui.clean.state.CleanState.ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import traitlets

from bearclf.protocol.curation import Applied
from bearclf.protocol.finding import AddFound, FindingRequest, FindPhotos, ForgetFound, Found, StopFinding
from bearclf.ui.clean.state import CleanState


class FindingState(traitlets.HasTraits):
    """One search at a time; all that it finds is ticked until somebody unticks it."""

    status = traitlets.Enum(("idle", "searching", "over", "adding"), "idle")
    label = traitlets.Unicode(help="Class that the photos are for.")
    photos: traitlets.Tuple = traitlets.Tuple(help="Instances of FoundPhoto, in the order of their coming.")
    unticked = traitlets.Instance(frozenset, (), help="Digests of those that are not to be added.")
    said = traitlets.Unicode(help="What was passed over, or what came of adding, in sentences.")

    def __init__(self, clean: CleanState) -> None:
        super().__init__()
        self._clean = clean
        self._search = ""  # the newest: what is told of others is out of date

    @property
    def ticked(self) -> tuple[str, ...]:
        """Digests of the photos that are to be added."""
        return tuple(photo.digest for photo in self.photos if photo.digest not in self.unticked)

    def find(self, words: str, label: str, source: str, licences: Sequence[str] | None) -> None:
        """Begin to search, and drop what the search before has found."""
        name = uuid4().hex  # other pages search, too
        asked = FindPhotos(
            search=name,
            words=words,
            label=label,
            source=source,
            licences=None if licences is None else tuple(licences),
        )
        if self.status != "idle":
            self.drop()
        self._ask(asked, partial(self._take, name), partial(self._end, name))
        self._search = name
        self._show("searching", label=label)

    def stop(self) -> None:
        """End the search; what it has found stays. Nobody waits for a server that is silent."""
        self._ask(StopFinding(self._search))
        self.status = "over"

    def tick(self, digest: str, on: bool) -> None:
        """Tick or untick a photo."""
        self.unticked = self.unticked - {digest} if on else self.unticked | {digest}

    def add(self) -> None:
        """Add what is ticked, as one step, and drop the rest."""
        name = self._search
        self._ask(AddFound(name, self.ticked), self._take_applied, partial(self._end, name))
        self.status = "adding"

    def drop(self) -> None:
        """End the search, and drop what it has found."""
        self._ask(ForgetFound(self._search))
        self._show("idle")

    def _ask(
        self,
        request: FindingRequest,
        take: Callable[[Any], None] = lambda _: None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        self._clean.ask(request, take, refused)
        self._clean.problem = ""  # whoever goes on has read it

    def _take(self, name: str, found: Found) -> None:
        if name != self._search or self.status in ("idle", "adding"):
            return  # it was dropped or added meanwhile: what comes now can't be added any more
        with self.hold_trait_notifications():
            self.label = found.label
            self.unticked |= {photo.digest for photo in found.photos if photo.taken_out}
            self.photos = self.photos + found.photos
            if found.over:
                self.status, self.said = "over", found.said

    def _take_applied(self, reply: Applied) -> None:
        self._show("idle", said=reply.news)
        self._clean.news, self._clean.problem = reply.news, reply.problem

    def _end(self, name: str) -> None:
        """It was refused; what was found before may be there still."""
        if name == self._search:
            self.status = "over" if self.photos else "idle"

    def _show(self, status: str, label: str = "", said: str = "") -> None:
        """Begin anew, with nothing found."""
        with self.hold_trait_notifications():
            self.photos, self.unticked = (), frozenset()
            self.status, self.label, self.said = status, label, said
