"""Measure a model on a folder of class folders that it has not learned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.errors import UserError
from bearclf.features.scan import ahead
from bearclf.models.card import NO_NOVELTY
from bearclf.models.measures import measure, measure_novelty, measure_standings
from bearclf.models.several_labels import measure_several
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import check_known, list_nested_photos, list_photos
from bearclf.photos.label_file import read_labels, read_table
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import SkippedFile, check_not_placeholder, workers
from bearclf.prediction.predictor import Predictor
from bearclf.protocol.prediction import Answer
from bearclf.settings import AnyPath


def evaluate(
    predictor: Predictor | AnyPath,
    folder: AnyPath,
    outside: AnyPath | None = None,
    progress: ProgressBar = progress_bar,
    labels: AnyPath | None = None,
    label_delim: str = " ",
) -> tuple[dict[str, Any], list[SkippedFile]]:
    """Measure a model, or that of a bundle, on a folder of class folders that it has not learned from.

    Returns the figures of :func:`bearclf.models.measures.measure` and, if it can tell what is none of its
    classes, ``measure_standings``, and the files that could not be read. With ``outside``, a folder of photos
    of other things (however nested), also those of ``measure_novelty``. A model that may say several labels
    of a photo is measured by :func:`bearclf.models.several_labels.measure_several`, on the photos below the
    folder that ``labels`` speaks of, a table with ``label_delim`` between two labels. Raises UserError if a
    folder isn't there or has no photos, or has a class that the model doesn't know, or if the table can't be
    understood.
    """
    if not isinstance(predictor, Predictor):
        predictor = Predictor(predictor)
    folder = Path(folder)
    labels_of, left_out = _true_labels(predictor, folder, labels, label_delim)
    vocab = predictor.vocab
    check_known((label for of_photo in labels_of.values() for label in of_photo), vocab, folder)
    if outside is not None:
        list_nested_photos(Path(outside))  # before the work: it may not be there
    predictor.complete()  # checks the fast network against the learner, so that both are measured
    answered, skipped = answer_all(predictor, list(labels_of), progress)
    skipped += left_out
    if not answered:
        raise UserError(f"There are no photos in the class folders of {folder}.")
    truth = np.array([[name in labels_of[path] for name in vocab] for path in answered], bool)
    probabilities = np.array([list(answer.probabilities.values()) for answer in answered.values()])
    card = predictor.card
    familiarities = _familiarities(answered)
    if card.threshold is None:
        result = measure(vocab, truth.argmax(axis=1), probabilities)
    else:
        result = measure_several(vocab, truth, probabilities, card.threshold)
    if card.novelty != NO_NOVELTY:
        result |= measure_standings(familiarities, card.none_below, card.known_from)
    if outside is not None:
        strangers, unread = answer_all(predictor, list_nested_photos(Path(outside)), progress)
        if not strangers:
            raise UserError(f"There are no photos below {outside}.")
        result |= measure_novelty(familiarities, _familiarities(strangers), card.none_below)
        skipped += unread
    return result, skipped


def _true_labels(
    predictor: Predictor, folder: Path, labels: AnyPath | None, label_delim: str
) -> tuple[dict[Path, tuple[str, ...]], list[SkippedFile]]:
    """The labels of each photo to measure on, and the files that are left out."""
    if predictor.card.threshold is None:
        if labels is not None:
            raise UserError(
                "This model gives each photo one class: leave --labels out, and name class folders."
            )
        return {path: (label,) for path, label in list_photos(folder)}, []
    if labels is None:
        raise UserError(
            "This model may say several labels of a photo. Please name the table of these, with --labels."
        )
    photos, left_out = read_labels(read_table(Path(labels), label_delim), folder)
    return {photo.path: photo.labels for photo in photos}, [SkippedFile(*file) for file in left_out]


def answer_files(
    predictor: Predictor, paths: Iterable[Path], placeholders: bool = True
) -> Iterator[tuple[Path, Answer | PhotoError]]:
    """Answers in the order of ``paths``; each thread takes a photo from its file to the answer.

    Without ``placeholders``, pictures that training passes over get none.
    """

    def answered(path: Path) -> Answer | PhotoError:
        try:
            photo = decode(read_photo_file(path))
            if not placeholders:
                check_not_placeholder(photo)
            return predictor.predict_beside_others(photo)
        except PhotoError as error:
            return error

    with ThreadPoolExecutor(workers()) as pool:
        yield from ahead(pool, answered, list(paths))


def _familiarities(answers: dict[Path, Answer]) -> np.ndarray:
    return np.array([answer.familiarity for answer in answers.values()])


def answer_all(
    predictor: Predictor, paths: list[Path], progress: ProgressBar, placeholders: bool = True
) -> tuple[dict[Path, Answer], list[SkippedFile]]:
    """The answers of files that are photos, in their order, and the other files; see :func:`answer_files`."""
    answers: dict[Path, Answer] = {}
    skipped: list[SkippedFile] = []
    for path, answer in progress(answer_files(predictor, paths, placeholders), len(paths), "Answering"):
        if isinstance(answer, PhotoError):
            skipped.append(SkippedFile(path, str(answer)))
        else:
            answers[path] = answer
    return answers, skipped
