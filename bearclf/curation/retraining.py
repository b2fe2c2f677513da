"""Train a new model on the folder as it is, and set it beside the live one. Needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bearclf.curation.comparison import compare
from bearclf.curation.scores import Scores
from bearclf.errors import UserError
from bearclf.models.bundle import FEATURES, TrainingRecord, read_checked
from bearclf.models.card import ADOPTED, EXAMPLES, read_card
from bearclf.models.judgement import Judgement
from bearclf.photos.progress import ProgressBar
from bearclf.photos.store import FeatureStore
from bearclf.protocol.curation import Training
from bearclf.protocol.records import Comparison, EpochRow
from bearclf.settings import DEFAULT_ARCHITECTURE, FORMER_ARCHITECTURE
from bearclf.training.log import Event, TrainingLog
from bearclf.training.options import Options
from bearclf.training.train import train


@dataclass(frozen=True)
class Outcome:
    """A comparison with the model before, and scores of every photo if the recipe gives them."""

    comparison: Comparison
    scores: Scores | None


def options_like(live_bundle: Path, recipe: str, classes: list[str]) -> Options:
    """Options as the live model was trained; those of its subject only if it has one of these classes.

    If its card can't be read, they are the recipe's own.
    """
    try:
        live = read_card(live_bundle)
    except UserError:
        return Options(recipe=recipe)
    same_subject = live.threshold is None and bool(set(live.classes) & set(classes))
    same_network = same_subject and live.architecture != FORMER_ARCHITECTURE and live.recipe != ADOPTED
    examples = live_bundle / EXAMPLES
    return Options(
        recipe=recipe,
        architecture=live.architecture if same_network else DEFAULT_ARCHITECTURE,
        size=live.input_size if live.recipe == recipe and same_network else None,
        seed=live.seed,
        noun=live.noun if same_subject else "",
        examples=examples if same_subject and examples.is_dir() else None,
    )


def retrain(
    folder: Path,
    bundle: Path,
    live_bundle: Path,
    options: Options,
    store: FeatureStore,
    progress: ProgressBar,
    announce: Callable[[Training], None],
) -> Outcome:
    """Train on ``folder`` into the folder ``bundle``; each epoch is announced, with those before it.

    Raises UserError for what the person can mend.
    """
    log = TrainingLog()

    def watch(event: Event) -> None:
        log.take(event)
        announce(Training(tuple(EpochRow(**vars(epoch)) for epoch in log.epochs), log.ended))

    announce(Training())
    card, _ = train(folder, bundle, options, store, progress, watch)
    record = TrainingRecord.load(read_checked(bundle, FEATURES, card))
    try:
        # With several labels for a photo, the live model answers another question.
        before = Judgement.of(live_bundle) if read_card(live_bundle).threshold is None else None
    except UserError:
        before = None  # it can't be read: then there is nothing to compare with
    vocab = card.classes
    label_of = {digest: vocab[label] for digest, label in zip(record.digests, record.labels, strict=True)}
    comparison = compare(before, Judgement.of(bundle), label_of)
    # A recipe that judges a fifth of the photos would forget what is known of the others.
    scores = Scores.of(vocab, record) if options.recipe == "probe" else None
    return Outcome(comparison, scores)
