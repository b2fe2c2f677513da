"""The folder, its history and its models, as pages are told of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bearclf.curation.catalogue import Catalogue
from bearclf.curation.file_work.history import Step
from bearclf.curation.file_work.training_folder import StepResult
from bearclf.curation.health import imbalance
from bearclf.errors import UserError
from bearclf.models.versions import Version
from bearclf.models.wilson import wilson_interval
from bearclf.photos.folders import check_trainable
from bearclf.protocol.curation import Applied
from bearclf.protocol.records import (
    Change,
    ErrorRate,
    FindingSummary,
    FolderSummary,
    Matrix,
    ModelSummary,
    StepSummary,
)


def summarise(
    folder: Path,
    catalogue: Catalogue,
    versions: Sequence[Version],
    waiting: int,
    fine_tune_seconds: float | None,
) -> FolderSummary:
    """The folder at a glance; ``waiting`` counts visitors' photos to be reviewed."""
    usable = catalogue.usable
    labels = catalogue.labels[usable].tolist()
    scored = usable & ~np.isnan(catalogue.loss)
    return FolderSummary(
        classes={label: labels.count(label) for label in catalogue.classes},
        error=_error(catalogue, scored),
        trained=_trained(versions, set(labels)),
        findings=tuple(
            FindingSummary(
                kind=finding.kind, title=finding.title, advice=finding.advice, photos=len(finding.photos)
            )
            for finding in catalogue.findings
        ),
        imbalance=imbalance(labels) or "",
        matrix=_matrix(catalogue, scored),
        scored=int(scored.sum()),
        unscored=int((usable & ~scored).sum()) if scored.any() else 0,
        cant_train=cant_train(folder, catalogue),
        fine_tune_seconds=fine_tune_seconds,
        waiting=waiting,
    )


def cant_train(folder: Path, catalogue: Catalogue) -> str:
    """Why no model can be trained on the folder yet, in a sentence; else empty."""
    usable = catalogue.usable
    try:
        check_trainable(
            catalogue.labels[usable].tolist(), catalogue.groups[usable].tolist(), Path(folder.name)
        )
    except UserError as error:
        return str(error)
    return ""


def summarise_step(step: Step) -> StepSummary:
    """A step as the history shows it."""
    return StepSummary(number=step.number, time=step.time, sentence=in_a_sentence(step), undone=step.undone)


def in_a_sentence(step: Step) -> str:
    """What a step did: "3 photos moved, 1 put into the bin"."""
    parts = [
        (step.moved, "moved to another class"),
        (step.deleted, "put into the bin"),
        (step.added, "added"),
        (step.restored, "brought back"),
    ]
    told = [
        f"{count} photo{'s' if count != 1 else ''} {what}" if place == 0 else f"{count} {what}"
        for place, (count, what) in enumerate((count, what) for count, what in parts if count)
    ]
    return ", ".join(told) or "Nothing changed"


def summarise_results(
    results: Sequence[StepResult], steps: Sequence[Step], changes: Sequence[Change]
) -> Applied:
    """What came of changes to the folder, in one reply; ``steps`` is the history."""
    numbers = {result.step for result in results}
    problems = [problem for result in results for problem in result.problems]
    left_alone = {(problem.label, problem.name) for problem in problems}
    sentences = list(dict.fromkeys(problem.sentence for problem in problems))
    more = [f"And {len(sentences) - 3} more."] if len(sentences) > 3 else []
    return Applied(
        news=" ".join(f"{in_a_sentence(step)}." for step in reversed(steps) if step.number in numbers),
        problem=" ".join(sentences[:3] + more),
        not_done=tuple(change.digest for change in changes if (change.label, change.name) in left_alone),
    )


def summarise_model(version: Version) -> ModelSummary:
    """A model as the list of models shows it."""
    low, high = version.error_interval
    share = version.error_rate
    return ModelSummary(
        number=version.number,
        time=version.trained.isoformat(timespec="seconds"),
        error=None if share is None else ErrorRate(share=share, low=low, high=high),
        photos=version.photos,
        recipe=version.recipe,
        live=version.live,
    )


def _trained(versions: Sequence[Version], labels: set[str]) -> str:
    """When the live model was, if it is of these classes; else empty."""
    for version in versions:
        if version.live and set(version.classes) == labels:
            return version.trained.isoformat(timespec="seconds")
    return ""


def _error(catalogue: Catalogue, scored: np.ndarray) -> ErrorRate | None:
    if not scored.any():
        return None
    wrong = int((catalogue.predicted != catalogue.labels)[scored].sum())
    n = int(scored.sum())
    low, high = wilson_interval(wrong, n)
    return ErrorRate(share=wrong / n, low=low, high=high)


def _matrix(catalogue: Catalogue, scored: np.ndarray) -> Matrix | None:
    if not scored.any():
        return None
    labels, predicted = catalogue.labels[scored].tolist(), catalogue.predicted[scored].tolist()
    vocab = sorted({*labels, *predicted})
    photos = Counter(zip(labels, predicted, strict=True))
    return Matrix(
        classes=tuple(vocab),
        counts=tuple(tuple(photos[label, other] for other in vocab) for label in vocab),
    )
