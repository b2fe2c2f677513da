"""The page of a training: how well the new model does on photos that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bearclf.models.card import Card
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.scan_results import SkippedFile
from bearclf.reporting.judging import JudgedPhotos
from bearclf.reporting.page import Subject, render

PAGE = "report.html"


def write_page(
    report: Path,
    model: str,
    folder: str,
    card: Card,
    photos: Sequence[FolderPhoto],
    answers: tuple[np.ndarray, np.ndarray, np.ndarray],
    skipped: Sequence[SkippedFile],
    with_photos: bool,
) -> None:
    """Write ``report.html`` into the folder ``report``; without photos it doesn't name files either.

    ``answers`` are, of the n ``photos``, labels (n,), probabilities (n, classes) and familiarities (n,), by
    models that had not learned from them. ``model`` and ``folder`` are names.
    """
    labels, probabilities, familiarities = answers
    judged = JudgedPhotos(card.classes, photos, labels, probabilities, familiarities, held_out=len(photos))
    subject = Subject(model, card, folder, judged, made=card.trained, unused=skipped)
    html, _ = render(subject, "photos" if with_photos else "neither")
    (report / PAGE).write_text(html, encoding="utf-8")
