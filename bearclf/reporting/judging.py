"""What a model says of a folder's photos, none of which it may have learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bearclf.models.card import read_card
from bearclf.models.judgement import Judgement
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import SkippedFile
from bearclf.prediction.evaluation import answer_all
from bearclf.prediction.predictor import Predictor


@dataclass(frozen=True)
class JudgedPhotos:
    """Photos and what a model that had not learned from them says of each.

    ``labels`` (n,) are indices into ``vocab``, ``probabilities`` is (n, classes), ``familiarities`` (n,) may
    have NaN where nobody knows. ``held_out`` counts the photos that the model has learned from: of these, it
    is what a model said that was trained without them. ``left_out`` counts those that are not among
    ``photos``, since the model has learned from them, and none was trained without.
    """

    vocab: Sequence[str]
    photos: Sequence[FolderPhoto]
    labels: np.ndarray
    probabilities: np.ndarray
    familiarities: np.ndarray
    held_out: int = 0
    left_out: int = 0

    @property
    def predicted(self) -> np.ndarray:
        """The answers, as indices into ``vocab``: (n,)."""
        return self.probabilities.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """Which answers are right: (n,) bool."""
        return self.predicted == self.labels

    def at(self, rows: Sequence[int]) -> JudgedPhotos:
        """Some of the photos, by index and in that order."""
        chosen = list(rows)
        photos = [self.photos[row] for row in chosen]
        arrays = (self.labels[chosen], self.probabilities[chosen], self.familiarities[chosen])
        return JudgedPhotos(self.vocab, photos, *arrays)

    def with_vocab(self, vocab: Sequence[str]) -> JudgedPhotos:
        """The same with the classes in another order."""
        columns = [self.vocab.index(name) for name in vocab]
        labels = np.array([columns.index(label) for label in self.labels.tolist()], int)
        probabilities = self.probabilities[:, columns]
        return JudgedPhotos(
            vocab, self.photos, labels, probabilities, self.familiarities, self.held_out, self.left_out
        )


class Judge:
    """A bundle that is asked. Its network is loaded only once a photo comes that it has not learned from.

    Raises UserError if there is no bundle, or it isn't what its card says.
    """

    def __init__(self, bundle: Path, progress: ProgressBar) -> None:
        self._bundle = bundle
        self._progress = progress
        self.card = read_card(bundle)
        self._memory = Judgement.of(bundle)

    def judge(self, photos: Sequence[FolderPhoto]) -> tuple[JudgedPhotos, list[SkippedFile]]:
        """What is said of photos whose labels are in the vocab, and the files that are no photos."""
        memory = self._memory
        new = [photo.path for photo in photos if not self._has_learned(photo.digest)]
        answers, skipped = (
            answer_all(self._predictor, new, self._progress, placeholders=False) if new else ({}, [])
        )
        judged: list[FolderPhoto] = []
        probabilities: list[Sequence[float]] = []
        familiarities: list[float] = []
        held_out = 0
        for photo in photos:
            if photo.digest in memory.probabilities:
                probabilities.append(memory.probabilities[photo.digest].tolist())
                familiarities.append(memory.familiarities[photo.digest])
                held_out += 1
            elif photo.path in answers:
                answer = answers[photo.path]
                probabilities.append(list(answer.probabilities.values()))
                familiarities.append(answer.familiarity)
            else:
                continue
            judged.append(photo)
        vocab = self.card.classes
        return (
            JudgedPhotos(
                vocab,
                judged,
                np.array([vocab.index(photo.label) for photo in judged], int),
                np.array(probabilities).reshape(-1, len(vocab)),
                np.array(familiarities),
                held_out,
                sum(photo.digest in memory.unasked for photo in photos),
            ),
            skipped,
        )

    def familiarities(self, paths: Sequence[Path]) -> tuple[np.ndarray, list[SkippedFile]]:
        """How like what was learned photos of other things are, and the files that are no photos."""
        answers, skipped = answer_all(self._predictor, list(paths), self._progress)
        return np.array([answer.familiarity for answer in answers.values()]), skipped

    def _has_learned(self, digest: str) -> bool:
        return digest in self._memory.probabilities or digest in self._memory.unasked

    @cached_property
    def _predictor(self) -> Predictor:
        predictor = Predictor(self._bundle)
        predictor.complete()  # checks the fast network against the learner, so that both are measured
        return predictor
