"""What the page knows: traits that views are linked to. Nothing here knows a widget."""

from __future__ import annotations

from itertools import count
from typing import Protocol

import traitlets

from bearclf.service.messages import Message


class Asker(Protocol):
    """What state needs of a :class:`bearclf.service.client.PredictionClient`."""

    def ask(self, number: int, content: bytes) -> None:
        """Ask about a photo."""

    def forget(self, number: int) -> None:
        """Take the question back."""


class PhotoState(traitlets.HasTraits):
    """One photo that a visitor chose, and what came of it."""

    name = traitlets.Unicode(help="File name, as the visitor's browser tells it; not to be trusted.")
    status = traitlets.Enum(("waiting", "answered", "refused"), "waiting")
    thumbnail = traitlets.Bytes(help="JPEG, upright; empty until the photo is decoded.")
    label = traitlets.Unicode(help="The most probable class; empty until there is an answer.")
    probability = traitlets.Float(help="Of ``label``, from 0 to 1.")
    probabilities = traitlets.Dict(help="Of each class, from 0 to 1, in the order of the vocab.")
    message = traitlets.Unicode(help="Why the photo was refused, in a sentence.")

    @traitlets.validate("probability")
    def _share(self, proposal: traitlets.Bunch) -> float:
        if not 0 <= proposal["value"] <= 1:
            raise traitlets.TraitError(f"a probability is from 0 to 1, not {proposal['value']}")
        return proposal["value"]


class IdentifyState(traitlets.HasTraits):
    """Photos and their answers, newest first, and whether the model can answer."""

    model = traitlets.Enum(("starting", "ready", "restarting", "broken"), "starting")
    problem = traitlets.Unicode(help="Why the model is broken, in a sentence.")
    photos = traitlets.Tuple(help="Instances of PhotoState, the newest batch first.")

    def __init__(self, asker: Asker) -> None:
        super().__init__()
        self._asker = asker
        self._numbers = count()
        self._by_number: dict[int, PhotoState] = {}

    def add(self, files: list[tuple[str, bytes]]) -> None:
        """Ask about some ``(name, content)``; the answers come through :meth:`hear`."""
        batch = {next(self._numbers): (PhotoState(name=name), content) for name, content in files}
        self._by_number |= {number: photo for number, (photo, _) in batch.items()}
        self.photos = (*(photo for photo, _ in batch.values()), *self.photos)
        for number, (_, content) in batch.items():
            self._asker.ask(number, content)

    def start_over(self) -> None:
        """Forget all photos, answered or not."""
        for number in self._by_number:
            self._asker.forget(number)
        self._by_number = {}
        self.photos = ()

    def hear(self, message: Message, content: bytes) -> None:
        """Take in what the prediction service says (see :mod:`bearclf.service.messages`)."""
        kind = message["kind"]
        if kind == "ready":
            self.model = "ready"
        elif kind == "restarting":
            self.model = "restarting"
        elif kind == "broken":
            self.problem = message["message"]
            self.model = "broken"
        elif (photo := self._by_number.get(message["id"])) is None:
            pass  # said of a photo that was forgotten meanwhile
        elif kind == "seen":
            photo.thumbnail = content
        elif kind == "refused":
            photo.message = message["message"]
            photo.status = "refused"
        elif kind == "answer":
            photo.probabilities = message["probabilities"]
            photo.probability = message["probability"]
            photo.label = message["label"]
            photo.status = "answered"
        else:
            raise ValueError(f"the prediction service said {kind!r}")
