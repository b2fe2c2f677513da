"""From what a source finds to photos that are worth keeping: fetched, looked at, and new to the folder.

Who keeps them, and where, is another matter: a command writes each into its class, a page shows them first.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bearclf.errors import OUR_FAULT, UserError
from bearclf.gathering.download import Web
from bearclf.gathering.found import FoundPhoto, NotFetched
from bearclf.gathering.pictures import Pictures
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import FolderPhoto, content_digest
from bearclf.photos.scan_results import REFUSED, TRAITS, photo_traits, sort_out
from bearclf.photos.store import FeatureStore

log = logging.getLogger(__name__)

MAX_PHOTOS = 150
AT_ONCE = 8
"""Photos that are fetched at the same time, from all servers together."""

FETCHED = "fetched 1"
"""The kind under which the store keeps the digest of what a URL gave, as ASCII, by the URL's own SHA-256."""

_NO_TRAITS = np.zeros(0, np.uint64)
_LOOK_UP_SECONDS = 0.2  # how often it is looked whether somebody has stopped the search


@dataclass
class Tally:
    """What was passed over, and why; ``notes`` are sentences on the search as a whole."""

    known: int = 0
    copies: int = 0
    elsewhere: int = 0
    no_photos: Counter[str] = field(default_factory=Counter)
    not_fetched: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        """What a person should know of it."""
        passed_over = [
            f"{number} {what}"
            for number, what in (
                (self.known, "gathered before"),
                (self.copies, f"near {'copy' if self.copies == 1 else 'copies'} of what is there"),
                (self.elsewhere, "in another class already"),
                (self.no_photos.total(), f"no photos ({_reasons(self.no_photos)})"),
                (self.not_fetched.total(), f"not fetched ({_reasons(self.not_fetched)})"),
            )
            if number
        ]
        return [f"Passed over: {', '.join(passed_over)}."] * bool(passed_over) + self.notes


@dataclass(frozen=True)
class Fetched:
    """A file's content, and its traits if it is a photo; else ``refusal`` says why it is none."""

    digest: str
    traits: np.ndarray
    content: bytes = b""
    refusal: str = ""


class PhotoSearch:
    """One search for photos of a class; why one is passed over is written into ``tally`` as it goes.

    ``pictures`` are those that are there, ``known`` the URLs of photos that need not be fetched again.
    """

    def __init__(
        self,
        label: str,
        tally: Tally,
        pictures: Pictures,
        known: Collection[str],
        store: FeatureStore,
        web: Web,
    ) -> None:
        self._label = label
        self._tally = tally
        self._pictures = pictures
        self._known = known
        self._store = store
        self._web = web

    def worth_keeping(
        self, found: Iterable[FoundPhoto], wanted: int
    ) -> Generator[tuple[FoundPhoto, Fetched] | None]:
        """Fetch and judge photos until ``wanted`` are kept, there are no more, or the web is stopped.

        Yields each of these, and None while none comes. Raises UserError if the source gives nothing at all.
        """
        coming: dict[Future[Fetched], FoundPhoto] = {}
        candidates = self._candidates(found)
        try:
            while True:
                while len(coming) < min(wanted, AT_ONCE) and (photo := next(candidates, None)):
                    coming[_begun(self._fetch, photo)] = photo
                if not coming or self._web.is_stopped:
                    return
                done = wait(coming, _LOOK_UP_SECONDS, FIRST_COMPLETED).done
                if not done:
                    yield None
                for future in done:
                    photo = coming.pop(future)
                    fetched = self._judge(photo, future)
                    if fetched is not None:
                        wanted -= 1
                        self._pictures.add(self._label, fetched.traits)
                        yield photo, fetched
        finally:
            self._web.stop()

    def _candidates(self, found: Iterable[FoundPhoto]) -> Iterator[FoundPhoto]:
        """Those that must be fetched: each URL once, and none that is known to be of no use."""
        asked: set[str] = set()
        photos = iter(found)
        while not self._web.is_stopped:
            try:
                photo = next(photos, None)
            except UserError as error:
                if self._web.is_stopped:
                    return
                if not asked:
                    raise
                self._tally.notes.append(f"The search ended early. {error}")
                return
            if photo is None:
                if not asked:
                    raise UserError(
                        "Nothing was found. Please try other words, another source, or more licences."
                    )
                return
            if photo.url in asked:
                continue
            asked.add(photo.url)
            if photo.url in self._known:
                self._tally.known += 1
            elif not ((fetched := self._fetched_before(photo)) and self._is_of_no_use(fetched)):
                yield photo

    def _fetched_before(self, photo: FoundPhoto) -> Fetched | None:
        key = content_digest(photo.url.encode())
        for value in self._store.get(FETCHED, [key]).values():
            digest = value.tobytes().decode()
            for reason in self._store.get(REFUSED, [digest]).values():
                return Fetched(digest, _NO_TRAITS, refusal=reason.tobytes().decode())
            for traits in self._store.get(TRAITS, [digest]).values():
                return Fetched(digest, traits)
        return None

    def _fetch(self, photo: FoundPhoto) -> Fetched:
        """In a thread of its own. Raises NotFetched."""
        try:
            content = read_photo_file(photo.file) if photo.file else self._web.get(photo.url)
        except PhotoError as error:
            raise NotFetched(str(error)) from error
        digest = content_digest(content)
        try:
            return Fetched(digest, photo_traits(decode(content)), content)
        except PhotoError as error:
            return Fetched(digest, _NO_TRAITS, refusal=str(error))

    def _judge(self, photo: FoundPhoto, future: Future[Fetched]) -> Fetched | None:
        """What was fetched, if it is worth keeping."""
        try:
            fetched = future.result()
        except NotFetched as error:
            self._tally.not_fetched[str(error)] += 1
            return None
        except Exception:
            log.exception("%s ended with an error of ours.", photo.url)
            self._tally.not_fetched[OUR_FAULT] += 1
            return None
        if fetched.refusal:
            self._store.put(REFUSED, {fetched.digest: np.frombuffer(fetched.refusal.encode(), np.uint8)})
        else:
            self._store.put(TRAITS, {fetched.digest: fetched.traits})
        key = content_digest(photo.url.encode())
        self._store.put(FETCHED, {key: np.frombuffer(fetched.digest.encode(), np.uint8)})
        return None if self._is_of_no_use(fetched) else fetched

    def _is_of_no_use(self, fetched: Fetched) -> bool:
        """Whether it is no photo, or a picture that is there already; that is counted."""
        tally, digest = self._tally, fetched.digest
        traits, refused = {digest: fetched.traits}, {digest: fetched.refusal} if fetched.refusal else {}
        _, skipped = sort_out([FolderPhoto(Path(), self._label, digest)], [], traits, refused)
        if skipped:
            tally.no_photos[skipped[0].reason] += 1
            return True
        label = self._pictures.class_of(fetched.traits)
        if label == self._label:
            tally.copies += 1
        elif label is not None:
            tally.elsewhere += 1
        return label is not None


def _begun(fetch: Callable[[FoundPhoto], Fetched], photo: FoundPhoto) -> Future[Fetched]:
    """What a thread will have fetched. Nothing waits for it, not even the end of the program: a server that
    says nothing for a while must not keep anybody who wants to stop.
    """
    future: Future[Fetched] = Future()

    def run() -> None:
        try:
            future.set_result(fetch(photo))
        except BaseException as error:  # whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _reasons(reasons: Counter[str]) -> str:
    """The three most frequent, with how often, and how many others there are."""
    told = [f"{number} × {reason.rstrip('.')}" for reason, number in reasons.most_common(3)]
    others = reasons.total() - sum(number for _, number in reasons.most_common(3))
    return "; ".join(told + [f"{others} others"] * bool(others))
