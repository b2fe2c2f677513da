"""Reports on photos that nobody has to answer: labels, probabilities and files are given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.models.card import Card
from bearclf.photos.folders import FolderPhoto
from bearclf.reporting.judging import JudgedPhotos
from bearclf.reporting.page import Subject, render
from tests.helpers.readable import Readable


def card(classes: Sequence[str], **more: Any) -> Card:
    return Card(
        classes=list(classes),
        noun="",
        architecture="a_network",
        recipe="probe",
        input_size=64,
        epochs=0,
        seed=42,
        command="",
        photos=dict.fromkeys(classes, 10),
        skipped=0,
        training_sha256="0123456789abcdef",
        metrics={"method": "5-fold cross-validation"},
        none_below=0.4,
        known_from=0.9,
        versions={},
        trained="2026-11-25T10:00:00+00:00",
        **more,
    )


def judged(
    classes: Sequence[str],
    answers: Sequence[tuple[int, int, float]],
    folder: Path = Path("photos"),
    familiarity: float = 0.95,
) -> JudgedPhotos:
    """Photos of which each has a label, an answer, both as indices, and how sure that was."""
    probabilities = np.zeros((len(answers), len(classes)))
    photos = []
    for number, (label, answer, sure) in enumerate(answers):
        probabilities[number] = (1 - sure) / (len(classes) - 1)
        probabilities[number, answer] = sure
        name = classes[label]
        photos.append(FolderPhoto(folder / name / f"photo {number}.jpg", name, f"{number:064x}"))
    labels = np.array([label for label, _, _ in answers])
    return JudgedPhotos(classes, photos, labels, probabilities, np.full(len(answers), familiarity))


def read(of: JudgedPhotos, shows: str = "names", **more: object) -> Readable:
    """The page about these photos as it is read; ``more`` are other fields of the subject."""
    of_card = more.pop("card", card(of.vocab))
    subject = Subject("the model", of_card, "others", of, "2026-11-28T10:00:00+00:00", **more)  # type: ignore[arg-type]
    html, _ = render(subject, shows)  # type: ignore[arg-type]  # one of its words
    return Readable(html)
