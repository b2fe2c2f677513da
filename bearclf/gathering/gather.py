"""Gather openly licensed photos of one thing into one class folder."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bearclf.errors import OUR_FAULT, UserError
from bearclf.gathering.attribution import ATTRIBUTION, add_attribution, read_attributions
from bearclf.gathering.download import Manners, Web
from bearclf.gathering.found import FoundPhoto, NotFetched
from bearclf.gathering.pictures import Pictures
from bearclf.gathering.sources import NOTES, find_photos
from bearclf.photos.decode import PhotoError, decode, read_photo_file, usual_suffix
from bearclf.photos.disk import sync_folder
from bearclf.photos.folders import FolderPhoto, check_class_name, class_folders, content_digest
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import REFUSED, TRAITS, photo_traits, sort_out
from bearclf.photos.store import FeatureStore
from bearclf.settings import AnyPath, cache_folder

log = logging.getLogger(__name__)

MAX_PHOTOS = 150
AT_ONCE = 8
"""Photos that are fetched at the same time, from all servers together."""

FETCHED = "fetched 1"
"""The kind under which the store keeps the digest of what a URL gave, as ASCII, by the URL's own SHA-256."""

_NO_TRAITS = np.zeros(0, np.uint64)


@dataclass
class Gathered:
    """What came of it; as text, the summary for the person."""

    label: str
    folder: Path
    max_photos: int
    kept: list[Path] = field(default_factory=list)
    known: int = 0
    copies: int = 0
    elsewhere: int = 0
    no_photos: Counter[str] = field(default_factory=Counter)
    not_fetched: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
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
        number = len(self.kept)
        sentences = [
            f"{number} new {'photo' if number == 1 else 'photos'} in {self.folder / self.label}"
            + (f"; creator, licence and link of each are in {self.folder / ATTRIBUTION}." if number else ".")
        ]
        if passed_over:
            sentences.append(f"Passed over: {', '.join(passed_over)}.")
        return " ".join(sentences + self.notes)


@dataclass(frozen=True)
class _Fetched:
    """A file's content, and its traits if it is a photo; else ``refusal`` says why it is none."""

    digest: str
    traits: np.ndarray
    content: bytes = b""
    refusal: str = ""


def gather(
    query: str,
    label: str,
    out: AnyPath,
    *,
    max_photos: int = MAX_PHOTOS,
    source: str = "openverse",
    licences: Iterable[str] | None = None,
    manners: Manners | None = None,
    progress: ProgressBar = progress_bar,
) -> Gathered:
    """Fetch photos of ``query`` into the class folder ``out/label`` until it holds ``max_photos``.

    What was gathered before, what the folder has in this or another class, and what is no photo is passed
    over; ``str`` of what is returned tells of it. Called again it goes on, and asks for no URL twice that has
    answered. ``source`` is one of :data:`bearclf.gathering.sources.SOURCES`, ``licences`` are some of
    :data:`bearclf.gathering.found.LICENCES`. Raises UserError if the source gives nothing at all, or the disk
    refuses; KeyboardInterrupt, with the summary as its text, when it is stopped. What was kept by then stays.
    """
    folder = Path(out)
    label = check_class_name(label, class_folders(folder))
    if not query.strip():
        raise UserError("Please say what the photos should show, such as “grizzly bear”.")
    if max_photos < 1:
        raise UserError("Please ask for one photo or more.")
    gathered = Gathered(label, folder, max_photos)
    with ExitStack() as resources:
        web = resources.enter_context(Web(manners or Manners()))
        store = resources.enter_context(FeatureStore(cache_folder()))
        found = find_photos(source, query, None if licences is None else tuple(licences), web)
        gathering = _Gathering(gathered, Pictures(folder, store, progress), store, web)
        room = max_photos - gathering.pictures.counts[label]
        if room <= 0:
            gathered.notes.append(f"The class has {max_photos} or more already; --max asks for more.")
            return gathered
        if note := NOTES.get(source.partition(":")[0]):
            gathered.notes.append(note)
        try:
            with closing(gathering.kept(found)) as kept:
                for _ in progress(kept, room, f"Gathering {label}"):
                    pass
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"Stopped. {gathered} Start it again to go on.") from None
        except OSError as error:
            raise UserError(f"{folder} can't be written to: {error.strerror or error}. {gathered}") from error
    return gathered


class _Gathering:
    """One search: what is kept, and why the rest is not, is written into ``gathered`` as it goes."""

    def __init__(self, gathered: Gathered, pictures: Pictures, store: FeatureStore, web: Web) -> None:
        self.pictures = pictures
        self._gathered = gathered
        self._store = store
        self._web = web
        self._attributed = {photo.url for photo in read_attributions(gathered.folder).values()}

    def kept(self, found: Iterable[FoundPhoto]) -> Generator[Path]:
        """Fetch and judge photos until the class is full or there are no more; yields those kept."""
        coming: dict[Future[_Fetched], FoundPhoto] = {}
        candidates = self._candidates(found)
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            while True:
                room = self._gathered.max_photos - self.pictures.counts[self._gathered.label]
                while len(coming) < min(room, AT_ONCE) and (photo := next(candidates, None)):
                    coming[pool.submit(self._fetch, photo)] = photo
                if not coming:
                    return
                for future in wait(coming, return_when=FIRST_COMPLETED).done:
                    path = self._judge_fetched(coming.pop(future), future)
                    if path:
                        yield path
        finally:
            self._web.stop()
            pool.shutdown(cancel_futures=True)

    def _candidates(self, found: Iterable[FoundPhoto]) -> Iterator[FoundPhoto]:
        """Those that must be fetched: each URL once, and none that is known to be of no use."""
        asked: set[str] = set()
        photos = iter(found)
        while True:
            try:
                photo = next(photos, None)
            except UserError as error:
                if not asked:
                    raise
                self._gathered.notes.append(f"The search ended early. {error}")
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
            if photo.url in self._attributed:
                self._gathered.known += 1
            elif not ((fetched := self._fetched_before(photo)) and self._is_of_no_use(fetched)):
                yield photo

    def _fetched_before(self, photo: FoundPhoto) -> _Fetched | None:
        key = content_digest(photo.url.encode())
        for value in self._store.get(FETCHED, [key]).values():
            digest = value.tobytes().decode()
            for reason in self._store.get(REFUSED, [digest]).values():
                return _Fetched(digest, _NO_TRAITS, refusal=reason.tobytes().decode())
            for traits in self._store.get(TRAITS, [digest]).values():
                return _Fetched(digest, traits)
        return None

    def _fetch(self, photo: FoundPhoto) -> _Fetched:
        """In a thread of the pool. Raises NotFetched."""
        try:
            content = read_photo_file(photo.file) if photo.file else self._web.get(photo.url)
        except PhotoError as error:
            raise NotFetched(str(error)) from error
        digest = content_digest(content)
        try:
            return _Fetched(digest, photo_traits(decode(content)), content)
        except PhotoError as error:
            return _Fetched(digest, _NO_TRAITS, refusal=str(error))

    def _judge_fetched(self, photo: FoundPhoto, future: Future[_Fetched]) -> Path | None:
        try:
            fetched = future.result()
        except NotFetched as error:
            self._gathered.not_fetched[str(error)] += 1
            return None
        except Exception:
            log.exception("%s ended with an error of ours.", photo.url)
            self._gathered.not_fetched[OUR_FAULT] += 1
            return None
        if fetched.refusal:
            self._store.put(REFUSED, {fetched.digest: np.frombuffer(fetched.refusal.encode(), np.uint8)})
        else:
            self._store.put(TRAITS, {fetched.digest: fetched.traits})
        key = content_digest(photo.url.encode())
        self._store.put(FETCHED, {key: np.frombuffer(fetched.digest.encode(), np.uint8)})
        return None if self._is_of_no_use(fetched) else self._keep(photo, fetched)

    def _is_of_no_use(self, fetched: _Fetched) -> bool:
        """Whether it is no photo, or a picture that is there already; that is counted."""
        gathered, digest = self._gathered, fetched.digest
        traits, refused = {digest: fetched.traits}, {digest: fetched.refusal} if fetched.refusal else {}
        _, skipped = sort_out([FolderPhoto(Path(), gathered.label, digest)], [], traits, refused)
        if skipped:
            gathered.no_photos[skipped[0].reason] += 1
            return True
        label = self.pictures.class_of(fetched.traits)
        if label == gathered.label:
            gathered.copies += 1
        elif label is not None:
            gathered.elsewhere += 1
        return label is not None

    def _keep(self, photo: FoundPhoto, fetched: _Fetched) -> Path:
        """Write it down so that no photo is ever there without its attribution, nor half. Raises OSError."""
        folder = self._gathered.folder / self._gathered.label
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{fetched.digest[:16]}{usual_suffix(fetched.content)}"
        part = folder / f".{path.name}.part"
        try:
            with part.open("wb") as file:
                file.write(fetched.content)
                file.flush()
                os.fsync(file.fileno())
            add_attribution(self._gathered.folder, fetched.digest, photo)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._gathered.kept.append(path)
        self.pictures.add(self._gathered.label, fetched.traits)
        sync_folder(folder)
        return path


def _reasons(reasons: Counter[str]) -> str:
    """The three most frequent, with how often, and how many others there are."""
    told = [f"{number} × {reason.rstrip('.')}" for reason, number in reasons.most_common(3)]
    others = reasons.total() - sum(number for _, number in reasons.most_common(3))
    return "; ".join(told + [f"{others} others"] * bool(others))
