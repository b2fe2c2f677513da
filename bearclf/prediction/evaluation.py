"""Measure a model on a folder of class folders that it has not learned from."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bearclf.features.scan import BATCH_SIZE, Progress, SkippedFile
from bearclf.folders import list_photos
from bearclf.measures import measure
from bearclf.photos import PhotoError, decode, read_photo_file
from bearclf.prediction.predictor import Predictor
from bearclf.settings import UserError


def evaluate(
    predictor: Predictor, folder: Path, progress: Progress
) -> tuple[dict[str, Any], list[SkippedFile]]:
    """The figures of :func:`bearclf.measures.measure`, and the files that could not be read.

    Raises UserError if the folder isn't there, has no photos, or has a class that the model doesn't know.
    """
    listed = list_photos(folder)
    vocab = predictor.vocab
    unknown = sorted({label for _, label in listed} - set(vocab))
    if unknown:
        raise UserError(
            f"{folder} has the class “{unknown[0]}”, which this model doesn't know. "
            f"It knows {', '.join(vocab)}."
        )
    labels: list[int] = []
    probabilities: list[list[float]] = []
    skipped: list[SkippedFile] = []
    steps = iter(progress(listed, len(listed), "Answering"))
    while some := list(islice(steps, BATCH_SIZE)):
        photos: list[Image.Image] = []
        for path, label in some:
            try:
                photos.append(decode(read_photo_file(path)))
                labels.append(vocab.index(label))
            except PhotoError as error:
                skipped.append(SkippedFile(path, str(error)))
        answers = predictor.predict_decoded(photos)
        probabilities += [list(answer.probabilities.values()) for answer in answers]
    if not labels:
        raise UserError(f"There are no photos in the class folders of {folder}.")
    return measure(vocab, np.array(labels), np.array(probabilities)), skipped
