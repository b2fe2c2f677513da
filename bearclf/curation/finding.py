"""Photos that curators have searched for elsewhere: shown as they come, and added once somebody has looked.

A search goes on in the thread of whoever asks for it, beside all other work. What it has found waits as files
in a private folder until it is added, dropped, or forgotten.
"""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from bearclf.curation.arrivals import UnpackedPhotos
from bearclf.curation.catalogue import list_files
from bearclf.curation.sheet import sheet_thumbnail, told
from bearclf.errors import UserError
from bearclf.gathering.attribution import add_attributions, read_attributions
from bearclf.gathering.download import Manners, Web
from bearclf.gathering.found import FoundPhoto
from bearclf.gathering.gather import file_name
from bearclf.gathering.pictures import Pictures
from bearclf.gathering.search import MAX_PHOTOS, Fetched, PhotoSearch, Tally
from bearclf.gathering.sources import NOTES, check_query, find_photos
from bearclf.photos.decode import decode
from bearclf.photos.disk import sync_folder
from bearclf.photos.folders import check_class_name
from bearclf.photos.store import FeatureStore
from bearclf.protocol.curation import Applied
from bearclf.protocol.finding import FindPhotos, Found
from bearclf.protocol.records import FoundPhoto as ShownPhoto
from bearclf.settings import cache_folder, may_find_photos

log = logging.getLogger(__name__)

MAX_SEARCHES = 4
"""Searches that may go on or wait at once, of all pages together; the oldest is given up for another."""

MAX_BYTES = 512 * 2**20
"""Largest sum of the photos of one search, in bytes."""

MAX_DATASET_BYTES = 4 * 2**30
"""Largest dataset, in bytes, that is fetched for a page: one comes as a whole."""

KEPT_SECONDS = 3600.0
"""How long what was found waits for somebody to add it."""

SWITCHED_OFF = "Whoever runs this server has switched off that it looks for photos elsewhere."
GONE = "What this search had found is no longer there. Nothing was added; please search again."

_TELL_SECONDS = 0.4  # between two messages about a search: its photos come several at a time

Tell = Callable[[Found], bool]
"""Tells the page that asked what was found since; False if that page is gone."""


@dataclass
class _Search:
    """One search; ``found`` has file and attribution of each photo, by digest, ``size`` is their bytes."""

    label: str
    web: Web
    scratch: tempfile.TemporaryDirectory
    found: dict[str, tuple[Path, FoundPhoto]] = field(default_factory=dict)
    size: int = 0


class Finder:
    """All searches of a desk; ``classes`` says which classes there are, ``add`` puts photos into them."""

    def __init__(
        self,
        folder: Path,
        classes: Callable[[], list[str]],
        add: Callable[[UnpackedPhotos], Applied],
        manners: Manners | None = None,
    ) -> None:
        self._folder = folder
        self._classes = classes
        self._add = add
        self._manners = manners or Manners()
        self._searches: dict[str, _Search] = {}
        self._changing = threading.Lock()  # guards the searches, and what each has found

    def find(self, wanted: FindPhotos, tell: Tell) -> Found:
        """Search until there are enough photos, or somebody stops it; returns what is told last.

        Raises UserError where nothing can be searched for, or nothing is found.
        """
        if not may_find_photos():
            raise UserError(SWITCHED_OFF)
        label = check_class_name(wanted.label, self._classes())
        check_query(wanted.words)
        with ExitStack() as resources:
            web = resources.enter_context(Web(self._manners))
            store = resources.enter_context(FeatureStore(cache_folder()))
            found = find_photos(wanted.source, wanted.words, wanted.licences, web, MAX_DATASET_BYTES)
            search = _Search(label, web, tempfile.TemporaryDirectory(prefix="bearclf-"))
            self._begin(wanted.search, search)
            try:
                last = self._search(wanted, search, found, store, tell)
            except BaseException:
                self.forget(wanted.search)
                raise
        later = threading.Timer(KEPT_SECONDS, self.forget, [wanted.search])
        later.daemon = True
        later.start()
        return last

    def stop(self, name: str) -> None:
        """End a search; what it has found stays."""
        with self._changing:
            search = self._searches.get(name)
        if search is not None:
            search.web.stop()

    def forget(self, name: str) -> None:
        """End a search and drop what it has found."""
        with self._changing:
            search = self._searches.pop(name, None)
        if search is not None:
            self._end(search)

    def add(self, name: str, digests: Iterable[str]) -> Applied:
        """Add what was found and chosen, as one step, and drop the rest.

        Raises UserError if some of it is no longer there, or none can be added now: then it goes on waiting.
        """
        chosen = list(dict.fromkeys(digests))
        if not chosen:
            raise UserError("No photo is ticked. Please tick those that should be added.")
        with self._changing:
            search = self._searches.get(name)
            if search is None or not search.found.keys() >= set(chosen):
                raise UserError(GONE)
            del self._searches[name]  # so that it can't be added twice
        search.web.stop()
        try:
            label = check_class_name(search.label, self._classes())
            found = {digest: search.found[digest] for digest in chosen}
            photos = [(label, path.name, path) for path, _ in found.values()]
            attributions = {digest: photo for digest, (_, photo) in found.items()}
            applied = self._add(UnpackedPhotos(photos, [], attributions))
        except UserError:
            with self._changing:
                self._searches[name] = search
            raise
        self._end(search)
        return applied

    def _begin(self, name: str, search: _Search) -> None:
        with self._changing:
            replaced = [self._searches.pop(name)] if name in self._searches else []
            while len(self._searches) >= MAX_SEARCHES:
                replaced.append(self._searches.pop(next(iter(self._searches))))
            self._searches[name] = search
        for other in replaced:
            self._end(other)

    def _end(self, search: _Search) -> None:
        search.web.stop()
        with self._changing:
            search.scratch.cleanup()

    def _search(
        self,
        wanted: FindPhotos,
        search: _Search,
        found: Iterator[FoundPhoto],
        store: FeatureStore,
        tell: Tell,
    ) -> Found:
        tally = Tally(notes=[note] if (note := NOTES.get(wanted.source.partition(":")[0])) else [])
        photos = list_files(self._folder, store).photos
        attributed = read_attributions(self._folder)
        known = {attributed[photo.digest].url for photo in photos if photo.digest in attributed}
        pictures = Pictures(photos, store, lambda steps, *_: steps)
        photo_search = PhotoSearch(search.label, tally, pictures, known, store, search.web)
        untold: list[ShownPhoto] = []
        told_at = time.monotonic()
        try:
            with closing(photo_search.worth_keeping(found, MAX_PHOTOS)) as worth_keeping:
                for one in worth_keeping:
                    if one is not None and not self._keep(wanted.search, search, *one):
                        if search.size > MAX_BYTES:  # else nobody waits for it any more
                            tally.notes.append("This is as much as can wait here at once.")
                        break
                    if one is not None:
                        untold.append(_shown(*one, taken_out=one[1].digest in attributed))
                    if time.monotonic() - told_at > _TELL_SECONDS:
                        told_at = time.monotonic()
                        if not tell(Found(label=search.label, photos=tuple(untold))):
                            self.forget(wanted.search)
                            break
                        untold = []
        except OSError as error:
            log.exception("What was found can't be kept.")
            raise UserError("The server has no room for more photos just now. Nothing was added.") from error
        tally.not_fetched.pop("it was stopped", None)
        said = " ".join(tally.sentences())
        return Found(label=search.label, photos=tuple(untold), over=True, said=said)

    def _keep(self, name: str, search: _Search, photo: FoundPhoto, fetched: Fetched) -> bool:
        """Keep a photo until it is added; False if it is too much, or nobody waits for it any more."""
        search.size += len(fetched.content)
        with self._changing:
            if search.size > MAX_BYTES or self._searches.get(name) is not search:
                return False
            path = Path(search.scratch.name) / file_name(fetched)
            path.write_bytes(fetched.content)
            search.found[fetched.digest] = path, photo
        return True


def keep_attributions(folder: Path, attributions: Mapping[str, FoundPhoto]) -> None:
    """Write down who made photos, by digest, unless that is known.

    Raises UserError if it can't be: then no photo should come in, either.
    """
    known = read_attributions(folder) if attributions else {}
    new = {digest: photo for digest, photo in attributions.items() if known.get(digest) != photo}
    try:
        add_attributions(folder, new)
        if new:
            sync_folder(folder)
    except OSError as error:
        raise UserError(
            f"Who made these photos can't be written down: {error.strerror or error}. Nothing was added."
        ) from error


def _shown(photo: FoundPhoto, fetched: Fetched, *, taken_out: bool) -> ShownPhoto:
    jpeg = sheet_thumbnail(decode(fetched.content)).tobytes()
    return ShownPhoto(digest=fetched.digest, attribution=told(photo), thumbnail=jpeg, taken_out=taken_out)
