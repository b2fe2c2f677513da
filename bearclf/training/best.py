"""The recipe ``best``: others are tried on the same held-out pictures, and the best is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import numpy as np

from bearclf.errors import UserError
from bearclf.features.backbones import Backbone, pretrained_backbone
from bearclf.models.measures import measure
from bearclf.photos.progress import ProgressBar, Stopped
from bearclf.photos.store import FeatureStore
from bearclf.training.fine_tune import Tuned, fine_tune
from bearclf.training.held_out import TrainingPhotos, scan_training_photos
from bearclf.training.log import Watch, clock
from bearclf.training.options import Options
from bearclf.training.probe import fit_probe
from bearclf.training.recipes import TrainingResult, examine, probe_featurizer, train_probe

_FORESEEN = 0.1
"""Share of the steps after which it is known how long all of them take."""


class OutOfTimeError(Exception):
    """What is being tried would not be done in time."""


@dataclass(frozen=True)
class Tried:
    """A way of training, and how it did on ``judged`` photos that it hadn't learned from.

    ``loss`` is their mean cross-entropy; both are None where it could not be finished, which ``why`` tells.
    ``tuned`` is what fine-tuning made, since that takes long to make again.
    """

    options: Options
    seconds: float
    wrong: int | None = None
    loss: float | None = None
    judged: int = 0
    tuned: Tuned | None = None
    why: str = "no time"

    @property
    def rank(self) -> tuple[float, float]:
        """Lower is better: fewer wrong, and among equals a lower loss."""
        return (np.inf, np.inf) if self.wrong is None or self.loss is None else (self.wrong, self.loss)


def ways(options: Options) -> list[Options]:
    """What is tried, the cheapest first: all with the options that are for every recipe."""
    probe, tuned = (
        replace(options, recipe=recipe, minutes=Options.minutes) for recipe in ("probe", "fine-tune")
    )
    return [
        probe,
        replace(probe, resize="pad"),
        replace(probe, resize="crop"),
        replace(tuned, size=128, epochs=2),
        tuned,
        replace(tuned, progressive=(128, 224), epochs=2),
        replace(tuned, resize="squish", augment="light"),
    ]


def train_best(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar, watch: Watch
) -> tuple[Options, TrainingPhotos, TrainingResult]:
    """Try the others until the minutes are over, and train by the best: its options, photos and result.

    When it is interrupted, what was tried until then counts; if nothing was, that is raised.
    """
    tried = _try_all(folder, options, store, progress, watch)
    best = min(tried, key=lambda one: one.rank)
    table = _table(tried, best)
    watch(table)
    if best.tuned is None:
        photos, result = train_probe(folder, best.options, store, progress, watch)
        where = "a part of the pictures"
    else:
        photos = scan_training_photos(folder, best.options.valid, store, progress)
        result = examine(photos, best.options, best.tuned, progress)
        where = "the same pictures, which is why the figure is a little too good"
    finished = sum(one.wrong is not None for one in tried)
    how = result.method
    if finished > 1:
        how += f"; chosen among {finished} ways of training on {where}"
    result.log.tried = table
    return best.options, photos, replace(result, method=how)


def _try_all(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar, watch: Watch
) -> list[Tried]:
    deadline = monotonic() + 60 * options.minutes
    backbone = pretrained_backbone(options.architecture, options.weights_from)
    tried: list[Tried] = []
    for way in ways(options):
        if tried and monotonic() > deadline:
            tried.append(Tried(way, 0))
            continue
        watch(f"Trying {_words(way)}")
        # The first is tried in any case: something has to be kept.
        limited = _until(deadline, progress) if tried else progress
        began = monotonic()
        try:
            if way.recipe == "probe":
                tried.append(_try_probe(folder, way, backbone, store, limited))
            else:
                photos = scan_training_photos(folder, way.valid, store, progress)
                tried.append(_try_tuning(photos, way, limited, watch))
        except OutOfTimeError:
            tried.append(Tried(way, monotonic() - began))
        except UserError:  # it diverged, say: the others may do better
            if not tried:
                raise
            tried.append(Tried(way, monotonic() - began, why="failed"))
        except (KeyboardInterrupt, Stopped):
            if not tried:
                raise
            break
        if tried[-1].tuned is not None and tried[-1].tuned.log.ended:
            tried[-1] = replace(tried[-1], wrong=None, loss=None, tuned=None)  # it was interrupted
            break
        tried = _without_learners(tried)
    return tried


def _try_probe(
    folder: Path, way: Options, backbone: Backbone, store: FeatureStore, progress: ProgressBar
) -> Tried:
    began = monotonic()
    photos = scan_training_photos(folder, way.valid, store, progress, probe_featurizer(backbone, way))
    photos.check_all_are_learned()
    features, groups, learned = photos.scanned.features, photos.scanned.groups, photos.learned
    probe = fit_probe(features[learned], photos.labels[learned], groups[learned], way.seed, progress)
    probabilities = probe.head.probabilities(features[photos.held_out])
    return _judge(Tried(way, monotonic() - began), photos, probabilities)


def _try_tuning(photos: TrainingPhotos, way: Options, progress: ProgressBar, watch: Watch) -> Tried:
    began = monotonic()
    tuned = fine_tune(photos, way, progress, watch)
    return _judge(Tried(way, monotonic() - began, tuned=tuned), photos, tuned.probabilities)


def _judge(one: Tried, photos: TrainingPhotos, probabilities: np.ndarray) -> Tried:
    found = measure(photos.vocab, photos.labels[photos.held_out], probabilities)
    wrong = round(found["error_rate"] * found["n"])
    return replace(one, wrong=wrong, loss=found["log_loss"], judged=found["n"])


def _without_learners(tried: list[Tried]) -> list[Tried]:
    """The same, with the learner of the best one alone: each has a network of its own."""
    best = min(tried, key=lambda one: one.rank)
    return [one if one is best else replace(one, tuned=None) for one in tried]


def _until(deadline: float, progress: ProgressBar) -> ProgressBar:
    """A progress bar that raises OutOfTimeError as soon as it can be told that the time won't be enough."""

    def limited(steps: Iterable, total: int, description: str) -> Iterator:
        began = monotonic()
        for done, step in enumerate(progress(steps, total, description)):
            passed = monotonic() - began
            foreseen = passed / done * total if done > max(4, _FORESEEN * total) else passed
            if began + foreseen > deadline:
                raise OutOfTimeError
            yield step

    return limited


def _words(way: Options) -> str:
    return way.command("").partition(" BUNDLE ")[2]


def _table(tried: list[Tried], best: Tried) -> str:
    judged = max(one.judged for one in tried)
    head = [f"| | tried | wrong of {judged} | loss | time |", "| --- | --- | --- | --- | --- |"]
    rows = [
        f"| {'**kept**' if one is best else ''} | `{_words(one.options)}` | "
        + (f"{one.why} | |" if one.wrong is None else f"{one.wrong} | {one.loss:.3f} |")
        + f" {clock(one.seconds)} |"
        for one in tried
    ]
    return "\n".join([*head, *rows, ""])
