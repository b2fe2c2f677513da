"""The training photos as a sheet to leaf through: what each is, how it fared, and in which order."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bearclf.curation.health import METRICS, Finding, findings
from bearclf.curation.label_quality import cross_entropy
from bearclf.curation.scores import Scores
from bearclf.errors import UserError
from bearclf.gathering.attribution import read_attributions
from bearclf.gathering.found import FoundPhoto
from bearclf.photos.folders import FolderPhoto, class_folders, content_digest, list_photos
from bearclf.photos.scan_results import REFUSED, TRAITS, SkippedFile, hash_listed, picture_groups, sort_out
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import valid_part
from bearclf.protocol.records import Focus

log = logging.getLogger(__name__)

METRICS_KIND, THUMBNAIL_KIND = "metrics 1", "thumbnail 1"
"""The kinds under which the store keeps :func:`bearclf.curation.health.photo_metrics` and JPEGs."""

_DIGEST_KIND = "digest 1"  # by a file's stamp: a large folder is not read whole at every opening


@dataclass(frozen=True)
class Catalogue:
    """All photo files of a folder of class folders, in the order of their paths.

    ``classes`` are all class folders, also empty ones; ``notes`` says, by index, why a file can't be used.
    Arrays are (n,): ``groups`` equal for photos of the same picture; ``predicted``, ``probability`` and
    ``loss`` by a model that hadn't seen the photo; ``quality``, ``mislabelled`` and ``typicality`` of
    :mod:`bearclf.curation.label_quality`; ``metrics`` (n, k) of :mod:`bearclf.curation.health`. What nobody
    knows yet is NaN, or "" in ``predicted``. ``attributions`` has, by digest, who made photos from elsewhere.
    """

    classes: list[str]
    photos: list[FolderPhoto]
    notes: dict[int, str]
    groups: np.ndarray
    metrics: np.ndarray
    in_valid: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    loss: np.ndarray
    quality: np.ndarray
    mislabelled: np.ndarray
    typicality: np.ndarray
    attributions: dict[str, FoundPhoto] = field(default_factory=dict)

    @cached_property
    def labels(self) -> np.ndarray:
        """The class folder of each photo."""
        return np.array([photo.label for photo in self.photos], dtype=np.str_)

    @cached_property
    def usable(self) -> np.ndarray:
        """Which files are photos that can be learned from: (n,) bool."""
        usable = np.ones(len(self.photos), bool)
        usable[list(self.notes)] = False
        return usable

    @cached_property
    def findings(self) -> list[Finding]:
        """What deserves a look, gravest first."""
        gravest: list[Finding] = []
        suspicious = np.flatnonzero(self.mislabelled)
        if len(suspicious):
            worst_first = suspicious[np.argsort(self.quality[suspicious], kind="stable")]
            title = f"{len(suspicious)} likely mislabelled"
            advice = (
                "A model that hadn't seen them finds another class more likely: move those that are wrong."
            )
            gravest.append(Finding("mislabelled", title, advice, tuple(worst_first.tolist())))
        if self.notes:
            count = len(self.notes)
            title = "1 file that isn't a photo" if count == 1 else f"{count} files that aren't photos"
            advice = "These files can't be used and are left out of training: delete them."
            gravest.append(Finding("no-photo", title, advice, tuple(self.notes)))
        digests = [photo.digest for photo in self.photos]
        return gravest + findings(self.labels.tolist(), digests, self.groups, self.metrics, self.in_valid)

    def select(self, label: str, part: str, order: str, focus: Focus) -> np.ndarray:
        """Indices of the photos of class ``label`` ("" for all) and ``part`` (all, train, valid), in order.

        ``order`` is mislabelled, loss, typicality, duplicates (those alone) or folder. A finding comes in the
        order of its own.
        """
        chosen = np.ones(len(self.photos), bool)
        if label:
            chosen &= self.labels == label
        if part != "all":
            chosen &= self.usable & (self.in_valid == (part == "valid"))
        if focus.cell:
            chosen &= (self.labels == focus.cell[0]) & (self.predicted == focus.cell[1])
        if focus.digests:
            digests = frozenset(focus.digests)
            chosen &= np.array([photo.digest in digests for photo in self.photos], bool)
        if focus.finding:
            kinds = {finding.kind: finding.photos for finding in self.findings}
            ordered = np.array(kinds.get(focus.finding, ()), int)
        else:
            ordered = self._in_order(order)
        return ordered[chosen[ordered]]

    def _in_order(self, order: str) -> np.ndarray:
        if order == "duplicates":
            kinds = {finding.kind: finding.photos for finding in self.findings}
            of_groups = [*kinds.get("across-classes", ()), *kinds.get("exact", ()), *kinds.get("near", ())]
            return np.array(list(dict.fromkeys(of_groups)), int)
        if order == "folder":
            return np.arange(len(self.photos))
        keys = {"mislabelled": self.quality, "loss": -self.loss, "typicality": self.typicality}
        return np.argsort(keys[order], kind="stable")  # NaN, which nobody knows yet, comes last


@dataclass(frozen=True)
class KnownFiles:
    """The files of a folder; ``is_complete`` if the store knows all about each."""

    photos: list[FolderPhoto]
    unreadable: list[SkippedFile]
    is_complete: bool


def list_files(folder: Path, store: FeatureStore) -> KnownFiles:
    """Every photo file with its digest; files that have not changed are not read again.

    A folder that isn't there has none.
    """
    listed = list_photos(folder) if folder.is_dir() else []
    stamps = {path: stamp for path, _ in listed if (stamp := _stamp(path)) is not None}
    stored = store.get(_DIGEST_KIND, list(stamps.values()))
    digest_of = {path: stored[stamp].tobytes().hex() for path, stamp in stamps.items() if stamp in stored}
    photos, unreadable = hash_listed(listed, digest_of)
    new = stamps.keys() - digest_of.keys()
    store.put(
        _DIGEST_KIND,
        {
            stamps[photo.path]: np.frombuffer(bytes.fromhex(photo.digest), np.uint8)
            for photo in photos
            if photo.path in new
        },
    )
    everything = [photo.digest for photo in photos]
    lacking = set().union(
        *(store.missing(kind, everything) for kind in (TRAITS, METRICS_KIND, THUMBNAIL_KIND))
    )
    return KnownFiles(photos, unreadable, not lacking - store.get(REFUSED, list(lacking)).keys())


def compile_catalogue(
    folder: Path, files: KnownFiles, store: FeatureStore, scores: Scores | None
) -> Catalogue:
    """Put together what is known of the files; what has not been looked at yet counts as usable."""
    digests = [photo.digest for photo in files.photos]
    traits = store.get(TRAITS, digests)
    refused = {digest: reason.tobytes().decode() for digest, reason in store.get(REFUSED, digests).items()}
    looked_at = [photo for photo in files.photos if photo.digest in traits or photo.digest in refused]
    usable, skipped = sort_out(looked_at, files.unreadable, traits, refused)
    photos = sorted(
        files.photos + [FolderPhoto(file.path, file.path.parent.name, "") for file in files.unreadable],
        key=lambda photo: photo.path,
    )
    why = {file.path: file.reason for file in skipped}
    notes = {index: why[photo.path] for index, photo in enumerate(photos) if photo.path in why}
    everything = [photo.digest for photo in photos]
    groups = _groups(photos, usable, traits, scores)
    measured = store.get(METRICS_KIND, digests)
    nothing = np.full(len(METRICS), np.nan, np.float32)
    metrics = [measured.get(digest, nothing) for digest in everything]
    empty = Catalogue(
        classes=class_folders(folder),
        photos=photos,
        notes=notes,
        groups=groups,
        metrics=np.array(metrics, np.float32).reshape(-1, len(METRICS)),
        in_valid=valid_part(everything, groups),
        predicted=np.full(len(photos), "", dtype=np.str_),
        **{name: np.full(len(photos), np.nan) for name in ("probability", "loss", "quality", "typicality")},
        mislabelled=np.zeros(len(photos), bool),
        attributions=_attributions(folder),
    )
    return empty if scores is None or not photos else with_scores(empty, scores)


def with_scores(catalogue: Catalogue, scores: Scores) -> Catalogue:
    """The same catalogue, with what ``scores`` say of its photos.

    A photo that is in another class now gets only what doesn't depend on its class.
    """
    rows = scores.rows([photo.digest for photo in catalogue.photos])
    vocab = {name: index for index, name in enumerate(scores.vocab.tolist())}
    labels = np.array([vocab.get(label, -1) for label in catalogue.labels.tolist()], int)
    probabilities = np.where((rows >= 0)[:, None], scores.probabilities[rows], np.nan).astype(np.float64)
    judged = ~np.isnan(probabilities).any(axis=1)
    best = np.where(judged, np.nan_to_num(probabilities).argmax(axis=1), 0)
    in_vocab = judged & (labels >= 0)
    loss = np.where(in_vocab, cross_entropy(np.maximum(labels, 0), probabilities), np.nan)
    same_label = (rows >= 0) & (scores.labels[rows] == labels)
    return replace(
        catalogue,
        predicted=np.where(judged, scores.vocab[best], ""),
        probability=np.where(judged, probabilities.max(axis=1), np.nan),
        loss=loss,
        quality=np.where(same_label, scores.quality[rows], np.nan),
        mislabelled=same_label & scores.mislabelled[rows],
        typicality=np.where(same_label, scores.typicality[rows], np.nan),
    )


def _groups(
    photos: Sequence[FolderPhoto],
    usable: Sequence[FolderPhoto],
    traits: dict[str, np.ndarray],
    scores: Scores | None,
) -> np.ndarray:
    """Equal numbers for photos of the same picture, a number of its own for every file that is no photo."""
    # Among many thousands it takes seconds to find them, so what was found before is taken over.
    rows = np.array([-1]) if scores is None else scores.rows([photo.digest for photo in usable])
    of_usable = (
        scores.groups[rows] if scores is not None and (rows >= 0).all() else picture_groups(usable, traits)
    )
    group_of = dict(zip([photo.path for photo in usable], of_usable.tolist(), strict=True))
    alone = 1 + max(group_of.values(), default=0)
    return np.array([group_of.get(photo.path, alone + index) for index, photo in enumerate(photos)], int)


def _attributions(folder: Path) -> dict[str, FoundPhoto]:
    try:
        return read_attributions(folder)
    except UserError as error:  # it stands in nobody's way here; training and finding say so
        log.warning("Attributions aren't shown: %s", error)
        return {}


def _stamp(path: Path) -> str | None:
    """A text that differs after any change of the file; None if the file has gone since it was listed."""
    try:
        status = path.stat()
    except OSError:
        return None
    changes = f"\n{status.st_size}\n{status.st_mtime_ns}\n{status.st_ino}"
    return content_digest(os.fsencode(path) + changes.encode())
