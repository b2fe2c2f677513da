"""How well detectors tell "none of these", beside those of pytorch-ood.

``python tests/benchmarks/known.py FOLDER OTHER`` with the class folders that a bundle is trained on and a
folder of other things; needs ``pip install --no-deps pytorch-ood==0.4.0`` for the peers, which are left out
without. Printed for each detector: AUROC of cross-validated training photos against OTHER; the share of OTHER
let through where 5 % of the training photos are turned away; and AUROC against a class that was left out of
training, for each class in turn, which is how well it tells what is close.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

from bearclf.features.backbones import pretrained_backbone
from bearclf.features.pipeline import InputPipeline
from bearclf.features.scan import Featurizer, scan_folder
from bearclf.models.measures import measure_novelty
from bearclf.models.novelty import TURNED_AWAY, fit_neighbours
from bearclf.photos.decode import decode, read_photo_file
from bearclf.photos.folders import list_nested_photos
from bearclf.photos.store import FeatureStore
from bearclf.settings import DEFAULT_ARCHITECTURE
from bearclf.training.probe import fit_head
from bearclf.training.train import PROBE_SIZE

Detector = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""``detector(features, labels, others)``: scores of ``others``, higher for what is more like ``features``."""


def ours(features: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    return fit_neighbours(features, labels).scores(others)


def highest_probability(features: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    return fit_head(features, labels, int(labels.max()) + 1, 100).probabilities(others).max(axis=1)


def nearest_cosine(count: int) -> Detector:
    def score(features: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
        similarities = unit(others) @ unit(features).T
        return np.sort(similarities, axis=1)[:, -count:].mean(axis=1)

    return score


def peers() -> dict[str, Detector]:
    """Detectors of pytorch-ood that work on features."""
    try:
        from pytorch_ood.detector import KNN, RMD, Mahalanobis
    except ImportError:
        return {}

    def fitted(make: Callable[[], object]) -> Detector:
        def score(features: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
            detector = make()
            known, unknown = (torch.from_numpy(unit(rows)).float() for rows in (features, others))
            detector.fit_features(known, torch.from_numpy(labels))  # type: ignore[attr-defined]  # no types
            return -detector.predict_features(unknown).numpy()  # type: ignore[attr-defined]  # theirs rises

        return score

    return {
        "pytorch-ood KNN, k 10": fitted(lambda: KNN(None, k=10)),
        "pytorch-ood Mahalanobis": fitted(lambda: Mahalanobis(None)),
        "pytorch-ood RMD": fitted(lambda: RMD(None)),
    }


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cross_validated(detector: Detector, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    scores = np.zeros(len(labels))
    for train, valid in StratifiedKFold(5, shuffle=True, random_state=0).split(features, labels):
        scores[valid] = detector(features[train], labels[train], features[valid])
    return scores


def main(folder: Path, other: Path) -> None:
    backbone = pretrained_backbone(DEFAULT_ARCHITECTURE)
    pipeline = InputPipeline.squish(PROBE_SIZE, backbone.mean, backbone.std)
    featurizer = Featurizer("benchmark", pipeline, torch.nn.Sequential(backbone.body, backbone.pool()))
    scanned = scan_folder(folder, FeatureStore(None), lambda steps, *_: steps, featurizer)
    features = scanned.features
    _, labels = np.unique(scanned.labels, return_inverse=True)
    photos = [decode(read_photo_file(path)) for path in list_nested_photos(other)]
    outside = np.concatenate([featurizer([pipeline.item(photo)]) for photo in photos])
    detectors = {
        "bearclf": ours,
        "cosine to the 10 nearest": nearest_cosine(10),
        "highest probability": highest_probability,
        **peers(),
    }
    print(f"{'detector':28} {'AUROC':>8} {'let through':>12}   AUROC against each class left out, and mean")
    for name, detector in detectors.items():
        scores = cross_validated(detector, features, labels)
        found = measure_novelty(scores, detector(features, labels, outside), np.quantile(scores, TURNED_AWAY))
        close = []
        for left_out in np.unique(labels):
            kept = labels != left_out
            _, relabelled = np.unique(labels[kept], return_inverse=True)
            known = cross_validated(detector, features[kept], relabelled)
            strangers = detector(features[kept], relabelled, features[~kept])
            close.append(measure_novelty(known, strangers, 0.0)["auroc"])
        shown = " ".join(f"{auroc:.3f}" for auroc in [*close, np.mean(close)])
        print(f"{name:28} {found['auroc']:8.4f} {found['let_through']:12.3f}   {shown}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
