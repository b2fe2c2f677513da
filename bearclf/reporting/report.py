"""Judge a model on a folder, and write what came of it as one page to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bearclf.errors import UserError
from bearclf.models.card import ADOPTED, Card, in_words, read_card
from bearclf.photos.folders import FolderPhoto, check_known, list_nested_photos, list_photos
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import SkippedFile, hash_listed
from bearclf.reporting import wording
from bearclf.reporting.judging import Judge, JudgedPhotos
from bearclf.reporting.page import Against, Outside, Shows, Subject, render
from bearclf.settings import AnyPath


@dataclass(frozen=True)
class Report:
    """A page of ``html``, what it says in one ``sentence``, and the files that could not be used."""

    html: str
    sentence: str
    unused: Sequence[SkippedFile]


def report(
    bundle: AnyPath,
    folder: AnyPath,
    outside: AnyPath | None = None,
    against: AnyPath | None = None,
    out: AnyPath | None = None,
    photos: bool = True,
    progress: ProgressBar = progress_bar,
    name: str = "",
) -> Report:
    """Judge a bundle's model on a folder of class folders: a page to hand on, written to the file ``out``.

    Of photos that it has learned from, what counts is the answer that the bundle keeps of when they were held
    out. ``outside`` is a folder of photos of other things, ``against`` another bundle to compare with.
    Without ``photos``, the page names files and shows none. ``name`` is what the page calls the model, unless
    it is the bundle's folder's name. Raises UserError if a folder isn't there or has no photos, or has a
    class that the model doesn't know, or if ``out`` can't be written.
    """
    bundle, folder = Path(bundle).resolve(), Path(folder).resolve()
    card = read_card(bundle)
    if card.threshold is not None:
        raise UserError(
            "This model may say several labels of a photo, and a report is for one class each. “bearclf "
            "evaluate” measures it, with --labels."
        )
    listed = list_photos(folder)
    check_known((label for _, label in listed), card.classes, Path(folder.name))
    strangers = list_nested_photos(Path(outside)) if outside is not None else []
    if outside is not None and not strangers:
        raise UserError(f"There are no photos below {outside}.")
    if out is not None:
        _check_place(Path(out))
    judge = Judge(bundle, progress)
    other = Judge(Path(against).resolve(), progress) if against is not None else None
    if other is not None and other.card.threshold is not None:
        raise UserError("--against may say several labels of a photo, so the two can't be compared.")
    found, unused = hash_listed(listed, {})
    judged, refused = judge.judge(found)
    unused += refused
    if not len(judged.labels):
        raise UserError(
            f"{_known_already(card, folder.name)} Please name a folder with other photos."
            if judged.left_out
            else f"There are no photos in the class folders of {folder.name}."
        )
    elsewhere = None
    if outside is not None:
        familiarities, refused = judge.familiarities(strangers)
        unused += refused
        if not len(familiarities):
            raise UserError(f"There are no photos below {outside}.")
        elsewhere = Outside(Path(outside).resolve().name, familiarities)
    compared = None
    if other is not None and against is not None:
        compared = _compare(Path(against).resolve().name, other, judged)
    subject = Subject(
        model=name or bundle.name,
        card=judge.card,
        folder=folder.name,
        judged=judged,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        outside=elsewhere,
        against=compared,
        unused=unused,
    )
    shows: Shows = "photos" if photos else "names"
    html, vanished = render(subject, shows)
    if out is not None:
        _write(Path(out), html)
    sentence = wording.headline(int(judged.right.sum()), len(judged.labels))
    return Report(html, sentence, [*unused, *vanished])


def _known_already(card: Card, folder: str) -> str:
    if card.recipe == ADOPTED:
        return (
            f"The photos in {folder} are those that this model was measured on when it was adopted: its card "
            "has the figures, and nobody knows which of them it has learned from."
        )
    return f"The model has learned from all photos in {folder}, so its answers would say nothing."


def _compare(name: str, other: Judge, judged: JudgedPhotos) -> Against:
    """What another model says of the same photos, as far as it has not learned from them."""
    classes = other.card.classes
    if set(classes) != set(judged.vocab):
        known = in_words(classes)
        return Against(name, obstacle=f"it knows other classes ({known}), so the two can't be compared.")
    before, _ = other.judge(judged.photos)
    if not len(before.labels):
        return Against(
            name,
            obstacle="it has learned from all of these photos, so the two can't be compared.",
        )
    row_of: dict[Path, int] = {photo.path: row for row, photo in enumerate(judged.photos)}
    asked: list[FolderPhoto] = list(before.photos)
    return Against(name, before.with_vocab(judged.vocab), judged.at([row_of[photo.path] for photo in asked]))


def _check_place(out: Path) -> None:
    """Before the work, not after it."""
    if out.is_dir():
        raise UserError(f"{out} is a folder. Please name a file for the report, such as report.html.")
    if not out.resolve().parent.is_dir():
        raise UserError(f"There is no folder {out.resolve().parent} to write the report to.")


def _write(out: Path, html: str) -> None:
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report can't be written to {out}: {error.strerror or error}.") from None
