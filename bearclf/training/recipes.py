"""The two ways to train: a linear classifier on a frozen backbone, and the course's fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.vision.all import Learner
from scipy.special import expit, softmax

from bearclf.features.backbones import Backbone, pooling, pretrained_backbone
from bearclf.features.pipeline import InputPipeline
from bearclf.features.scan import Featurizer, scan_files, scan_variants
from bearclf.models.several_labels import choose_threshold
from bearclf.photos.folders import content_digest
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import SMALL
from bearclf.training.elsewhere import AS_THEY_ARE, measure_folder, measure_held_out, sample
from bearclf.training.fine_tune import Tuned, fine_tune
from bearclf.training.held_out import TrainingPhotos
from bearclf.training.labelled import scan_photos
from bearclf.training.learners import probe_learner
from bearclf.training.log import TrainingLog, Watch
from bearclf.training.novelty import FittedNovelty, fit_novelty
from bearclf.training.options import Options
from bearclf.training.probe import HeldOut, fit_probe
from bearclf.training.several_probe import fit_several
from bearclf.training.transforms import resizing


@dataclass(frozen=True)
class TrainingResult:
    """The result of a recipe.

    ``judged`` are indices of the photos that were held out, ``probabilities`` (len(judged), classes) the
    answers to them, ``method`` how they were held out, ``features`` (n, channels) what the model's body sees
    in every photo, ``novelty`` what tells whether a photo is like them. ``elsewhere`` is as on the card, and
    measured without the files ``skipped_elsewhere``. ``log`` tells of the epochs, if there were any.
    ``threshold`` is where a label begins to be said, if a photo may have several.
    """

    learner: Learner
    features: np.ndarray
    judged: np.ndarray
    probabilities: np.ndarray
    method: str
    novelty: FittedNovelty
    elsewhere: dict[str, Any]
    skipped_elsewhere: list[SkippedFile]
    log: TrainingLog
    threshold: float | None = None


def train_probe(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar, watch: Watch
) -> tuple[TrainingPhotos, TrainingResult]:
    """The recipe ``probe``: the scanned photos, and the result."""
    backbone = pretrained_backbone(options.architecture, options.weights_from)
    featurizer = probe_featurizer(backbone, options)
    photos = scan_photos(folder, options, store, progress, featurizer)
    scanned, labels = photos.scanned, photos.labels
    if options.valid is None:
        learned, judged = np.arange(len(labels)), np.arange(len(labels))
    else:
        photos.check_all_are_learned()
        learned, judged = photos.learned, photos.held_out
    features, groups = scanned.features[learned], scanned.groups[learned]
    probe = (
        fit_probe(features, labels[learned], groups, options.seed, progress)
        if photos.truth is None
        else fit_several(features, photos.truth[learned], groups, options.seed, progress)
    )
    parts = [replace(part, train=learned[part.train], valid=learned[part.valid]) for part in probe.held_out]
    if options.valid is None:
        probabilities = probe.out_of_sample
        how = f"{probe.folds}-fold cross-validation, versions of one picture kept together"
    else:
        probabilities, how = probe.head.probabilities(scanned.features[judged]), photos.how
        parts.append(HeldOut(learned, judged, probe.head))
    sampled = sample(scanned.photos, range(len(labels)))
    variants = scan_variants([scanned.photos[i] for i in sampled], store, progress, featurizer)
    folds = [(part.train, part.valid) for part in parts]
    # What has several labels is of no one kind, so that the network's own categories tell nothing of it.
    classifier = backbone.classifier if photos.truth is None else None
    novelty = fit_novelty(scanned.features, labels, folds, sampled, variants[SMALL], classifier)
    threshold = _threshold(photos, judged, probabilities)

    def by_the_model(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return probe.head.probabilities(features), novelty.detector.familiarity(features)

    def by_who_had_not_seen_them(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        probabilities = np.full((len(sampled), len(photos.vocab)), np.nan)
        familiarities = np.full(len(sampled), np.nan)
        for part, detector in zip(parts, novelty.held_out, strict=True):
            if (inside := np.isin(sampled, part.valid)).any():
                probabilities[inside] = part.head.probabilities(features[inside])
                familiarities[inside] = detector.familiarity(features[inside])
        return probabilities, familiarities

    skipped: list[SkippedFile] = []
    if options.elsewhere is None:
        seen = {AS_THEY_ARE: scanned.features[sampled], **variants}
        right = photos.judge(sampled, threshold)
        elsewhere = measure_held_out(right, seen, by_who_had_not_seen_them, novelty)
    else:
        source = options.elsewhere
        elsewhere, skipped = measure_folder(
            source, photos.vocab, featurizer, by_the_model, novelty, scanned.photos, store, progress
        )
    result = TrainingResult(
        probe_learner(photos, options, backbone, probe.head),
        scanned.features,
        judged,
        probabilities,
        how,
        novelty,
        elsewhere,
        skipped,
        TrainingLog(),
        threshold,
    )
    return photos, result


def _threshold(photos: TrainingPhotos, judged: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Where a label begins to be said, chosen on the photos held out; None if each photo has one class."""
    return None if photos.truth is None else choose_threshold(photos.truth[judged], probabilities)


def train_by_fine_tuning(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar, watch: Watch
) -> tuple[TrainingPhotos, TrainingResult]:
    """The recipe ``fine-tune``: the scanned photos, and the result."""
    photos = scan_photos(folder, options, store, progress)
    return photos, examine(photos, options, fine_tune(photos, options, progress, watch), progress)


def examine(photos: TrainingPhotos, options: Options, tuned: Tuned, progress: ProgressBar) -> TrainingResult:
    """What a fine-tuned network sees in the photos, and how it does on those unlike them."""
    scanned, labels, judged = photos.scanned, photos.labels, photos.held_out
    network = Featurizer("this model", InputPipeline.of(tuned.learner), _PooledAndScores(tuned.learner.model))
    threshold = _threshold(photos, judged, tuned.probabilities)
    channels = -len(photos.vocab)  # before the scores of the classes
    with FeatureStore(None) as unshared:  # these features belong to this one model
        outputs = scan_files(scanned.photos, [], unshared, progress, network).features
        sampled = sample(scanned.photos, judged.tolist())
        variants = scan_variants([scanned.photos[i] for i in sampled], unshared, progress, network)
        features, small = outputs[:, :channels], variants[SMALL][:, :channels]
        novelty = fit_novelty(features, labels, [(photos.learned, judged)], sampled, small, None)
        detector = novelty.held_out[0] if options.elsewhere is None else novelty.detector

        def answers(outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            scores = outputs[:, channels:]
            probabilities = softmax(scores, axis=1) if photos.truth is None else expit(scores)
            return probabilities, detector.familiarity(outputs[:, :channels])

        skipped: list[SkippedFile] = []
        if options.elsewhere is None:
            seen = {AS_THEY_ARE: outputs[sampled], **variants}
            elsewhere = measure_held_out(photos.judge(sampled, threshold), seen, answers, novelty)
        else:
            source = options.elsewhere
            elsewhere, skipped = measure_folder(
                source, photos.vocab, network, answers, novelty, scanned.photos, unshared, progress
            )
    how = (
        f"{photos.how}; training ended early, and its best epoch was kept" if tuned.log.ended else photos.how
    )
    return TrainingResult(
        tuned.learner,
        features,
        judged,
        tuned.probabilities,
        how,
        novelty,
        elsewhere,
        skipped,
        tuned.log,
        threshold,
    )


class _PooledAndScores(torch.nn.Module):
    """What the body sees, pooled, and then the scores of the classes: (n, channels + classes)."""

    def __init__(self, model: torch.nn.Sequential) -> None:
        super().__init__()
        self.body, self.head, self.pool = model[0], model[1], pooling(model[0])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        maps = self.body(images)
        return torch.cat([self.pool(maps), self.head(maps)], dim=1)


def probe_featurizer(backbone: Backbone, options: Options) -> Featurizer:
    """The featurizer of the ``probe`` recipe."""
    pipeline = InputPipeline.frozen(
        resizing(options.resized, options.input_size), backbone.mean, backbone.std
    )
    pooled = torch.nn.Sequential(backbone.body, backbone.pool())
    kind = f"{options.architecture} {options.resized} {options.input_size}"
    if options.weights_from != replace(options, weights=None).weights_from:
        kind += f" {_weights_name(options.weights_from)}"
    return Featurizer(kind, pipeline, pooled)


def _weights_name(source: str | Path) -> str:
    """The hub's name, or what a file holds, since another may come to lie in its place."""
    return content_digest(source.read_bytes())[:16] if isinstance(source, Path) else source
