"""Make a bundle of a network that somebody has exported from fastai."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bearclf.adopting import apart
from bearclf.adopting.messages import Contents
from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT, FEATURES, MODEL_CARD, NEIGHBOURS, REPORT, check_place, write_bundle
from bearclf.models.card import ADOPTED, NO_NOVELTY, Card
from bearclf.photos.folders import check_class_name
from bearclf.photos.progress import ProgressBar, progress_bar
from bearclf.photos.scan_results import SkippedFile
from bearclf.settings import AnyPath

Consent = Callable[[Contents], bool]
"""Whether an export is to be read though it names this."""

_SHOWN = 12


def adopt(
    export: AnyPath,
    bundle: AnyPath,
    photos: AnyPath | Callable[[list[str]], Path | None] | None = None,
    noun: str = "",
    consent: Consent | None = None,
    progress: ProgressBar = progress_bar,
    classes: Sequence[str] = (),
) -> tuple[Card, list[SkippedFile], list[str]]:
    """Make a bundle of an ``export.pkl`` of fastai, of any version from 2.0 on.

    ``photos`` is a folder of class folders, or what gives one for the classes: the network is measured on it,
    best on photos that it has not learned from. With them it can tell what is none of its classes, and its
    probabilities are calibrated. ``consent`` is asked before the export is read; without it, an export that
    names anything unusual is refused. ``classes`` are what its classes are to be called, in the order of its
    answers: a labelling function such as ``is_cat`` leaves only False and True. Returns the bundle's card,
    photos that could not be used, and notes in sentences. Raises UserError, with a sentence that names the
    cause and the mend, for what can't be adopted.
    """
    export, bundle = Path(export), Path(bundle)
    check_place(bundle)
    contents = apart.look(export, progress)
    agreed = not contents.unusual if consent is None else consent(contents)
    if not agreed:
        unusual = f" It names {some(contents.unusual)}." if contents.unusual else ""
        raise UserError(f"{export.name} was not read, and nothing was changed.{unusual}")
    found, packed = apart.load(export, progress)
    vocab = list(classes or found.vocab)
    if len(vocab) != len(found.vocab) or len(set(vocab)) < len(vocab):
        raise UserError(
            f"It has {len(found.vocab)} classes: {some(found.vocab)}. Please name as many, each another, in "
            "this order."
        )
    _check_classes(vocab)

    from bearclf.adopting.measuring import Measured, check_photos, cool, measure_network
    from bearclf.adopting.network import build
    from bearclf.adopting.rebuilding import learner_of
    from bearclf.adopting.words import adopted_model_card
    from bearclf.training.export_network import write_network
    from bearclf.training.report import draw_confusion_matrix
    from bearclf.training.train import export as write_export
    from bearclf.training.train import versions

    measured: Measured | None = None
    architecture, network = build(found, packed)
    learner = learner_of(found, network, vocab)
    folder = photos(vocab) if callable(photos) else None if photos is None else Path(photos)
    if folder is not None:
        check_photos(folder, vocab)
        measured = measure_network(learner, vocab, folder, progress)
        cool(network, measured.temperature, len(vocab))
    limits = ", ".join(found.unlimited)
    notes = [f"This system can't limit {limits} while an export is read."] if limits else []
    card = Card(
        classes=vocab,
        noun=noun,
        architecture=architecture,
        recipe=ADOPTED,
        input_size=max(found.input_size),
        epochs=0,
        seed=0,
        command=_command(export, folder, noun, classes),
        photos=measured.photos if measured else dict.fromkeys(vocab, 0),
        skipped=len(measured.skipped) if measured else 0,
        training_sha256=measured.training_sha256 if measured else "",
        metrics=measured.metrics if measured else {},
        none_below=measured.novelty.none_below if measured else 0.0,
        known_from=measured.novelty.known_from if measured else 0.0,
        versions=versions(),
        novelty=measured.novelty.kind if measured else NO_NOVELTY,
        trained=datetime.now(UTC).isoformat(timespec="seconds"),
    )

    def fill(new_bundle: Path) -> None:
        write_export(learner, new_bundle / EXPORT)
        write_network(new_bundle)
        temperature = None
        if measured is not None:
            temperature = measured.temperature
            measured.record.save(new_bundle / FEATURES)
            measured.novelty.detector.save(new_bundle / NEIGHBOURS)
            (new_bundle / REPORT).mkdir()
            figure = draw_confusion_matrix(measured.record.labels, measured.probabilities, vocab)
            figure.savefig(new_bundle / REPORT / "confusion_matrix.png", dpi=120)
        text = adopted_model_card(card, notes, temperature)
        (new_bundle / MODEL_CARD).write_text(text, encoding="utf-8")

    return write_bundle(bundle, card, fill), measured.skipped if measured else [], notes


def _check_classes(vocab: list[str]) -> None:
    """Raises UserError for a class that could be no folder's name: they go into file names and pages."""
    for label in vocab:
        try:
            safe = check_class_name(label) == label and ".." not in label
        except UserError:
            safe = False
        if not safe:
            raise UserError(
                f"It has a class that is called {label[:80]!r}, which can't be the name of one here. Please "
                "rename it where it was trained, and export again."
            )


def some(names: Sequence[str]) -> str:
    """Some of many names."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _command(export: Path, photos: Path | None, noun: str, classes: Sequence[str]) -> str:
    words = ["python", "-m", "bearclf", "adopt", export.name, "--out", "BUNDLE"]
    words += ["--classes", ",".join(classes)] if classes else []
    words += ["--photos", photos.resolve().name] if photos is not None else []
    return shlex.join(words + (["--noun", noun] if noun else []))
