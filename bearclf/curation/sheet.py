"""One page of the contact sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from bearclf.curation.catalogue import THUMBNAIL_KIND, Catalogue
from bearclf.gathering.found import FoundPhoto
from bearclf.models.feedback import GivenPhoto
from bearclf.photos.decode import PhotoError, decode, read_photo_file, thumbnail
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.store import FeatureStore
from bearclf.protocol.curation import SheetPage
from bearclf.protocol.records import Attribution, SheetPhoto
from bearclf.settings import SHEET_THUMBNAIL_BYTES


def page_of_folder(
    catalogue: Catalogue, selection: np.ndarray, page: int, page_size: int, store: FeatureStore
) -> SheetPage:
    """Page number ``page``, or the last one, of the photos whose indices are in ``selection``."""
    page, pages = _clamp(page, page_size, len(selection))
    shown = selection[page * page_size : (page + 1) * page_size].tolist()
    photos = [catalogue.photos[index] for index in shown]
    thumbnails = store.get(THUMBNAIL_KIND, [photo.digest for photo in photos])
    described = []
    for index, photo in zip(shown, photos, strict=True):
        thumbnail = thumbnails.get(photo.digest)
        jpeg = _make_thumbnail(photo, store) if thumbnail is None else thumbnail.tobytes()
        described.append(_describe(catalogue, index, jpeg))
    return SheetPage(photos=tuple(described), page=page, pages=pages, total=len(selection))


def page_of_queue(waiting: Sequence[GivenPhoto], page: int, page_size: int) -> SheetPage:
    """A page of visitors' photos."""
    page, pages = _clamp(page, page_size, len(waiting))
    shown = waiting[page * page_size : (page + 1) * page_size]
    photos = tuple(
        SheetPhoto(
            key=f"visitor {given.feedback_id}",
            label=given.visitor_label,
            name=f"visitor_{given.feedback_id}.jpg",
            digest="",
            predicted=given.label,
            probability=given.probability,
            loss=None,
            part="",
            note="",
            feedback_id=given.feedback_id,
            thumbnail=sheet_thumbnail(decode(given.jpeg)).tobytes(),
        )
        for given in shown
    )
    return SheetPage(photos=photos, page=page, pages=pages, total=len(waiting))


def sheet_thumbnail(photo: Image.Image) -> np.ndarray:
    """A JPEG, as an array for the store."""
    return np.frombuffer(thumbnail(photo, max_bytes=SHEET_THUMBNAIL_BYTES), np.uint8)


def _make_thumbnail(photo: FolderPhoto, store: FeatureStore) -> bytes:
    """The thumbnail of a photo that has not been looked at yet; empty for a file that is no photo."""
    try:
        jpeg = sheet_thumbnail(decode(read_photo_file(photo.path)))
    except PhotoError:
        return b""
    if photo.digest:  # a file that could not be read a moment ago has none
        store.put(THUMBNAIL_KIND, {photo.digest: jpeg})
    return jpeg.tobytes()


def _describe(catalogue: Catalogue, index: int, thumbnail: bytes) -> SheetPhoto:
    photo = catalogue.photos[index]
    is_usable = index not in catalogue.notes
    return SheetPhoto(
        key=f"{photo.label}/{photo.path.name}/{photo.digest}",
        label=photo.label,
        name=photo.path.name,
        digest=photo.digest,
        predicted=str(catalogue.predicted[index]) or None,
        probability=_number(catalogue.probability[index]),
        loss=_number(catalogue.loss[index]),
        part=("valid" if catalogue.in_valid[index] else "train") if is_usable else "",
        note=catalogue.notes.get(index, ""),
        feedback_id=None,
        thumbnail=thumbnail,
        attribution=told(found) if (found := catalogue.attributions.get(photo.digest)) else None,
    )


def told(found: FoundPhoto) -> Attribution:
    """An attribution as pages are told of it."""
    return Attribution(
        title=found.title,
        creator=found.creator,
        licence=found.licence,
        licence_url=_web_address(found.licence_url),
        landing_page=_web_address(found.landing_page),
        source=found.source,
    )


def _web_address(url: str) -> str:
    """Nothing if it leads elsewhere than to the web: whoever clicks on a stranger's link runs no script."""
    return url if url.lower().startswith(("https://", "http://")) else ""


def _number(value: np.floating) -> float | None:
    return None if math.isnan(value) else float(value)


def _clamp(page: int, page_size: int, total: int) -> tuple[int, int]:
    pages = max(1, math.ceil(total / page_size))
    return min(max(0, page), pages - 1), pages
