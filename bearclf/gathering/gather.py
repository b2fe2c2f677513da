"""Gather openly licensed photos of one thing into one class folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from bearclf.errors import UserError
from bearclf.gathering.attribution import ATTRIBUTION, add_attributions, read_attributions
from bearclf.gathering.download import Manners, Web
from bearclf.gathering.found import FoundPhoto
from bearclf.gathering.pictures import Pictures
from bearclf.gathering.search import MAX_PHOTOS, Fetched, PhotoSearch, Tally
from bearclf.gathering.sources import NOTES, check_query, find_photos
from bearclf.photos.decode import usual_suffix
from bearclf.photos.disk import sync_folder
from bearclf.photos.folders import check_class_name, class_folders, list_photos
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import hash_listed
from bearclf.photos.store import FeatureStore
from bearclf.settings import AnyPath, cache_folder


@dataclass(kw_only=True)
class Gathered(Tally):
    """What came of it; as text, the summary for the person."""

    label: str
    folder: Path
    kept: list[Path] = field(default_factory=list)

    def __str__(self) -> str:
        number = len(self.kept)
        kept = f"{number} new {'photo' if number == 1 else 'photos'} in {self.folder / self.label}" + (
            f"; creator, licence and link of each are in {self.folder / ATTRIBUTION}." if number else "."
        )
        return " ".join([kept, *self.sentences()])


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
    check_query(query)
    if max_photos < 1:
        raise UserError("Please ask for one photo or more.")
    gathered = Gathered(label=label, folder=folder)
    with ExitStack() as resources:
        web = resources.enter_context(Web(manners or Manners()))
        store = resources.enter_context(FeatureStore(cache_folder()))
        found = find_photos(source, query, None if licences is None else tuple(licences), web)
        photos, _ = hash_listed(list_photos(folder) if folder.is_dir() else [], {})
        pictures = Pictures(photos, store, progress)
        known = {photo.url for photo in read_attributions(folder).values()}
        room = max_photos - pictures.counts[label]
        if room <= 0:
            gathered.notes.append(f"The class has {max_photos} or more already; --max asks for more.")
            return gathered
        if note := NOTES.get(source.partition(":")[0]):
            gathered.notes.append(note)
        search = PhotoSearch(label, gathered, pictures, known, store, web)
        try:
            with closing(search.worth_keeping(found, room)) as worth_keeping:
                kept: Iterator[Path] = (_keep(gathered, *one) for one in worth_keeping if one)
                for _ in progress(kept, room, f"Gathering {label}"):
                    pass
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"Stopped. {gathered} Start it again to go on.") from None
        except OSError as error:
            raise UserError(f"{folder} can't be written to: {error.strerror or error}. {gathered}") from error
    return gathered


def _keep(gathered: Gathered, photo: FoundPhoto, fetched: Fetched) -> Path:
    """Write it down so that no photo is ever there without its attribution, nor half. Raises OSError."""
    folder = gathered.folder / gathered.label
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(fetched)
    part = folder / f".{path.name}.part"
    try:
        with part.open("wb") as file:
            file.write(fetched.content)
            file.flush()
            os.fsync(file.fileno())
        add_attributions(gathered.folder, {fetched.digest: photo})
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    gathered.kept.append(path)
    sync_folder(folder)
    return path


def file_name(fetched: Fetched) -> str:
    """What a photo is called in its class folder."""
    return f"{fetched.digest[:16]}{usual_suffix(fetched.content)}"
