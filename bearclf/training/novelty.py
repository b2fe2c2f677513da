"""Fit what tells known photos from others, on known ones as they would come from elsewhere.

How familiar a model's own photos are says little about those that people bring: another camera, another
search and another year are all a step away. So known photos are held out in whole visual clusters, and their
shrunken copies with them. Other things are photos of 500 ImageNet categories, of which the package carries
what the default backbone saw in them (``tests/benchmarks/background.py`` makes that file).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from bearclf.models.card import BOTH_EVIDENCES, NEARNESS
from bearclf.models.novelty import GeneralKnowledge, NoveltyDetector, fit_detector, unit
from bearclf.settings import PACKAGE

BACKGROUND = PACKAGE / "training" / "background.npz"

NONE_BELOW, KNOWN_FROM = 0.4, 0.9
"""Familiarities where a photo begins to be doubtful, and to be known."""

NONE_SHARE, DOUBTFUL_SHARE = 0.02, 0.1
"""Shares of held-out known photos: those called far off, and, with nearness alone, below either threshold."""

_ALIKE, _SEVERAL = 0.15, 3
"""From this cosine of their directions on, the classifier sees two categories as somewhat alike."""

_LEAST_SPREAD = 0.02  # of cosines: the same picture a hundred times has none

_STRENGTH = 10.0  # few photos may be told from other things without any error: the slope must end somewhere


@dataclass(frozen=True)
class FittedNovelty:
    """A detector with its thresholds; see :class:`bearclf.models.card.Card` for these and ``kind``.

    ``familiarities`` (n,) are those of the training photos when they were held out, NaN where they weren't.
    ``held_out`` are the detectors that had not seen the photos of each fold.
    """

    detector: NoveltyDetector
    kind: str
    none_below: float
    known_from: float
    familiarities: np.ndarray
    held_out: list[NoveltyDetector]


def fit_novelty(
    features: np.ndarray,
    labels: np.ndarray,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    sampled: np.ndarray,
    small: np.ndarray,
    classifier: tuple[np.ndarray, np.ndarray] | None,
) -> FittedNovelty:
    """Fit on ``features`` (n, channels) of photos with class indices ``labels`` (n,).

    ``folds`` are pairs of index arrays (train, valid); ``sampled`` (s,) are indices of photos of which
    ``small`` (s, channels) has the features of a shrunken copy. ``classifier`` is the default backbone's (see
    :class:`bearclf.features.backbones.Backbone`), None where the features are another network's.
    """
    detector = fit_detector(features, labels, classifier)
    held_out = [fit_detector(features[train], labels[train], classifier) for train, _ in folds]
    of_photos = np.full((len(labels), 1 if classifier is None else 2), np.nan)
    of_small = of_photos[sampled]
    for (_, valid), blind in zip(folds, held_out, strict=True):
        of_photos[valid] = blind.evidence(features[valid])
        if (inside := np.isin(sampled, valid)).any():
            of_small[inside] = blind.evidence(small[inside])
    known = [evidence[~np.isnan(evidence[:, 0])] for evidence in (of_photos, of_small)]
    if detector.knowledge is None:
        nearness = np.concatenate(known)[:, 0]
        none_below, known_from = (float(np.quantile(nearness, q)) for q in (NONE_SHARE, DOUBTFUL_SHARE))
        return FittedNovelty(detector, NEARNESS, none_below, known_from, of_photos[:, 0], held_out)
    coefficients = _regress(known, detector.evidence(_background(detector.knowledge)))
    ceiling = _ceiling(np.concatenate(known)[:, 0])
    detector = replace(detector, coefficients=coefficients, ceiling=ceiling)
    familiarities = detector.familiarity_by(of_photos)
    if (coefficients[1:] < 0).any() or np.nanmedian(familiarities) < KNOWN_FROM:
        # Of classes of all kinds of things, held-out photos are as far away as other things: the background
        # tells nothing about them.
        return fit_novelty(features, labels, folds, sampled, small, None)
    return FittedNovelty(
        detector,
        BOTH_EVIDENCES,
        NONE_BELOW,
        KNOWN_FROM,
        familiarities,
        [replace(blind, coefficients=coefficients, ceiling=ceiling) for blind in held_out],
    )


def _background(knowledge: GeneralKnowledge) -> np.ndarray:
    """Features (m, channels) of photos of other things: of all categories but the classes' own.

    Nor is what is like several of these another thing: a class of many kinds, such as dogs, has more of them
    than its photos show.
    """
    directions = unit(knowledge.weight - knowledge.weight.mean(axis=0))
    alike = directions @ directions[knowledge.own].T > _ALIKE
    theirs = knowledge.own | (alike.sum(axis=1) >= _SEVERAL)
    with np.load(BACKGROUND, allow_pickle=False) as file:
        features: np.ndarray = file["features"][~theirs[file["categories"]]].astype(np.float32)
    return features


def _ceiling(nearness: np.ndarray) -> np.ndarray:
    """The ceiling of :class:`NoveltyDetector`, from the nearness (n,) of held-out known photos.

    Drawings are far from photos of other things, and so is a drawn house from them, if bears are learned from
    drawings. What lies as much below the lowest of the known ones as these lie below the middle is none of
    the classes; half as far, it is doubtful.
    """
    lowest, middle = np.quantile(nearness, [NONE_SHARE, 0.5])
    spread = max(float(middle - lowest), _LEAST_SPREAD)
    none, known = np.log([NONE_BELOW / (1 - NONE_BELOW), KNOWN_FROM / (1 - KNOWN_FROM)])
    weight = (known - none) / (spread / 2)
    return np.array([none - weight * (lowest - spread), weight])


def _regress(known: Sequence[np.ndarray], other: np.ndarray) -> np.ndarray:
    """The coefficients of :class:`NoveltyDetector`, from evidence of ``known`` photos and ``other`` things.

    Each part of the known ones counts alike, however many photos it has, and all together as other things do.
    """
    known = [part for part in known if len(part)]
    evidence = np.concatenate([*known, other])
    truth = np.r_[np.ones(len(evidence) - len(other)), np.zeros(len(other))]
    share = len(evidence) / 2
    weights = [np.full(len(part), share / len(known) / len(part)) for part in known]
    weights.append(np.full(len(other), share / len(other)))
    mean, spread = evidence.mean(axis=0), np.maximum(evidence.std(axis=0), 1e-9)
    regression = LogisticRegression(C=_STRENGTH)
    regression.fit((evidence - mean) / spread, truth, np.concatenate(weights))
    slopes = regression.coef_[0] / spread
    return np.r_[regression.intercept_ - slopes @ mean, slopes]
