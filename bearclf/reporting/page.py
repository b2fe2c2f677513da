"""Puts a report together: one page of HTML that asks nobody for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bearclf.models.by_class import Proportion, by_class, confused_pairs, macro_f_score
from bearclf.models.card import NO_NOVELTY, Card
from bearclf.models.measures import measure, measure_novelty, reliability, top_losses
from bearclf.models.paired import mcnemar
from bearclf.models.selective import risk_coverage
from bearclf.photos.scan_results import SkippedFile
from bearclf.reporting import wording
from bearclf.reporting.figures import familiarity_histogram, reliability_diagram, risk_coverage_curve
from bearclf.reporting.judging import JudgedPhotos
from bearclf.reporting.thumbnails import Thumbnails
from bearclf.settings import VERSION

WORST, CHANGED, PAIRS, UNUSED = 12, 24, 10, 200
"""Most photos, changed answers of each kind, pairs and unused files that a report shows."""

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)

STYLE = Path(__file__).with_name("report.css")

Shows = Literal["photos", "names", "neither"]
"""What a report may show of single photos: themselves, only what their files are called, or nothing."""

_TEMPLATES = Environment(
    loader=PackageLoader("bearclf.reporting", "."), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@dataclass(frozen=True)
class Outside:
    """Photos of other things: the ``folder`` that they are in, and how familiar each is."""

    folder: str
    familiarities: np.ndarray


@dataclass(frozen=True)
class Against:
    """Another model: what it said of those photos that both can be asked about, or the ``obstacle`` to that.

    ``before`` and ``after`` are of the same photos in the same order, ``before`` by the other model.
    """

    model: str
    before: JudgedPhotos | None = None
    after: JudgedPhotos | None = None
    obstacle: str = ""


@dataclass(frozen=True)
class Subject:
    """What a report is about: a ``model``, by name and card, and the photos of ``folder``.

    ``made`` is when, in ISO 8601; ``unused`` are files that are no photos.
    """

    model: str
    card: Card
    folder: str
    judged: JudgedPhotos
    made: str
    outside: Outside | None = None
    against: Against | None = None
    unused: Sequence[SkippedFile] = field(default=())


def render(subject: Subject, shows: Shows) -> tuple[str, list[SkippedFile]]:
    """The page, and the files that have vanished since they were answered."""
    judged, card = subject.judged, subject.card
    measured = measure(judged.vocab, judged.labels, judged.probabilities)
    matrix = np.array(measured["confusion_matrix"])
    classes = by_class(judged.vocab, matrix)
    pairs = confused_pairs(judged.vocab, matrix)
    thumbnails = Thumbnails(shows == "photos")
    n, right = measured["n"], int(matrix.trace())
    curve = risk_coverage(judged.labels, judged.probabilities)
    cost = wording.surest_answers(curve)
    known = _known(subject)
    against = _against(subject.against, thumbnails) if subject.against else None
    worst = [] if shows == "neither" else _worst(judged, thumbnails)
    unused = [*subject.unused, *thumbnails.vanished]
    template = _TEMPLATES.get_template("report.html.j2")
    page = template.render(
        style=Markup(STYLE.read_text("utf-8")),  # noqa: S704 - our own file
        subject=subject,
        card=card,
        version=VERSION,
        shows=shows,
        percent=wording.percent,
        interval=wording.interval,
        counted=wording.counted,
        day=wording.day,
        accuracy=Proportion(right, n),
        f_score=macro_f_score(classes),
        measured=measured,
        verdict=[
            wording.headline(right, n),
            wording.confusions(pairs),
            cost[0],
            *([known["sentence"]] if known["sentence"] else []),
            *([f"Against {against['model']}: {against['sentence']}"] if against else []),
        ],
        cautions=wording.cautions(classes, judged.held_out, judged.left_out),
        classes=classes,
        matrix=matrix.tolist(),
        pairs=pairs[:PAIRS],
        worst=worst,
        calibration=wording.calibration(measured["ece"], judged.labels, judged.probabilities),
        reliability=_reliability(judged),
        cost=cost,
        curve=risk_coverage_curve(
            curve,
            wording.places(curve),
            "Curve: the share of right answers against the share of photos that the model answers itself. "
            + " ".join(cost),
        ),
        area=curve.area,
        thresholds=[(t, *curve.at_threshold(t)) for t in THRESHOLDS if t > 1 / len(judged.vocab)],
        known=known,
        against=against,
        unused=[(_shown_name(file.path), file.reason) for file in unused[:UNUSED]],
        more_unused=max(0, len(unused) - UNUSED),
    )
    return page, thumbnails.vanished


def _shown_name(path: Path) -> str:
    """A file with its class folder, without where on this machine that is."""
    return f"{path.parent.name}/{path.name}"


def _worst(judged: JudgedPhotos, thumbnails: Thumbnails) -> list[dict[str, Any]]:
    """Those with the highest loss: the wrong ones, and a few that were nearly wrong."""
    rows = top_losses(judged.labels, judged.probabilities)[:WORST].tolist()
    return [_photo(judged, row, thumbnails) for row in rows]


def _photo(judged: JudgedPhotos, row: int, thumbnails: Thumbnails) -> dict[str, Any]:
    answer = int(judged.predicted[row])
    return {
        "name": _shown_name(judged.photos[row].path),
        "file": judged.photos[row].path.name,
        "image": thumbnails.data_uri(judged.photos[row].path),
        "label": judged.vocab[int(judged.labels[row])],
        "answer": judged.vocab[answer],
        "probability": float(judged.probabilities[row, answer]),
        "is_right": bool(judged.right[row]),
    }


def _reliability(judged: JudgedPhotos) -> dict[str, Any]:
    bins = reliability(judged.labels, judged.probabilities)
    label = (
        "Reliability diagram: the share of right answers against the probability that the model gave. "
        "The table below has its figures."
    )
    rows = [(sure, Proportion(round(share * photos), photos)) for sure, share, photos in bins]
    return {"figure": reliability_diagram(bins, label), "rows": rows}


def _known(subject: Subject) -> dict[str, Any]:
    """Known photos against those of other things; without any figure where no familiarity is known."""
    card, outside = subject.card, subject.outside
    if card.novelty == NO_NOVELTY:
        return {"figure": "", "rows": [], "sentence": wording.NO_NOVELTY}
    own = subject.judged.familiarities[np.isfinite(subject.judged.familiarities)]
    others = outside.familiarities if outside else np.zeros(0)
    rows = [
        (name, _standings(familiarities, card))
        for name, familiarities in ((subject.folder, own), (outside.folder if outside else "", others))
        if len(familiarities)
    ]
    sentence = ""
    if len(own) and len(others):
        auroc = measure_novelty(own, others, card.none_below)["auroc"]
        sentence = wording.strangers(int((others >= card.none_below).sum()), len(others), auroc)
    label = f"Histogram of familiarity: above the line the photos of {subject.folder}" + (
        f", below it those of {outside.folder}. " if outside else ". "
    )
    figure = familiarity_histogram(own, others, card.none_below, card.known_from, label + sentence)
    return {"figure": figure, "rows": rows, "sentence": sentence}


def _standings(familiarities: np.ndarray, card: Card) -> dict[str, Proportion]:
    n = len(familiarities)
    none = int((familiarities < card.none_below).sum())
    known = int((familiarities >= card.known_from).sum())
    counts = {"known": known, "doubtful": n - none - known, "none": none}
    return {name: Proportion(count, n) for name, count in counts.items()}


def _against(against: Against, thumbnails: Thumbnails) -> dict[str, Any]:
    before, after = against.before, against.after
    if before is None or after is None:
        return {"model": against.model, "sentence": against.obstacle, "rows": [], "changed": []}
    n = len(after.labels)
    better, worse = ~before.right & after.right, before.right & ~after.right
    rows = []
    for index, name in enumerate(after.vocab):
        own = after.labels == index
        shares = (Proportion(int(model.right[own].sum()), int(own.sum())) for model in (before, after))
        rows.append((name, *shares, int(better[own].sum()), int(worse[own].sum())))
    changed = []
    for title, chosen in (("Now right", better), ("Now wrong", worse)):
        indices = np.flatnonzero(chosen).tolist()
        photos = [
            _photo(after, row, thumbnails) | {"before": before.vocab[int(before.predicted[row])]}
            for row in indices[:CHANGED]
        ]
        unseen = [_shown_name(after.photos[row].path) for row in indices[CHANGED:]]
        changed.append((title, len(indices), photos, unseen))
    return {
        "model": against.model,
        "sentence": wording.difference(mcnemar(before.right, after.right), n),
        "before": Proportion(int(before.right.sum()), n),
        "after": Proportion(int(after.right.sum()), n),
        "rows": rows,
        "changed": changed,
    }
