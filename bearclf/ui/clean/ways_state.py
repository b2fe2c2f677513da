"""What the panel "How photos are seen" knows: whether it is open, and the pictures that have come."""

from __future__ import annotations

from typing import Any

import traitlets

from bearclf.protocol.curation import ShowWays, WaySeen
from bearclf.ui.clean.state import CleanState


class WaysState(traitlets.HasTraits):
    """Pictures of some photos of the class that the sheet shows; nothing is asked for while it is closed.

    They are asked for anew when it is another class, or its photos are others.
    """

    is_open = traitlets.Bool(False)
    ways = traitlets.Tuple(help="Instances of WaySeen, in order, as far as they have come.")
    done = traitlets.Int(0, help="How many of those that were asked for have come.")
    total = traitlets.Int(0, help="How many there will be; 0 as long as nobody knows.")
    is_drawing = traitlets.Bool(False, help="Whether others are still to come.")

    def __init__(self, state: CleanState) -> None:
        super().__init__()
        self._state = state
        self._seed = 0
        self._asked: tuple[Any, ...] = ()
        state.observe(self._renew, ["label", "summary"])

    def turn(self) -> None:
        """Open it, or close it."""
        self._state.problem = ""
        self.is_open = not self.is_open
        if not self.ways:
            self._asked = ()  # what was refused may be possible now
        self._renew()

    def others(self) -> None:
        """Draw other photos by lot."""
        self._state.problem = ""
        self._seed += 1
        self._renew()

    def _renew(self, _: Any = None) -> None:
        state = self._state
        counts = state.summary.classes if state.summary is not None else {}
        wanted = (state.label, self._seed, dict(counts))
        if not self.is_open or self.is_drawing or wanted == self._asked:
            return
        self._asked = wanted
        if not (counts.get(state.label) if state.label else sum(counts.values())):
            self.ways = ()
            return
        state.ask(ShowWays(state.label, self._seed), self._take, self._give_up)
        with self.hold_trait_notifications():
            self.done, self.total, self.is_drawing = 0, 0, True

    def _take(self, way: WaySeen) -> None:
        with self.hold_trait_notifications():
            self.done, self.total = way.number, way.total
            self.ways = (*self.ways[: way.number - 1], way, *self.ways[way.number :])
            self.is_drawing = way.number < way.total
        self._renew()  # something may have changed meanwhile

    def _give_up(self) -> None:
        with self.hold_trait_notifications():
            self.ways, self.is_drawing = (), False
