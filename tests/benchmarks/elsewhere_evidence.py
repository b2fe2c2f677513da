"""Models judged on photos from elsewhere, and what could tell known photos from others.

For :mod:`tests.benchmarks.elsewhere`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from scipy.special import softmax
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bearclf.models.measures import measure
from bearclf.models.novelty import fit_detector, unit
from bearclf.photos.progress import unseen
from bearclf.photos.variants import SMALL
from bearclf.training import novelty
from bearclf.training.elsewhere import AS_THEY_ARE, sample
from bearclf.training.novelty import BACKGROUND, FittedNovelty, fit_novelty
from bearclf.training.options import Options
from bearclf.training.probe import Head, Probe, fit_probe
from bearclf.training.splits import cluster_folds
from tests.benchmarks.elsewhere_features import Classifier, Network, Seen, is_pet

SEED = Options().seed

NEAR = ("ice_bear", "sloth_bear", "giant_panda", "lesser_panda")
"""Categories of the background that come close to bears."""

OUTSIDE, OUTSIDE_SMALL, STRANGERS = "outside", "outside, small", "background"
LEARNED_CLUSTERS = 3  # of the five that pets are put in


@dataclass(frozen=True, eq=False)
class Background:
    """Photos of other things, as a network sees them.

    ``features`` is (n, channels), ``categories`` (n,) their indices among ImageNet's 1,000; ``file`` holds
    both as ``bearclf/training/background.npz`` does. ``classifier`` is the network's own.
    """

    features: np.ndarray
    categories: np.ndarray
    file: Path
    classifier: Classifier

    def strangers(self, known: Seen) -> np.ndarray:
        """Those that are of none of the classes' own categories: a mask (n,)."""
        knowledge = fit_detector(known.features[AS_THEY_ARE], known.labels, self.classifier).knowledge
        assert knowledge is not None
        return ~knowledge.own[self.categories]


Evidence = Callable[[Background, Seen, np.ndarray], np.ndarray]
"""How much features (m, channels) are like those of known photos: (m,) or (m, kinds), higher is more."""


@cache
def clusters(known: Seen) -> list[tuple[np.ndarray, np.ndarray]]:
    return cluster_folds(known.features[AS_THEY_ARE], known.labels, known.groups, SEED)


@cache
def fit(background: Background, known: Seen) -> FittedNovelty:
    """As training does."""
    features, labels = known.features[AS_THEY_ARE], known.labels
    sampled = sample(known.photos, range(len(labels)))
    small = known.features[SMALL][sampled]
    with patch.object(novelty, "BACKGROUND", background.file):
        return fit_novelty(features, labels, clusters(known), sampled, small, background.classifier)


def ours(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
    return fit(background, known).detector.familiarity(others)


def nearness_and_margin(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
    return fit_detector(known.features[AS_THEY_ARE], known.labels, background.classifier).evidence(others)


def nearness_and_overlap(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
    """Overlap is the log of Bhattacharyya's coefficient: of the photo's ImageNet posterior and a class's."""
    weight, bias = background.classifier
    features = known.features[AS_THEY_ARE]
    of_known, of_others = (softmax(rows @ weight.T + bias, axis=1) for rows in (features, others))
    means = [of_known[known.labels == label].mean(axis=0) for label in np.unique(known.labels)]
    overlap = np.max([np.sqrt(of_others * mean).sum(axis=1) for mean in means], axis=0)
    return np.stack([nearness_and_margin(background, known, others)[:, 0], np.log(overlap + 1e-9)], axis=1)


def former(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
    """What bearclf had before: the cosine to the 5 nearest, whitened with the spread within classes."""
    units = unit(known.features[AS_THEY_ARE])
    means = np.array([units[known.labels == label].mean(axis=0) for label in np.unique(known.labels)])
    spread = LedoitWolf(assume_centered=True).fit(units - means[known.labels]).covariance_
    variances, directions = np.linalg.eigh(spread)
    whitening = directions / np.sqrt(variances) @ directions.T
    similarities = unit(unit(others) @ whitening) @ unit(units @ whitening).T
    return np.sort(similarities, axis=1)[:, -5:].mean(axis=1)


def regressed(evidence: Evidence) -> Evidence:
    """Several kinds as one: a regression on held-out clusters and their small copies, and the background."""

    def score(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
        of_known = [
            evidence(background, known.part(train), known.features[variant][valid])
            for train, valid in clusters(known)
            for variant in (AS_THEY_ARE, SMALL)
        ]
        of_strangers = evidence(background, known, background.features[background.strangers(known)])
        rows = np.concatenate([*of_known, of_strangers])
        truth = np.arange(len(rows)) < len(rows) - len(of_strangers)
        regression = make_pipeline(StandardScaler(), LogisticRegression(C=10, class_weight="balanced"))
        return regression.fit(rows, truth).decision_function(evidence(background, known, others))

    return score


def peers() -> dict[str, Evidence]:
    """Detectors of pytorch-ood that work on features; none where it isn't installed."""
    try:
        from pytorch_ood.detector import KNN, RMD, Mahalanobis
    except ImportError:
        print("Left out: pytorch-ood (pip install --no-deps pytorch-ood==0.4.0)\n")
        return {}

    def fitted(make: Callable[[], object]) -> Evidence:
        def score(background: Background, known: Seen, others: np.ndarray) -> np.ndarray:
            detector, features = make(), known.features[AS_THEY_ARE]
            of_known, of_others = (torch.from_numpy(unit(rows)).float() for rows in (features, others))
            detector.fit_features(of_known, torch.from_numpy(known.labels))  # type: ignore[attr-defined]  # no types
            return -detector.predict_features(of_others).numpy()  # type: ignore[attr-defined]  # theirs rises

        return score

    return {
        "pytorch-ood KNN, k 10": fitted(lambda: KNN(None, k=10)),
        "pytorch-ood Mahalanobis": fitted(lambda: Mahalanobis(None)),
        "pytorch-ood RMD": fitted(lambda: RMD(None)),
    }


def every_evidence() -> dict[str, Evidence]:
    return {
        "cosine to the 5 nearest, whitened (before)": former,
        "nearness alone (cosine to the 10 nearest)": lambda *given: nearness_and_margin(*given)[:, 0],
        "margin alone (own ImageNet logit less others')": lambda *given: nearness_and_margin(*given)[:, 1],
        "nearness and overlap (Bhattacharyya)": regressed(nearness_and_overlap),
        "**nearness and margin**": ours,
        **peers(),
    }


@dataclass(frozen=True)
class Crossing:
    """A model of ``known`` photos, to be judged on ``judged`` ones of the same classes, and on others.

    ``others`` are features (m, channels) by what they are; ``left_out`` has, for each class, the photos
    known without it, and the features of judged photos of other classes and of that class.
    """

    known: Seen
    judged: Seen
    others: dict[str, np.ndarray]
    left_out: dict[str, tuple[Seen, np.ndarray, np.ndarray]]
    background: Background
    probe: Probe

    @classmethod
    def of(cls, known: Seen, judged: Seen, others: dict[str, np.ndarray], background: Background) -> Crossing:
        features, left_out = judged.features[AS_THEY_ARE], {}
        for label in np.unique(known.labels)[: None if known.labels.max() > 1 else 0]:  # two must be left
            of_class = judged.labels == label
            name = judged.photos[int(np.argmax(of_class))].label
            left_out[name] = known.part(known.labels != label), features[~of_class], features[of_class]
        probe = fit_probe(known.features[AS_THEY_ARE], known.labels, known.groups, SEED, unseen)
        return cls(known, judged, others, left_out, background, probe)

    def ask(self, evidence: Evidence = ours) -> dict[str, np.ndarray]:
        """Scores, or familiarities, of the judged photos by variant, and of the others."""
        groups = {**self.judged.features, **self.others}
        scores = evidence(self.background, self.known, np.concatenate(list(groups.values())))
        ends = np.cumsum([len(rows) for rows in groups.values()])
        return dict(zip(groups, np.split(scores, ends[:-1]), strict=True))

    def ask_left_out(self, evidence: Evidence = ours) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """For each class left out, scores of the other classes and of it, by what didn't learn it."""
        return {
            name: (scores[: len(of_others)], scores[len(of_others) :])
            for name, (known, of_others, of_class) in self.left_out.items()
            for scores in [evidence(self.background, known, np.concatenate([of_others, of_class]))]
        }

    def measured(self, variant: str, head: Head | None = None) -> dict[str, float]:
        probabilities = (head or self.probe.head).probabilities(self.judged.features[variant])
        return measure([str(i) for i in range(probabilities.shape[1])], self.judged.labels, probabilities)

    def sure(self, least: float, head: Head | None = None) -> list[str]:
        """Of the answers to all variants, how many have this probability, and how many of these are right."""
        rows = np.concatenate(list(self.judged.features.values()))
        probabilities = (head or self.probe.head).probabilities(rows)
        right = probabilities.argmax(axis=1) == np.tile(self.judged.labels, len(self.judged.features))
        sure = probabilities.max(axis=1) >= least
        return [f"{sure.mean():.1%}", f"{right[sure].sum()} of {sure.sum()}, {right[sure].mean():.2%}"]


def unlike_pets(network: Network, photos: Path) -> np.ndarray:
    """Indices of the pets to be judged on: those in clusters that are not learned from."""
    held_out = clusters(network.look(photos / "pets"))[LEARNED_CLUSTERS:]
    return np.sort(np.concatenate([valid for _, valid in held_out]))


def look(
    network: Network,
    photos: Path,
    variants: Sequence[str],
    of_pets: Sequence[str],
    unlike: np.ndarray,
    scratch: Path,
) -> dict[str, Crossing]:
    """Both subjects, ``bears`` and ``pets``, as this network sees them, and variants of what is judged.

    ``unlike`` are indices as from :func:`unlike_pets`.
    """
    seen = network.look(photos / "background")
    with np.load(BACKGROUND, allow_pickle=False) as file:
        categories = file["categories"]
    assert len(categories) == len(seen.photos), "the background is made of other photos"
    features, own_file = seen.features[AS_THEY_ARE], scratch / f"{network.name}.npz"
    np.savez(own_file, features=features.astype(np.float16), categories=categories)
    background = Background(features, categories, own_file, network.classifier)
    outside = network.look(photos / "outside", [SMALL])
    near = {
        name: rows[None]
        for name in NEAR
        for photo, rows in zip(seen.photos, features, strict=True)
        if name in photo.path.stem.lower()
    }

    def others(known: Seen, pets_are_known: bool) -> dict[str, np.ndarray]:
        judged = outside.part(~(pets_are_known & is_pet(outside))).features
        strangers = features[background.strangers(known) & ~(pets_are_known & is_pet(seen))]
        return {OUTSIDE: judged[AS_THEY_ARE], OUTSIDE_SMALL: judged[SMALL], STRANGERS: strangers}

    bears, elsewhere = (
        network.look(photos / "bears", [SMALL]),
        network.look(photos / "bears-elsewhere", variants),
    )
    pets = network.look(photos / "pets", of_pets)
    learned = pets.part(np.setdiff1d(np.arange(len(pets.labels)), unlike))
    return {
        "bears": Crossing.of(bears, elsewhere, others(bears, False) | near, background),
        "pets": Crossing.of(learned, pets.part(unlike), others(learned, True), background),
    }
