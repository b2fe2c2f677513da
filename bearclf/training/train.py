"""Train on a folder of class folders and write a bundle."""

from __future__ import annotations

import platform
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import fastai
import numpy as np
import timm
import torch
import torchvision
from fastai.vision.all import Learner, set_seed

from bearclf.errors import UserError
from bearclf.features.backbones import Backbone, pooling, pretrained_backbone
from bearclf.features.pipeline import InputPipeline
from bearclf.features.scan import Featurizer, scan_folder
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
from bearclf.models.measures import measure
from bearclf.models.novelty import fit_neighbours, held_out_scores, threshold
from bearclf.photos.decode import decode, read_photo_file, thumbnail
from bearclf.photos.folders import check_trainable, list_nested_photos, training_set_digest
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import ScannedFolder, SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.settings import DEFAULT_ARCHITECTURE, DEFAULT_EPOCHS, VERSION, AnyPath, cache_folder
from bearclf.training.export_network import write_network
from bearclf.training.fine_tune import fine_tune
from bearclf.training.learners import probe_learner
from bearclf.training.model_card import model_card
from bearclf.training.probe import fit_probe
from bearclf.training.report import write_report

RECIPES = ("probe", "fine-tune")
PROBE_SIZE, FINE_TUNE_SIZE = 288, 224
EXAMPLE_SIDE = 640


@dataclass(frozen=True)
class Options:
    """The options of a training.

    ``size`` is the side of the model's input in pixels (None: the recipe's own); ``epochs`` only counts for
    ``fine-tune``. ``noun`` is what all classes are, such as "bear". ``report_photos`` says whether the
    report may show photos. ``examples`` is a folder of up to three photos that the bundle may show, for
    visitors to try.
    """

    recipe: str = "probe"
    architecture: str = DEFAULT_ARCHITECTURE
    epochs: int = DEFAULT_EPOCHS
    size: int | None = None
    seed: int = 42
    noun: str = ""
    report_photos: bool = True
    examples: Path | None = None

    @property
    def input_size(self) -> int:
        """``size``, or the recipe's own."""
        return self.size or (PROBE_SIZE if self.recipe == "probe" else FINE_TUNE_SIZE)

    def command(self, folder_name: str) -> str:
        """The command line that trains the same way, without any path of this machine."""
        words = [
            *("python", "-m", "bearclf", "train", folder_name, "--out", "BUNDLE"),
            *("--recipe", self.recipe, "--arch", self.architecture, "--size", str(self.input_size)),
            *(("--epochs", str(self.epochs)) if self.recipe == "fine-tune" else ()),
            *("--seed", str(self.seed)),
            *(("--noun", self.noun) if self.noun else ()),
            *(() if self.report_photos else ("--no-photos",)),
        ]
        return shlex.join(words)


@dataclass(frozen=True)
class TrainingResult:
    """The result of a recipe.

    ``judged`` are indices of the photos that were held out, ``probabilities`` (len(judged), classes) the
    answers to them, ``method`` how they were held out, ``features`` (n, channels) what the model's body sees
    in every photo. ``familiarities`` (n,) say how like the training photos each was when it was held out, NaN
    where it wasn't.
    """

    learner: Learner
    features: np.ndarray
    judged: np.ndarray
    probabilities: np.ndarray
    familiarities: np.ndarray
    method: str


def train(
    folder: AnyPath,
    bundle: AnyPath,
    options: Options | None = None,
    store: FeatureStore | None = None,
    progress: ProgressBar = progress_bar,
) -> tuple[Card, list[SkippedFile]]:
    """Train on a folder of class folders and write a bundle.

    Returns the bundle's card and the files that could not be used. What is computed of photos is kept in
    ``store``, or, without one, in the user's cache folder.

    Raises UserError, with a sentence to show, for what the person can mend: too few classes or photos, an
    unknown architecture, a bundle folder that holds something else.
    """
    folder, options = Path(folder), options or Options()
    if store is None:
        with FeatureStore(cache_folder()) as own_store:
            return train(folder, bundle, options, own_store, progress)
    check_place(Path(bundle))  # before the work, not after it
    if options.examples is not None:
        list_nested_photos(options.examples)
    if options.recipe not in RECIPES:
        raise UserError(f"There is no recipe “{options.recipe}”: choose {' or '.join(RECIPES)}.")
    set_seed(options.seed)
    by_recipe = _train_probe if options.recipe == "probe" else _train_by_fine_tuning
    scanned, vocab, trained = by_recipe(folder, options, store, progress)
    labels = np.array([vocab.index(label) for label in scanned.labels])
    metrics = measure(vocab, labels[trained.judged], trained.probabilities)
    card = Card(
        classes=vocab,
        noun=options.noun,
        architecture=options.architecture,
        recipe=options.recipe,
        input_size=options.input_size,
        epochs=options.epochs if options.recipe == "fine-tune" else 0,
        seed=options.seed,
        command=options.command(folder.resolve().name),
        photos={label: scanned.labels.count(label) for label in vocab},
        skipped=len(scanned.skipped),
        training_sha256=training_set_digest(scanned.photos),
        metrics={"method": trained.method, **metrics},
        novelty_threshold=threshold(trained.familiarities),
        versions=versions(),
        trained=datetime.now(UTC).isoformat(timespec="seconds"),
    )

    def fill(new_bundle: Path) -> None:
        judged_photos = [scanned.photos[i] for i in trained.judged]
        write_report(
            new_bundle / REPORT,
            trained.learner,
            judged_photos,
            labels[trained.judged],
            trained.probabilities,
            vocab,
            options.report_photos,
        )
        export(trained.learner, new_bundle / EXPORT)
        write_network(new_bundle)
        out_of_sample = np.full((len(labels), len(vocab)), np.nan)
        out_of_sample[trained.judged] = trained.probabilities
        record = TrainingRecord(
            [photo.digest for photo in scanned.photos],
            labels,
            scanned.groups,
            trained.features,
            out_of_sample,
            trained.familiarities,
        )
        record.save(new_bundle / FEATURES)
        fit_neighbours(trained.features, labels).save(new_bundle / NEIGHBOURS)
        if options.examples is not None:
            _write_examples(options.examples, new_bundle / EXAMPLES)
        (new_bundle / MODEL_CARD).write_text(model_card(card), encoding="utf-8")

    return write_bundle(Path(bundle), card, fill), scanned.skipped


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


def _train_probe(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar
) -> tuple[ScannedFolder, list[str], TrainingResult]:
    size = options.input_size
    backbone = pretrained_backbone(options.architecture)
    featurizer = probe_featurizer(backbone, options.architecture, size)
    scanned = scan_folder(folder, store, progress, featurizer)
    vocab, labels = _vocab(scanned, folder)
    probe = fit_probe(scanned.features, labels, scanned.groups, options.seed, progress)
    learner = probe_learner(folder, scanned, vocab, backbone, probe.head, size)
    judged = np.arange(len(labels))
    familiarities = held_out_scores(scanned.features, labels, probe.folds)
    method = f"{len(probe.folds)}-fold cross-validation, versions of one picture kept together"
    return (
        scanned,
        vocab,
        TrainingResult(learner, scanned.features, judged, probe.out_of_sample, familiarities, method),
    )


def _train_by_fine_tuning(
    folder: Path, options: Options, store: FeatureStore, progress: ProgressBar
) -> tuple[ScannedFolder, list[str], TrainingResult]:
    scanned = scan_folder(folder, store, progress)
    vocab, labels = _vocab(scanned, folder)
    learner, judged, probabilities = fine_tune(
        folder,
        scanned,
        vocab,
        options.architecture,
        options.input_size,
        options.epochs,
        progress,
    )
    with FeatureStore(None) as unshared:  # these features belong to this one model
        body = Featurizer("this model", InputPipeline.of(learner), _pooled_body(learner.model))
        features = scan_folder(folder, unshared, progress, body).features
    learned = np.setdiff1d(np.arange(len(labels)), judged)
    familiarities = held_out_scores(features, labels, [(learned, judged)])
    method = "a fifth of the pictures held out, versions of one picture kept together"
    return scanned, vocab, TrainingResult(learner, features, judged, probabilities, familiarities, method)


def _pooled_body(model: torch.nn.Sequential) -> torch.nn.Module:
    return torch.nn.Sequential(model[0], pooling(model[0]))


def probe_featurizer(backbone: Backbone, architecture: str, size: int) -> Featurizer:
    """The featurizer of the ``probe`` recipe."""
    pipeline = InputPipeline.squish(size, backbone.mean, backbone.std)
    pooled = torch.nn.Sequential(backbone.body, backbone.pool())
    return Featurizer(f"{architecture} squish {size}", pipeline, pooled)


def _vocab(scanned: ScannedFolder, folder: Path) -> tuple[list[str], np.ndarray]:
    """The classes in order, and each photo's index among them; too few of either is a UserError."""
    vocab = check_trainable(scanned.labels, scanned.groups.tolist(), folder)
    return vocab, np.array([vocab.index(label) for label in scanned.labels])
