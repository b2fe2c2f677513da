"""How an adopted network does on photos of its classes, how sure it may be, and what is unlike them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import numpy as np
import torch
from fastai.vision.all import Learner
from scipy.special import softmax
from torch import nn

from bearclf.errors import UserError
from bearclf.features.backbones import pooling
from bearclf.features.pipeline import InputPipeline
from bearclf.features.scan import Featurizer, scan_folder, scan_variants
from bearclf.models.bundle import TrainingRecord
from bearclf.models.measures import measure
from bearclf.photos.folders import check_known, list_photos, training_set_digest
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import SMALL
from bearclf.training.elsewhere import sample
from bearclf.training.novelty import FittedNovelty, fit_novelty
from bearclf.training.probe import fit_temperature
from bearclf.training.splits import cluster_folds

SEED = 42


@dataclass(frozen=True)
class Measured:
    """What photos tell of a network.

    ``temperature`` is what its scores are divided by; ``metrics`` are those of the answers then.
    ``probabilities`` are (n, classes); ``photos`` counts them by class.
    """

    metrics: dict[str, Any]
    temperature: float
    novelty: FittedNovelty
    record: TrainingRecord
    probabilities: np.ndarray
    photos: dict[str, int]
    training_sha256: str
    skipped: list[SkippedFile]


def check_photos(folder: Path, vocab: Sequence[str]) -> None:
    """Raises UserError if there are no class folders with photos, or some of a class that isn't known."""
    check_known((label for _, label in list_photos(folder)), vocab, folder)


def measure_network(learner: Learner, vocab: list[str], folder: Path, progress: ProgressBar) -> Measured:
    """Have a network answer a folder of class folders. Raises UserError if too few photos can be used."""
    network = Featurizer("this model", InputPipeline.of(learner), _PooledAndScores(learner.model))
    channels = -len(vocab)  # before the scores of the classes
    with FeatureStore(None) as unshared:  # these features belong to this one model
        scanned = scan_folder(folder, unshared, progress, network)
        check_known(scanned.labels, vocab, folder)
        pictures = set(zip(scanned.labels, scanned.groups.tolist(), strict=True))
        if len(pictures) == len(set(scanned.labels)):
            raise UserError(
                f"{folder} has a single picture of each class, which is too few to measure a model on. Add "
                "more, or leave --photos out."
            )
        labels = np.array([vocab.index(label) for label in scanned.labels])
        features, scores = scanned.features[:, :channels], scanned.features[:, channels:].astype(np.float64)
        folds = cluster_folds(features, labels, scanned.groups, SEED)
        sampled = sample(scanned.photos, range(len(labels)))
        small = scan_variants([scanned.photos[i] for i in sampled], unshared, progress, network)[SMALL]
    novelty = fit_novelty(features, labels, folds, sampled, small[:, :channels], None)
    # Never surer than it was: of photos that it may have learned from it is surer than of others.
    temperature = max(1.0, fit_temperature(labels, scores))
    probabilities = softmax(scores / temperature, axis=1)
    whose = f"its answers to the photos of {folder.resolve().name}"
    method = f"{whose}; whether it had learned from some of them is not known"
    not_held_out = np.full_like(probabilities, np.nan)
    return Measured(
        {"method": method, **measure(vocab, labels, probabilities)},
        temperature,
        novelty,
        TrainingRecord(
            [photo.digest for photo in scanned.photos],
            labels,
            scanned.groups,
            features,
            not_held_out,
            novelty.familiarities,
        ),
        probabilities,
        {label: scanned.labels.count(label) for label in vocab},
        training_set_digest(scanned.photos),
        scanned.skipped,
    )


def cool(network: nn.Sequential, temperature: float, classes: int) -> None:
    """Have a network's head divide its scores by ``temperature``."""
    last = nn.Linear(classes, classes, bias=False)
    with torch.no_grad():
        last.weight.copy_(torch.eye(classes) / temperature)
    network[1] = nn.Sequential(network[1], last.requires_grad_(False)).eval()


class _PooledAndScores(nn.Module):
    """What the body sees, pooled, and then the scores of the classes: (n, channels + classes)."""

    def __init__(self, model: nn.Sequential) -> None:
        super().__init__()
        self.body, self.head, self.pool = model[0], model[1], pooling(model[0])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.body(images)
        return torch.cat([self.pool(maps), self.head(maps)], dim=1)
