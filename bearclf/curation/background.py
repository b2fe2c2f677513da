"""Work that takes long: one thing at a time, with progress for everybody, and a way to stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from time import monotonic
from typing import TypeVar

from bearclf.errors import OUR_FAULT, UserError
from bearclf.photos.progress import Stopped

log = logging.getLogger(__name__)

T = TypeVar("T")

_PROGRESS_SECONDS = 0.2  # between two announcements of progress

OnProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is, and of how much; with an empty name at the end."""


class BackgroundRunner:
    """Runs one piece of work in a thread."""

    def __init__(
        self, on_progress: OnProgress, on_trouble: Callable[[str], None], on_end: Callable[[], None]
    ) -> None:
        self._on_progress = on_progress
        self._on_trouble = on_trouble
        self._on_end = on_end
        self._lock = threading.Lock()  # guards the two below
        self._busy_with = ""
        self._next: tuple[str, Callable[[], None]] | None = None
        self._cancelled = threading.Event()

    @property
    def busy_with(self) -> str:
        """What is being done, or empty."""
        return self._busy_with

    def start(self, what: str, work: Callable[[], None]) -> None:
        """Begin; raises UserError if something else is under way."""
        with self._lock:
            if self._busy_with:
                raise UserError(
                    f"I'm still busy with something else ({self._busy_with.lower()}). "
                    "Please wait until that is done, or cancel it."
                )
            self._begin(what, work)

    def run(self, what: str, work: Callable[[], T]) -> T:
        """Begin, and wait for what comes of it; raises what the work raises, and nobody else hears of that.

        Raises UserError if something else is under way.
        """
        outcome: Future[T] = Future()

        def fulfil() -> None:
            try:
                outcome.set_result(work())
            except BaseException as error:
                outcome.set_exception(error)

        self.start(what, fulfil)
        return outcome.result()

    def start_or_wait(self, what: str, work: Callable[[], None]) -> None:
        """Begin, or do it after what is under way."""
        with self._lock:
            if self._busy_with:
                self._next = (what, work)
            else:
                self._begin(what, work)

    def cancel(self) -> None:
        """Stop what is under way, at its next step."""
        self._cancelled.set()

    def progress(self, steps: Iterable, total: int, what: str) -> Iterator:
        """Passes ``steps`` on, telling how far they are. Raises Stopped once somebody has cancelled.

        Work that keeps what it has so far may go on after that, and be cancelled again.
        """
        announced = 0.0
        for done, step in enumerate(steps):
            if self._cancelled.is_set():
                self._cancelled.clear()
                raise Stopped("Stopped. Everything is as it was before.")
            if monotonic() - announced > _PROGRESS_SECONDS:
                announced = monotonic()
                self._on_progress(what, done, total)
            yield step

    def _begin(self, what: str, work: Callable[[], None]) -> None:
        self._busy_with = what
        self._cancelled.clear()
        threading.Thread(target=self._run, args=(work,), name=what, daemon=True).start()
        self._on_progress(what, 0, 0)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except UserError as error:
            self._on_trouble(str(error))
        except Exception:
            log.exception("“%s” failed.", self._busy_with)
            self._on_trouble(OUR_FAULT)
        with self._lock:
            self._busy_with = ""
            following, self._next = self._next, None
            if following is not None:
                self._begin(*following)
        if following is None:
            try:
                self._on_progress("", 0, 0)
                self._on_end()
            except Exception:
                log.exception("Nobody could be told that the work is done.")
