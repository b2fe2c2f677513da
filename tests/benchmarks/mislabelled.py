"""How many wrong labels are found, beside the order of fastai's ImageClassifierCleaner.

``python tests/benchmarks/mislabelled.py FOLDER [--seeds 3] [--fastai]`` with class folders: gives 5 % of the
photos another class at random and prints, for each seed and in the mean, the share of them within the first
10 % of each order: by label quality, by loss, and with ``--fastai`` (minutes) by the losses that the course's
learner has after training on the wrong labels. The folder's own errors, which no order is told of, rank high
too and take some of the room. Also printed: how many photos are called likely mislabelled, and how many of
these were planted.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from bearclf.curation.label_quality import cross_entropy, label_quality, likely_mislabelled
from bearclf.features.backbones import pretrained_backbone
from bearclf.features.scan import scan_folder
from bearclf.photos.progress import unseen
from bearclf.photos.scan_results import ScannedFolder
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import valid_part
from bearclf.settings import DEFAULT_ARCHITECTURE, DEFAULT_EPOCHS, cache_folder
from bearclf.training.held_out import TrainingPhotos
from bearclf.training.learners import fine_tuning_learner
from bearclf.training.options import Options
from bearclf.training.probe import fit_probe
from bearclf.training.recipes import probe_featurizer

PLANTED, LOOKED_AT = 0.05, 0.1


def plant(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which some are wrong, and the indices of those."""
    random = np.random.default_rng(seed)
    classes = int(labels.max()) + 1
    planted = random.choice(len(labels), round(PLANTED * len(labels)), replace=False)
    wrong = labels.copy()
    wrong[planted] = (labels[planted] + random.integers(1, classes, len(planted))) % classes
    return wrong, planted


def share_found(order: np.ndarray, planted: np.ndarray) -> float:
    return float(np.isin(planted, order[: round(LOOKED_AT * len(order))]).mean())


def scan(folder: Path) -> ScannedFolder:
    backbone = pretrained_backbone(DEFAULT_ARCHITECTURE)
    featurizer = probe_featurizer(backbone, Options())
    with FeatureStore(cache_folder()) as store:
        return scan_folder(folder, store, unseen, featurizer)


def losses_by_fastai(scanned: ScannedFolder, wrong: np.ndarray, seed: int) -> np.ndarray:
    """What ImageClassifierCleaner sorts by, over both of its lists: training and validation photos."""
    from fastai.vision.all import set_seed

    vocab = [str(name) for name in np.unique(scanned.labels)]
    set_seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        mislabelled = link(scanned, [vocab[label] for label in wrong], Path(folder))
        options = Options(recipe="fine-tune")
        in_valid = valid_part([photo.digest for photo in mislabelled.photos], mislabelled.groups)
        photos = TrainingPhotos(Path(folder), mislabelled, vocab, wrong, in_valid, "")
        backbone = pretrained_backbone(DEFAULT_ARCHITECTURE)
        learner = fine_tuning_learner(photos, options, options.input_size, backbone)
        losses = np.zeros(len(wrong))
        index_of = {photo.path: index for index, photo in enumerate(mislabelled.photos)}
        with learner.no_bar(), learner.no_logging():
            learner.fine_tune(DEFAULT_EPOCHS)
            for loader in learner.dls.loaders:
                in_order = loader.new(shuffle=False, drop_last=False)
                *_, of_photos = learner.get_preds(dl=in_order, with_loss=True)
                losses[[index_of[path] for path in in_order.items]] = of_photos.numpy()
    return losses


def link(scanned: ScannedFolder, names: list[str], folder: Path) -> ScannedFolder:
    """The same photos in class folders of other names."""
    photos = []
    for index, (photo, name) in enumerate(zip(scanned.photos, names, strict=True)):
        path = folder / name / f"{index:06}{photo.path.suffix}"
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(photo.path.resolve())
        photos.append(type(photo)(path, name, photo.digest))
    return ScannedFolder(photos, scanned.groups, scanned.features, [])


def main(folder: Path, seeds: int, by_fastai: bool) -> None:
    scanned = scan(folder)
    labels = np.unique(scanned.labels, return_inverse=True)[1]
    shares: dict[str, list[float]] = {}
    for seed in range(seeds):
        wrong, planted = plant(labels, seed)
        probabilities = fit_probe(scanned.features, wrong, scanned.groups, seed, unseen).out_of_sample
        orders = {
            "label quality": np.argsort(label_quality(wrong, probabilities)),
            "loss": np.argsort(-cross_entropy(wrong, probabilities)),
        }
        if by_fastai:
            orders["fastai's loss"] = np.argsort(-losses_by_fastai(scanned, wrong, seed))
        found = np.flatnonzero(likely_mislabelled(wrong, probabilities))
        print(
            f"seed {seed}: {len(planted)} planted in {len(labels)}; "
            f"{len(found)} likely mislabelled, {np.isin(found, planted).sum()} of them planted"
        )
        for name, order in orders.items():
            shares.setdefault(name, []).append(share_found(order, planted))
    print(
        f"\n{'within the first 10 %':24}"
        + "".join(f"{f'seed {seed}':>8}" for seed in range(seeds))
        + "    mean"
    )
    for name, of_seeds in shares.items():
        print(f"{name:24}" + "".join(f"{share:8.3f}" for share in [*of_seeds, np.mean(of_seeds)]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--fastai", action="store_true")
    chosen = parser.parse_args()
    main(chosen.folder, chosen.seeds, chosen.fastai)
