"""Which training photos deserve a look: a label that is likely wrong, a photo unlike its class, a high loss.

Wrong labels are found by confident learning (cleanlab) on probabilities by models that had not seen the
photo. Of its scores, the margin to the best other class and the probability of the label found planted errors
equally well; correcting either for each class's usual confidence did worse where a class has few photos.
``tests/benchmarks/mislabelled.py`` plants errors and counts.
"""

from __future__ import annotations

import numpy as np

CLASSMATES = 5
"""Photos of its own class that a photo is compared with."""

_ROWS_AT_ONCE = 256
_LEAST_PROBABILITY = 1e-12  # keeps the loss finite


def label_quality(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """How well each label fits: (n,), from 0, likely wrong, to 1.

    ``labels`` (n,) are class indices; ``probabilities`` (n, classes) are out of sample, with rows of NaN for
    photos that were not judged. Those have NaN here, which numpy sorts last.
    """
    from cleanlab.rank import get_label_quality_scores  # imports pandas: seconds

    judged = _judged(probabilities)
    quality = np.full(len(labels), np.nan)
    if judged.any():
        quality[judged] = get_label_quality_scores(
            labels[judged], probabilities[judged], method="normalized_margin"
        )
    return quality


def likely_mislabelled(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """cleanlab's estimate of which labels are wrong: ``bool`` (n,), never true of a photo not judged.

    Arguments as for :func:`label_quality`. How many there are is estimated for every pair of classes, so
    that a model's ordinary mistakes don't all count.
    """
    from cleanlab.filter import find_label_issues

    wrong = np.zeros(len(labels), bool)
    judged = _judged(probabilities)
    # cleanlab counts classes from 0 without gaps; of a class that has no judged photo nothing is known.
    present, compact = np.unique(labels[judged], return_inverse=True)
    if len(present) > 1:
        among_present = probabilities[judged][:, present].astype(np.float64)
        among_present = np.maximum(among_present, _LEAST_PROBABILITY)
        among_present /= among_present.sum(axis=1, keepdims=True)
        # More processes would each copy this one, models and all.
        wrong[judged] = find_label_issues(compact, among_present, n_jobs=1)
    return wrong


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each photo's loss in nats: (n,), NaN for rows of NaN. Arguments as for :func:`label_quality`."""
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return np.abs(np.log(np.clip(of_label, _LEAST_PROBABILITY, 1.0)))  # never a negative zero


def typicality(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """How like the rest of its class each photo is: (n,), the mean cosine to its nearest ``CLASSMATES``.

    ``vectors`` (n, channels) are ``float32`` of length 1. Photos whose ``groups`` (n,) are equal show the
    same picture and are no neighbours of each other. A class with fewer others is compared with those there
    are; where there is none, the photo has NaN.
    """
    typical = np.full(len(labels), np.nan)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        others, pictures = vectors[members], groups[members]
        count = min(CLASSMATES, len(members))
        for start in range(0, len(members), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            cosines = others[part] @ others.T
            cosines[pictures[part, None] == pictures[None, :]] = -np.inf
            cosines.partition(-count, axis=1)
            typical[members[part]] = _mean_of_finite(cosines[:, -count:])
    return typical


def _judged(probabilities: np.ndarray) -> np.ndarray:
    return ~np.isnan(probabilities).any(axis=1)


def _mean_of_finite(rows: np.ndarray) -> np.ndarray:
    finite = np.isfinite(rows)
    counts = finite.sum(axis=1)
    sums = rows.sum(axis=1, where=finite, dtype=np.float64)
    return np.divide(sums, counts, out=np.full(len(rows), np.nan), where=counts > 0)
