"""Train on a folder of class folders and write a bundle."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path

import fastai
import numpy as np
import timm
import torch
import torchvision
from fastai.vision.all import Learner, set_seed

from bearclf.gathering.attribution import add_attributions, read_attributions
from bearclf.models.bundle import (
    EXPORT,
    FEATURES,
    MODEL_CARD,
    NEIGHBOURS,
    REPORT,
    TrainingRecord,
    check_place,
    write_bundle,
)
from bearclf.models.card import EXAMPLES, MAX_EXAMPLES, Card
from bearclf.photos.decode import decode, read_photo_file, thumbnail
from bearclf.photos.folders import (
    check_known,
    class_folders,
    list_nested_photos,
    list_photos,
    training_set_digest,
)
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.settings import VERSION, AnyPath, cache_folder
from bearclf.training.best import train_best
from bearclf.training.curves import draw_training
from bearclf.training.export_network import write_network
from bearclf.training.fine_tune import check_gpu
from bearclf.training.held_out import TrainingPhotos, places
from bearclf.training.log import Watch, unwatched
from bearclf.training.model_card import model_card
from bearclf.training.options import Options
from bearclf.training.recipes import TrainingResult, train_by_fine_tuning, train_probe
from bearclf.training.report import write_report
from bearclf.training.report_of_several import write_report_of_several
from bearclf.training.report_page import write_page

EXAMPLE_SIDE = 640

TRIED = "tried.md"
"""In the report: what the recipe ``best`` has tried."""


def train(
    folder: AnyPath,
    bundle: AnyPath,
    options: Options | None = None,
    store: FeatureStore | None = None,
    progress: ProgressBar = progress_bar,
    watch: Watch = unwatched,
) -> tuple[Card, list[SkippedFile]]:
    """Train on a folder of class folders and write a bundle.

    Returns the bundle's card and the files that could not be used. What is computed of photos is kept in
    ``store``, or, without one, in the user's cache folder. ``watch`` is told of each epoch.

    Raises UserError, with a sentence to show, for what the person can mend: options that can't be or mean
    nothing for the recipe, too few classes or photos, an unknown architecture, a bundle folder that holds
    something else.
    """
    folder, options = Path(folder), options or Options()
    if store is None:
        with FeatureStore(cache_folder()) as own_store:
            return train(folder, bundle, options, own_store, progress, watch)
    _check(folder, Path(bundle), options)  # before the work, not after it
    attributions = read_attributions(folder)
    set_seed(options.seed)
    if options.recipe == "best":
        options, photos, trained = train_best(folder, options, store, progress, watch)
    else:
        by_recipe = train_probe if options.recipe == "probe" else train_by_fine_tuning
        photos, trained = by_recipe(folder, options, store, progress, watch)
    scanned, vocab, labels = photos.scanned, photos.vocab, photos.labels
    metrics = photos.measure(trained.judged, trained.probabilities, trained.threshold)
    card = Card(
        classes=vocab,
        noun=options.noun,
        architecture=options.architecture,
        recipe=options.recipe,
        input_size=options.input_size,
        epochs=options.epochs if options.recipe == "fine-tune" else 0,
        seed=options.seed,
        command=options.command(folder.resolve().name),
        photos=photos.counts(),
        skipped=len(scanned.skipped),
        training_sha256=training_set_digest(scanned.photos),
        metrics={"method": trained.method, **metrics},
        none_below=trained.novelty.none_below,
        known_from=trained.novelty.known_from,
        versions=versions(),
        novelty=trained.novelty.kind,
        elsewhere=trained.elsewhere,
        threshold=trained.threshold,
        trained=datetime.now(UTC).isoformat(timespec="seconds"),
    )

    def fill(new_bundle: Path) -> None:
        names = Path(bundle).resolve().name, folder.resolve().name
        _write_report(new_bundle / REPORT, names, photos, trained, card, options.report_photos)
        export(trained.learner, new_bundle / EXPORT)
        write_network(new_bundle)
        out_of_sample = np.full((len(labels), len(vocab)), np.nan)
        out_of_sample[trained.judged] = trained.probabilities
        record = TrainingRecord(
            [photo.digest for photo in scanned.photos],
            labels if photos.truth is None else photos.truth,
            scanned.groups,
            trained.features,
            out_of_sample,
            trained.novelty.familiarities,
        )
        record.save(new_bundle / FEATURES)
        trained.novelty.detector.save(new_bundle / NEIGHBOURS)
        if options.examples is not None:
            _write_examples(options.examples, new_bundle / EXAMPLES)
        digests = dict.fromkeys(photo.digest for photo in scanned.photos)
        attributed = {digest: attributions[digest] for digest in digests if digest in attributions}
        add_attributions(new_bundle, attributed)
        text = model_card(card, len(attributed), options.report_photos)
        (new_bundle / MODEL_CARD).write_text(text, encoding="utf-8")

    return write_bundle(Path(bundle), card, fill), scanned.skipped + trained.skipped_elsewhere


def _check(folder: Path, bundle: Path, options: Options) -> None:
    """Raises UserError for what can be told without any work."""
    options.check()
    check_gpu(options)
    check_place(bundle)
    if options.examples is not None:
        list_nested_photos(options.examples)
    learned, *_ = places(folder, options.valid)
    if options.elsewhere is not None:
        others = list_photos(options.elsewhere)
        if classes := class_folders(learned):
            check_known((label for _, label in others), classes, options.elsewhere)


def _write_report(
    report: Path,
    names: tuple[str, str],
    photos: TrainingPhotos,
    trained: TrainingResult,
    card: Card,
    with_photos: bool,
) -> None:
    """``names`` are those of the model and of the training folder."""
    judged = [photos.scanned.photos[i] for i in trained.judged]
    labels, probabilities = photos.labels[trained.judged], trained.probabilities
    if photos.truth is None:
        write_report(report, trained.learner, judged, labels, probabilities, photos.vocab, with_photos)
        answers = labels, probabilities, trained.novelty.familiarities[trained.judged]
        write_page(report, *names, card, judged, answers, photos.scanned.skipped, with_photos)
    else:
        write_report_of_several(report, trained.learner, card.metrics, with_photos)
    draw_training(report, trained.log)
    if trained.log.tried:
        (report / TRIED).write_text(trained.log.tried, encoding="utf-8")


def _write_examples(source: Path, target: Path) -> None:
    """Write example photos upright, small, and without what a camera writes into a file."""
    target.mkdir()
    for number, path in enumerate(list_nested_photos(source)[:MAX_EXAMPLES], 1):
        jpeg = thumbnail(decode(read_photo_file(path)), EXAMPLE_SIDE)
        (target / f"example {number}.jpg").write_bytes(jpeg)


def export(learner: Learner, path: Path) -> None:
    """fastai's export, without any path of this machine in the file."""
    learner.path = Path()
    for loader in learner.dls.loaders:
        loader.dataset.path = Path()
    learner.dls.path = Path()
    learner.export(path.absolute())


def versions() -> dict[str, str]:
    """Versions of everything that a bundle's contents depend on."""
    return {
        "bearclf": VERSION,
        "python": platform.python_version(),
        **{module.__name__: module.__version__ for module in (torch, torchvision, fastai, timm)},
    }
