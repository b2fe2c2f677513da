"""Measure a model on a folder of class folders that it has not learned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.errors import UserError
from bearclf.features.scan import ahead
from bearclf.models.measures import measure, measure_novelty, measure_standings
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import check_known, list_nested_photos, list_photos
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
) -> tuple[dict[str, Any], list[SkippedFile]]:
    """Measure a model, or that of a bundle, on a folder of class folders that it has not learned from.

    Returns the figures of :func:`bearclf.models.measures.measure` and ``measure_standings``, and the files
    that could not be read. With ``outside``, a folder of photos of other things (however nested), also those
    of ``measure_novelty``. Raises UserError if a folder isn't there or has no photos, or has a class that the
    model doesn't know.
    """
    if not isinstance(predictor, Predictor):
        predictor = Predictor(predictor)
    folder = Path(folder)
    listed = list_photos(folder)
    vocab = predictor.vocab
    check_known((label for _, label in listed), vocab, folder)
    if outside is not None:
        list_nested_photos(Path(outside))  # before the work: it may not be there
    predictor.complete()  # checks the fast network against the learner, so that both are measured
    answered, skipped = answer_all(predictor, [path for path, _ in listed], progress)
    if not answered:
        raise UserError(f"There are no photos in the class folders of {folder}.")
    label_of = dict(listed)
    labels = np.array([vocab.index(label_of[path]) for path in answered])
    probabilities = np.array([list(answer.probabilities.values()) for answer in answered.values()])
    card = predictor.card
    familiarities = _familiarities(answered)
    result = measure(vocab, labels, probabilities)
    result |= measure_standings(familiarities, card.none_below, card.known_from)
    if outside is not None:
        strangers, unread = answer_all(predictor, list_nested_photos(Path(outside)), progress)
        if not strangers:
            raise UserError(f"There are no photos below {outside}.")
        result |= measure_novelty(familiarities, _familiarities(strangers), card.none_below)
        skipped += unread
    return result, skipped


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
