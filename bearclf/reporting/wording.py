"""The report's sentences, for who has never read one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from bearclf.models.by_class import ClassFigures, ConfusedPair
from bearclf.models.card import FEW, in_words
from bearclf.models.paired import PairedDifference
from bearclf.models.selective import RiskCoverage
from bearclf.models.wilson import wilson_interval

FEW_OF_A_CLASS = 10
"""With fewer photos of a class, a single one changes its share by more than a tenth."""

NO_NOVELTY = "It can't tell what is none of its classes: it answers every photo with one of them."

COVERAGES = (0.9, 0.8)
"""Shares of the photos that the model might answer itself, of which a sentence tells."""


def percent(share: float) -> str:
    """A share in per cent; none is rounded to all or nothing."""
    if min(share, 1 - share) < 1e-9:  # an interval's end may miss 1 by a hair
        return f"{100 * share:.0f}\u00a0%"
    rounded = min(max(100 * share, 0.1), 99.9)
    return f"{rounded:.1f}\u00a0%"


def interval(low: float, high: float) -> str:
    """From where to where a share may be, in per cent."""
    return f"{percent(low)[:-2]}–{percent(high)}"


def counted(number: int, singular: str = "photo") -> str:
    """A number with its noun: "1 photo", "1,200 photos"."""
    return f"{number:,} {singular if number == 1 else singular + 's'}"


def day(iso: str) -> str:
    """A date as people write it; what is none comes back as it is."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{moment.day} {moment:%B %Y}"


def headline(right: int, n: int) -> str:
    """How many were answered rightly, with how sure that is."""
    if right == n:
        start = f"Nothing was answered wrongly, of {counted(n)}."
    elif right == 0:
        start = (
            f"All {counted(n)} were answered wrongly." if n > 1 else "The only photo was answered wrongly."
        )
    else:
        start = f"{right:,} of {counted(n)} were answered rightly, {n - right:,} wrongly."
    low, high = wilson_interval(right, n)
    return (
        f"{start} Of photos like these, the share of right answers may be anything from {percent(low)} "
        f"to {percent(high)} (95\u00a0% interval)."
    )


def cautions(classes: Sequence[ClassFigures], held_out: int, left_out: int) -> list[str]:
    """What a reader must know before anything else."""
    n = sum(one.photos for one in classes)
    said = []
    if n < FEW:
        said.append(
            f"{'This is only 1 photo' if n == 1 else f'These are only {n} photos'}: little can be said of so "
            "few. The intervals show how little."
        )
    scarce = [f"{one.name} ({one.photos})" for one in classes if 0 < one.photos < FEW_OF_A_CLASS]
    if scarce and n >= FEW:
        said.append(f"Of some classes there are few photos: {in_words(scarce)}. Look at their intervals.")
    if absent := [one.name for one in classes if not one.photos]:
        said.append(f"There are no photos of {in_words(absent)}: nothing is said of them.")
    if held_out:
        which = "These are" if held_out == n else f"{held_out:,} of these {'is' if held_out == 1 else 'are'}"
        said.append(
            f"{which} among the model's own training photos. Of each, what counts is the answer of a model "
            "that had not learned from it. Photos from elsewhere are often harder."
        )
    if left_out:
        said.append(
            f"{counted(left_out)} {'is' if left_out == 1 else 'are'} not counted: the model has learned from "
            f"{'it' if left_out == 1 else 'them'}, so its answer would say nothing."
        )
    return said


def confusions(pairs: Sequence[ConfusedPair]) -> str:
    """Which classes are confused most."""
    if not pairs:
        return "No class was taken for another."
    first = pairs[0]
    times = {1: "once", 2: "twice"}.get(first.photos, f"{first.photos:,} times")
    return f"Most often confused: {first.label} was taken for {first.answer} {times}, of {counted(first.of)}."


def places(curve: RiskCoverage) -> list[int]:
    """Where on the curve sentences are about, from much that is answered to little.

    If more photos than that are equally sure, and surer than the others, it is those.
    """
    found = {index for index in map(curve.at_coverage, COVERAGES) if index is not None}
    if not found and len(curve.answered) > 1:
        return [0]
    return sorted(found, reverse=True)


def surest_answers(curve: RiskCoverage) -> list[str]:
    """What it would bring to leave photos to a person; the first sentence says it best."""
    n, right = curve.photos, int(curve.right[-1])
    if right == n:
        rightly = f"all {counted(n)}" if n > 1 else "the only photo"
        return [f"It answered {rightly} rightly: nothing would be gained by leaving any to a person."]
    if right == 0:
        return ["However sure it was, it was wrong: all photos have to go to a person."]
    said = []
    for index in places(curve):
        answered, share = int(curve.answered[index]), float(curve.accuracy[index])
        left = n - answered
        said.append(
            f"Answering the surest {100 * answered / n:.0f}\u00a0% itself, it is right {percent(share)} of "
            f"the time; {counted(left)} {'goes' if left == 1 else 'go'} to a person."
        )
    said.append(f"Answering everything itself, it is right {percent(right / n)} of the time.")
    flawless = curve.without_error
    said.append(
        f"The surest {counted(flawless)} ({100 * flawless / n:.0f}\u00a0%) have no wrong answer among them."
        if flawless
        else "There are wrong answers even among the surest."
    )
    return said


def calibration(ece: float, labels: np.ndarray, probabilities: np.ndarray) -> str:
    """Whether its probabilities mean what they say."""
    sure = float(probabilities.max(axis=1).mean())
    right = float((probabilities.argmax(axis=1) == labels).mean())
    if abs(sure - right) < 0.01:
        how = "as sure as it should be"
    else:
        how = "surer than it should be" if sure > right else "less sure than it could be"
    few = f" Of only {counted(len(labels))}, much of that is chance." if len(labels) < FEW else ""
    return (
        f"On average the model gave its answer a probability of {percent(sure)}, and {percent(right)} are "
        f"right: it is {how}. The expected calibration error (ECE) is {percent(ece)}: so far, on average, is "
        f"a probability from the share that turns out right.{few}"
    )


def difference(change: PairedDifference, n: int) -> str:
    """Whether another model is better, and whether that may be chance."""
    if not change.better + change.worse:
        return f"both are right about the same photos, of {counted(n)}."
    p_value = "p < 0.001" if change.p_value < 0.001 else f"p = {change.p_value:.2g}"
    verdict = "that may well be chance" if change.may_be_chance else "that is more than chance would explain"
    return (
        f"of the same {counted(n)}, {change.better:,} {'is' if change.better == 1 else 'are'} now right that "
        f"{'was' if change.better == 1 else 'were'} wrong, and {change.worse:,} now wrong that "
        f"{'was' if change.worse == 1 else 'were'} right: {verdict} (McNemar's exact test, {p_value})."
    )


def strangers(let_through: int, n: int, auroc: float) -> str:
    """How well photos of other things are told from known ones."""
    overlap = f"(AUROC {auroc:.4f}; 1 is no overlap, 0.5 as good as a guess)"
    if not let_through and n > 1:
        return f"All {counted(n)} of other things were told that they are none of the classes {overlap}."
    return (
        f"Of {counted(n)} of other things, {n - let_through:,} were told that they are none of the classes, "
        f"and {let_through:,} were let through {overlap}."
    )
