"""Which model is live: the configured bundle, or one that was retrained and promoted since.

Retrained bundles are kept by number in the data folder; the configured one, the base, is number 0. Only the
standard library and a file lock are needed here: a visitor's kernel asks, too.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from bearclf.errors import UserError
from bearclf.models.card import CARD, read_card
from bearclf.models.promotions import Promotion, read_promotions, write_promotions
from bearclf.settings import data_folder

log = logging.getLogger(__name__)

BASE = 0
"""The number of the configured bundle."""

KEPT_CANDIDATES = 10
"""Retrained bundles that are kept though they were never live."""

LEFTOVER_SECONDS = 24 * 3600
"""Age from which a hidden folder was left by a process that was killed: to write a bundle takes seconds."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class LiveVersion:
    """The live version; ``card_sha256`` tells two bundles in the same place apart."""

    number: int
    path: Path
    card_sha256: str


@dataclass(frozen=True)
class Version:
    """One bundle and how good it is.

    ``recipe`` and ``classes`` are those of its card, ``error_rate`` is a share (None: never measured),
    ``error_interval`` its 95 % interval, ``photos`` how many it was trained on.
    """

    number: int
    path: Path
    trained: datetime
    recipe: str
    classes: list[str]
    error_rate: float | None
    error_interval: tuple[float, float]
    photos: int
    live: bool


class Versions:
    """All versions of one configured bundle, ``base``; several processes may change them at once."""

    def __init__(self, base: Path) -> None:
        self._base = base.resolve()
        key = sha256(str(self._base).encode()).hexdigest()[:16]
        self._folder = data_folder() / "models" / key
        self._warned = ""

    def base(self) -> LiveVersion:
        """The configured bundle, as if it were live."""
        return LiveVersion(BASE, self._base, _card_digest(self._base))

    def live(self) -> LiveVersion:
        """The live version; never raises, and reads a few small files.

        It is the base if nothing was promoted, if the base was replaced since, or (which is logged) if the
        pointer is damaged or the promoted bundle's card is another than was promoted.
        """
        base = self.base()
        try:
            promotions = read_promotions(self._folder)
        except (OSError, ValueError) as error:
            self._warn(f"What is live can't be read, so it is the configured model: {error!r}")
            return base
        if not promotions or promotions[-1].number == BASE:
            return base
        last, path = promotions[-1], self._path(promotions[-1].number)
        if last.base_sha256 != base.card_sha256:
            return base
        if _card_digest(path) != last.card_sha256:
            self._warn(f"{path / CARD} is not what was promoted, so the configured model is live.")
            return base
        return LiveVersion(last.number, path, last.card_sha256)

    def all(self) -> list[Version]:
        """Every complete version, newest first and the base last; a damaged one is left out and logged."""
        live, versions = self.live().number, []
        for number in (*sorted(self._complete(), reverse=True), BASE):
            try:
                versions.append(_version(number, self._path(number), number == live))
            except (UserError, OSError, KeyError, TypeError, ValueError):
                log.warning("Model %d can't be described.", number, exc_info=True)
        return versions

    def new_folder(self) -> tuple[int, Path]:
        """A new number, and the empty folder to write its bundle to.

        Whatever was ever live stays, to be returned to; of the other retrained bundles the newest
        ``KEPT_CANDIDATES`` stay. Raises UserError if nothing can be written there.
        """

        def reserve() -> tuple[int, Path]:
            with suppress(ValueError):  # the pointer is damaged: nothing is deleted that might be live
                self._tidy_up()
            taken = {*self._numbers(), *(promotion.number for promotion in self._known_promotions()), BASE}
            path = self._path(max(taken) + 1)
            path.mkdir(mode=0o700)
            return int(path.name), path

        return self._locked(reserve, "No place could be made for a new model")

    def promote(self, number: int) -> None:
        """Make a version live, in every process that looks.

        Raises UserError, and leaves live what is, if the version is gone, incomplete or not what its card
        says, if its card is another than when it was promoted before, or if nothing can be written.
        """
        self._locked(lambda: self._promote(number), f"Model {number} could not be made live")

    def discard(self, number: int) -> None:
        """Delete a version that was never promoted. Raises UserError for any other."""

        def delete() -> None:
            if number not in self._numbers():
                raise UserError(f"There is no model {number} to discard: it is gone already.")
            if number in {promotion.number for promotion in read_promotions(self._folder)}:
                raise UserError(f"Model {number} was live, so it is kept: you may want to return to it.")
            self._delete(number)

        self._locked(delete, f"Model {number} could not be discarded")

    def _promote(self, number: int) -> None:
        path, now = self._path(number), datetime.now(UTC).isoformat(timespec="seconds")
        if number != BASE and number not in self._numbers():
            raise UserError(f"There is no model {number} any more. The present one stays live.")
        digest, base_digest = _card_digest(path), _card_digest(self._base)
        try:
            earlier = read_promotions(self._folder)
        except ValueError:
            # Any of them may have been live, so from now on each is kept as if it had been.
            log.warning("What was promoted is damaged.", exc_info=True)
            each = [(kept, _card_digest(self._path(kept))) for kept in sorted(self._complete())]
            earlier = [Promotion(kept, card, base_digest, now) for kept, card in each if card]
        before = {promotion.card_sha256 for promotion in earlier if promotion.number == number != BASE}
        if before and digest not in before:
            raise UserError(
                f"The description of model {number} was changed since it was live, so it was not made live "
                "again. The present one stays live."
            )
        _check_files(path)
        if self.live() != LiveVersion(number, path, digest):
            write_promotions(self._folder, [*earlier, Promotion(number, digest, base_digest, now)])

    def _locked(self, work: Callable[[], Result], failed: str) -> Result:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self._folder / "lock"):
                return work()
        except (OSError, ValueError) as error:
            log.warning("%s.", failed, exc_info=True)
            reason = getattr(error, "strerror", None) or "what is known of the models is damaged"
            raise UserError(f"{failed}: {reason}. Nothing was changed, and nothing is lost.") from error

    def _known_promotions(self) -> list[Promotion]:
        """All promotions; none if the pointer is damaged."""
        try:
            return read_promotions(self._folder)
        except ValueError:
            log.warning("What was promoted is damaged.", exc_info=True)
            return []

    def _path(self, number: int) -> Path:
        return self._base if number == BASE else self._folder / str(number)

    def _numbers(self) -> set[int]:
        folders = self._folder.glob("[1-9]*")
        return {int(path.name) for path in folders if path.name.isdecimal() and path.is_dir()}

    def _complete(self) -> set[int]:
        """Numbers of folders that hold a bundle already: its card is there once everything else is."""
        return {number for number in self._numbers() if (self._path(number) / CARD).is_file()}

    def _tidy_up(self) -> None:
        was_live = {promotion.number for promotion in read_promotions(self._folder)}
        candidates = self._complete() - was_live
        for number in sorted(candidates, reverse=True)[KEPT_CANDIDATES:]:
            self._delete(number)
        for leftover in self._folder.glob(".*-*"):
            if time.time() - leftover.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)

    def _delete(self, number: int) -> None:
        """First out of sight, then file by file: half of a bundle is never taken for one."""
        gone = self._folder / f".{number}-deleted-{time.time_ns()}"
        self._path(number).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _warn(self, sentence: str) -> None:
        if sentence != self._warned:  # once, and not every second
            self._warned = sentence
            log.warning(sentence)


def _version(number: int, path: Path, live: bool) -> Version:
    card = read_card(path)
    low, high = card.metrics["accuracy_interval"] if card.metrics else (0.0, 1.0)
    return Version(
        number,
        path,
        # A file's own time is that of the last copy: what an older card can't tell better.
        datetime.fromisoformat(card.trained or _time_of(path / CARD)),
        card.recipe,
        card.classes,
        error_rate=card.metrics["error_rate"] if card.metrics else None,
        error_interval=(1 - high, 1 - low),
        photos=card.learned,
        live=live,
    )


def _time_of(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()


def _check_files(bundle: Path) -> None:
    """Raises UserError unless every file is what the bundle's card says."""
    for name, expected in read_card(bundle).files.items():
        with suppress(OSError), (bundle / name).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() == expected:
                continue
        raise UserError(
            f"This model is not what its card describes: {name} is missing, changed or damaged. "
            "The present one stays live."
        )


def _card_digest(bundle: Path) -> str:
    """SHA-256 in hex of a bundle's card; empty if it can't be read."""
    try:
        return sha256((bundle / CARD).read_bytes()).hexdigest()
    except OSError:
        return ""
