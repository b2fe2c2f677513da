"""The two ways to train: a linear classifier on a frozen backbone, and the course's fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.vision.all import Learner
from scipy.special import softmax

from bearclf.features.backbones import Backbone, pooling, pretrained_backbone
from bearclf.features.pipeline import InputPipeline
from bearclf.features.scan import Featurizer, scan_folder, scan_variants
from bearclf.photos.folders import check_trainable
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import ScannedFolder, SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import SMALL
from bearclf.training.elsewhere import AS_THEY_ARE, measure_folder, measure_held_out, sample
from bearclf.training.fine_tune import fine_tune
from bearclf.training.learners import probe_learner
from bearclf.training.novelty import FittedNovelty, fit_novelty
from bearclf.training.options import Options
from bearclf.training.probe import fit_probe


@dataclass(frozen=True)
class TrainingResult:
    """The result of a recipe.

    ``judged`` are indices of the photos that were held out, ``probabilities`` (len(judged), classes) the
    answers to them, ``method`` how they were held out, ``features`` (n, channels) what the model's body sees
    in every photo, ``novelty`` what tells whether a photo is like them. ``elsewhere`` is as on the card, and
    measured without the files ``skipped_elsewhere``.
    """

    learner: Learner
    features: np.ndarray
    judged: np.ndarray
    probabilities: np.ndarray
    method: str
    novelty: FittedNovelty
    elsewhere: dict[str, Any]
    skipped_elsewhere: list[SkippedFile]


def train_probe(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar
) -> tuple[ScannedFolder, list[str], TrainingResult]:
    """The recipe ``probe``: the scanned folder, its vocab, and the result."""
    size = options.input_size
    backbone = pretrained_backbone(options.architecture)
    featurizer = probe_featurizer(backbone, options.architecture, size)
    scanned = scan_folder(folder, store, progress, featurizer)
    vocab, labels = _vocab(scanned, folder)
    probe = fit_probe(scanned.features, labels, scanned.groups, options.seed, progress)
    sampled = sample(scanned.photos, range(len(labels)))
    variants = scan_variants([scanned.photos[i] for i in sampled], store, progress, featurizer)
    folds = [(part.train, part.valid) for part in probe.held_out]
    novelty = fit_novelty(scanned.features, labels, folds, sampled, variants[SMALL], backbone.classifier)

    def by_the_model(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return probe.head.probabilities(features), novelty.detector.familiarity(features)

    def by_who_had_not_seen_them(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        probabilities = np.full((len(sampled), len(vocab)), np.nan)
        familiarities = np.full(len(sampled), np.nan)
        for part, detector in zip(probe.held_out, novelty.held_out, strict=True):
            if (inside := np.isin(sampled, part.valid)).any():
                probabilities[inside] = part.head.probabilities(features[inside])
                familiarities[inside] = detector.familiarity(features[inside])
        return probabilities, familiarities

    skipped: list[SkippedFile] = []
    if options.elsewhere is None:
        seen = {AS_THEY_ARE: scanned.features[sampled], **variants}
        elsewhere = measure_held_out(labels[sampled], seen, by_who_had_not_seen_them, novelty)
    else:
        source = options.elsewhere
        elsewhere, skipped = measure_folder(
            source, vocab, featurizer, by_the_model, novelty, scanned.photos, store, progress
        )
    result = TrainingResult(
        probe_learner(folder, scanned, vocab, backbone, probe.head, size),
        scanned.features,
        np.arange(len(labels)),
        probe.out_of_sample,
        f"{probe.folds}-fold cross-validation, versions of one picture kept together",
        novelty,
        elsewhere,
        skipped,
    )
    return scanned, vocab, result


def train_by_fine_tuning(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar
) -> tuple[ScannedFolder, list[str], TrainingResult]:
    """The recipe ``fine-tune``: the scanned folder, its vocab, and the result."""
    scanned = scan_folder(folder, store, progress)
    vocab, labels = _vocab(scanned, folder)
    learner, judged, probabilities = fine_tune(
        folder, scanned, vocab, options.architecture, options.input_size, options.epochs, progress
    )
    network = Featurizer("this model", InputPipeline.of(learner), _PooledAndScores(learner.model))
    channels = -len(vocab)  # before the scores of the classes
    with FeatureStore(None) as unshared:  # these features belong to this one model
        outputs = scan_folder(folder, unshared, progress, network).features
        sampled = sample(scanned.photos, judged.tolist())
        variants = scan_variants([scanned.photos[i] for i in sampled], unshared, progress, network)
        features, small = outputs[:, :channels], variants[SMALL][:, :channels]
        learned = np.setdiff1d(np.arange(len(labels)), judged)
        novelty = fit_novelty(features, labels, [(learned, judged)], sampled, small, None)
        detector = novelty.held_out[0] if options.elsewhere is None else novelty.detector

        def answers(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return softmax(outputs[:, channels:], axis=1), detector.familiarity(outputs[:, :channels])

        skipped: list[SkippedFile] = []
        if options.elsewhere is None:
            seen = {AS_THEY_ARE: outputs[sampled], **variants}
            elsewhere = measure_held_out(labels[sampled], seen, answers, novelty)
        else:
            source = options.elsewhere
            elsewhere, skipped = measure_folder(
                source, vocab, network, answers, novelty, scanned.photos, unshared, progress
            )
    method = "a fifth of the pictures held out, versions of one picture kept together"
    result = TrainingResult(learner, features, judged, probabilities, method, novelty, elsewhere, skipped)
    return scanned, vocab, result


class _PooledAndScores(torch.nn.Module):
    """What the body sees, pooled, and then the scores of the classes: (n, channels + classes)."""

    def __init__(self, model: torch.nn.Sequential) -> None:
        super().__init__()
        self.body, self.head, self.pool = model[0], model[1], pooling(model[0])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.body(images)
        return torch.cat([self.pool(maps), self.head(maps)], dim=1)


def probe_featurizer(backbone: Backbone, architecture: str, size: int) -> Featurizer:
    """The featurizer of the ``probe`` recipe."""
    pipeline = InputPipeline.squish(size, backbone.mean, backbone.std)
    pooled = torch.nn.Sequential(backbone.body, backbone.pool())
    return Featurizer(f"{architecture} squish {size}", pipeline, pooled)


def _vocab(scanned: ScannedFolder, folder: Path) -> tuple[list[str], np.ndarray]:
    """The classes in order, and each photo's index among them; too few of either is a UserError."""
    vocab = check_trainable(scanned.labels, scanned.groups.tolist(), folder)
    return vocab, np.array([vocab.index(label) for label in scanned.labels])
