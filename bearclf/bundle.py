"""A bundle: the folder that holds a trained model and everything that is known about it.

``export.pkl`` is fastai's exported Learner, ``card.json`` says what it is (with every file's SHA-256),
``features.npz`` holds the training photos' features, ``neighbours.npz`` what tells whether a photo is like
them, ``MODEL_CARD.md`` tells a reader, and ``report/`` shows pictures.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bearclf.card import CARD, Card
from bearclf.folders import content_digest
from bearclf.settings import UserError

EXPORT, FEATURES, NEIGHBOURS = "export.pkl", "features.npz", "neighbours.npz"
MODEL_CARD, REPORT = "MODEL_CARD.md", "report"


def read_checked(bundle: Path, name: str, card: Card) -> bytes:
    """The bytes of one file of a bundle, which are the very ones that the card speaks of.

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


def write_bundle(bundle: Path, card: Card, fill: Callable[[Path], None]) -> Card:
    """Write a whole bundle, or nothing: an earlier bundle is replaced only when the new one is complete.

    ``fill`` is called with an empty folder to put all files into but the card. Returns the card with the
    files' digests. Raises UserError if ``bundle`` is a folder of something else.
    """
    if bundle.exists() and not (bundle / CARD).is_file() and any(bundle.iterdir()):
        raise UserError(f"{bundle} holds something else. Please name a new folder for the model.")
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{bundle.name}-", dir=bundle.parent) as scratch:
        made = Path(scratch) / "new"
        made.mkdir()
        fill(made)
        files = {
            path.relative_to(made).as_posix(): content_digest(path.read_bytes())
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
        complete = Card(**{**asdict(card), "files": files})
        (made / CARD).write_text(complete.to_json(), encoding="utf-8")
        if bundle.exists():
            shutil.move(bundle, Path(scratch) / "old")
        made.rename(bundle)
    return complete


def training_digests(features: bytes) -> list[str]:
    """SHA-256 in hex of each training photo, in order; ``features`` is the content of ``features.npz``."""
    with np.load(io.BytesIO(features), allow_pickle=False) as kept:
        return [row.tobytes().hex() for row in kept["digests"]]


def save_features(
    path: Path,
    features: np.ndarray,
    labels: np.ndarray,
    digests: Sequence[str],
    groups: np.ndarray,
    out_of_sample: np.ndarray,
) -> None:
    """Write what later work needs of the training photos: never a photo, a name or a path.

    ``features`` (n, channels) are kept as ``float16``, ``digests`` as 32 bytes a row. ``out_of_sample``
    (n, classes) are the probabilities by a model that hadn't seen the photo, NaN where there is none.
    """
    np.savez_compressed(
        path,
        features=features.astype(np.float16),
        labels=labels.astype(np.int32),
        digests=np.frombuffer(bytes.fromhex("".join(digests)), np.uint8).reshape(-1, 32),
        groups=groups.astype(np.int32),
        out_of_sample=out_of_sample.astype(np.float32),
    )
