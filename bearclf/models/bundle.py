"""A bundle: the folder that holds a trained model and everything that is known about it.

``export.pkl`` is fastai's exported Learner, ``network.onnx`` its network as onnxruntime runs it, with the
weights in ``export.pkl`` (left out where it can't be had, and missing from older bundles). ``card.json`` says
what it is (with every file's SHA-256), ``features.npz`` holds the training photos' features,
``neighbours.npz`` what tells whether a photo is like them, ``MODEL_CARD.md`` tells a reader, and ``report/``
shows pictures. ``ATTRIBUTION.csv`` names the creators of training photos that were gathered, if any were.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bearclf.errors import UserError
from bearclf.models.card import CARD, Card
from bearclf.photos.folders import content_digest

EXPORT, NETWORK = "export.pkl", "network.onnx"
FEATURES, NEIGHBOURS = "features.npz", "neighbours.npz"
MODEL_CARD, REPORT = "MODEL_CARD.md", "report"


def read_checked(bundle: Path, name: str, card: Card) -> bytes:
    """The bytes of one file of a bundle, checked against the digest on its card.

    Raises UserError if the file is missing or its SHA-256 is another: unpickling runs code, so nothing is
    unpickled but what was checked.
    """
    try:
        data = (bundle / name).read_bytes()
    except OSError:
        raise UserError(f"The model in {bundle} is incomplete: {name} is missing or can't be read.") from None
    if content_digest(data) != card.files.get(name):
        raise UserError(
            f"The model in {bundle} is not what its card describes: {name} was changed or damaged, so it was "
            "not opened. Please copy the model again from where it came, or train it again."
        )
    return data


def check_place(bundle: Path) -> None:
    """Raises UserError where no bundle can be written: over a file, or in a folder of something else."""
    if bundle.exists() and not bundle.is_dir():
        raise UserError(f"{bundle} is a file. Please name a new folder for the model.")
    if bundle.exists() and not (bundle / CARD).is_file() and any(bundle.iterdir()):
        raise UserError(f"{bundle} holds something else. Please name a new folder for the model.")


def write_bundle(bundle: Path, card: Card, fill: Callable[[Path], None]) -> Card:
    """Write a whole bundle, or nothing: an earlier bundle is replaced only when the new one is complete.

    ``fill`` is called with an empty folder to put all files into but the card. Returns the card with the
    files' digests. Raises UserError if ``bundle`` is a folder of something else.
    """
    check_place(bundle)
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{bundle.name}-", dir=bundle.parent) as scratch:
        new_bundle = Path(scratch) / "new"
        new_bundle.mkdir()
        fill(new_bundle)
        files = {
            path.relative_to(new_bundle).as_posix(): content_digest(path.read_bytes())
            for path in sorted(new_bundle.rglob("*"))
            if path.is_file()
        }
        complete = Card(**{**asdict(card), "files": files})
        (new_bundle / CARD).write_text(complete.to_json(), encoding="utf-8")
        if bundle.exists():
            shutil.move(bundle, Path(scratch) / "old")
        new_bundle.rename(bundle)
    return complete


@dataclass(frozen=True)
class TrainingRecord:
    """What is known of the training photos: never a photo, a name or a path.

    ``digests`` are SHA-256 in hex, ``labels`` (n,) class indices, ``groups`` (n,) equal for photos of the
    same picture, ``features`` (n, channels) what the model's body sees. ``out_of_sample`` (n, classes) are
    the probabilities by a model that hadn't seen the photo, ``familiarities`` (n,) how like the other
    training photos it was then (see :mod:`bearclf.models.novelty`); NaN where there is none.
    """

    digests: list[str]
    labels: np.ndarray
    groups: np.ndarray
    features: np.ndarray
    out_of_sample: np.ndarray
    familiarities: np.ndarray

    def save(self, path: Path) -> None:
        """Write an ``npz`` file; features are kept as ``float16``, digests as 32 bytes a row."""
        np.savez_compressed(
            path,
            digests=np.frombuffer(bytes.fromhex("".join(self.digests)), np.uint8).reshape(-1, 32),
            labels=self.labels.astype(np.int32),
            groups=self.groups.astype(np.int32),
            features=self.features.astype(np.float16),
            out_of_sample=self.out_of_sample.astype(np.float32),
            familiarities=self.familiarities.astype(np.float32),
        )

    @classmethod
    def load(cls, data: bytes) -> TrainingRecord:
        """From what :meth:`save` has written."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            digests = [row.tobytes().hex() for row in arrays["digests"]]
            # Bundles of before card format 3 have the last under another name.
            last = "familiarities" if "familiarities" in arrays else "known_scores"
            names = ("labels", "groups", "features", "out_of_sample", last)
            return cls(digests, *(arrays[name] for name in names))
