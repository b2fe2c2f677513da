"""The folder at a glance, its history and its models, as they travel to the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.curation.catalogue import Catalogue
from bearclf.curation.file_work.history import Step
from bearclf.curation.health import imbalance
from bearclf.errors import UserError
from bearclf.models.versions import Version
from bearclf.models.wilson import wilson_interval
from bearclf.photos.folders import check_trainable


def facts(
    folder: Path,
    catalogue: Catalogue,
    versions: Sequence[Version],
    waiting: int,
    fine_tune_seconds: float | None,
) -> dict[str, Any]:
    """See :mod:`bearclf.service.curation_messages`."""
    usable = catalogue.usable
    labels = catalogue.labels[usable].tolist()
    judged = usable & ~np.isnan(catalogue.loss)
    return {
        "folder": str(folder),
        "classes": {label: labels.count(label) for label in catalogue.classes},
        "error": _error(catalogue, judged),
        "trained": _trained(versions, set(labels)),
        "findings": [
            {
                "kind": found.kind,
                "title": found.title,
                "advice": found.advice,
                "count": len(found.photos),
            }
            for found in catalogue.findings
        ],
        "imbalance": imbalance(labels) or "",
        "matrix": _matrix(catalogue, judged),
        "unscored": int((usable & ~judged).sum()) if judged.any() else 0,
        "cant_train": cant_train(folder, catalogue),
        "fine_tune_seconds": fine_tune_seconds,
        "waiting": waiting,
    }


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


def step_as_json(step: Step) -> dict[str, Any]:
    """Number, time, a sentence, and whether it was undone."""
    return {
        "number": step.number,
        "time": step.time,
        "sentence": in_a_sentence(step),
        "undone": step.undone,
    }


def in_a_sentence(step: Step) -> str:
    """What a step did: "3 photos moved, 1 put into the bin"."""
    parts = [
        (step.moved, "moved to another class"),
        (step.deleted, "put into the bin"),
        (step.added, "added"),
        (step.restored, "brought back"),
    ]
    told = [
        f"{count} photo{'s' if count != 1 else ''} {what}" if number == 0 else f"{count} {what}"
        for number, (count, what) in enumerate((count, what) for count, what in parts if count)
    ]
    return ", ".join(told) or "Nothing changed"


def version_as_json(version: Version) -> dict[str, Any]:
    """Number, time, error with its interval, photos, recipe, and whether it is live."""
    return {
        "number": version.number,
        "time": version.trained.isoformat(timespec="seconds"),
        "error": [version.error_rate, *version.error_interval],
        "photos": version.photos,
        "recipe": version.recipe,
        "live": version.live,
    }


def _trained(versions: Sequence[Version], labels: set[str]) -> str:
    """When the live model was, if it is of these classes; else empty."""
    for version in versions:
        if version.live and set(version.classes) == labels:
            return version.trained.isoformat(timespec="seconds")
    return ""


def _error(catalogue: Catalogue, judged: np.ndarray) -> list[float] | None:
    if not judged.any():
        return None
    wrong = int((catalogue.predicted != catalogue.labels)[judged].sum())
    n = int(judged.sum())
    low, high = wilson_interval(wrong, n)
    return [wrong / n, low, high, n]


def _matrix(catalogue: Catalogue, judged: np.ndarray) -> dict[str, Any] | None:
    if not judged.any():
        return None
    vocab = sorted({*catalogue.labels[judged].tolist(), *catalogue.predicted[judged].tolist()})
    index_of = {label: index for index, label in enumerate(vocab)}
    counts = np.zeros((len(vocab), len(vocab)), int)
    pairs = zip(catalogue.labels[judged].tolist(), catalogue.predicted[judged].tolist(), strict=True)
    for label, predicted in pairs:
        counts[index_of[label], index_of[predicted]] += 1
    return {"classes": vocab, "counts": counts.tolist()}
