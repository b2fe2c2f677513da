"""Settings from the environment, and limits that several modules share."""

from __future__ import annotations

import os
from os import PathLike
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

VERSION = "0.1.0"

PACKAGE = Path(__file__).parent

AnyPath = str | PathLike[str]
"""A path, as public functions take it."""

MAX_PHOTO_BYTES = 64 * 2**20
"""Largest file, in bytes, that is looked at."""

MAX_PHOTO_PIXELS = 52_000_000
"""Largest picture, in pixels, that is decoded: what phones make, and at most 208 MB with transparency."""

MAX_BATCH_PHOTOS = 200
"""Most photos that are chosen at once."""

MAX_BATCH_BYTES = 1024 * 2**20
"""Largest sum of the photos that are chosen at once, in bytes, before they are shrunk in the browser."""

PHOTO_TYPES = "image/*,.heic,.heif,.avif"
"""What a browser's dialog offers; not every browser counts HEIC among the images."""

WEBSOCKET_BYTES = 256 * 2**20
"""Largest message from a browser, in bytes; each photo, and each slice of a zip, travels in one."""

WORKING_SIDE = 1024
"""Longest side, in pixels, of a decoded photo. Any model's input is smaller."""

THUMBNAIL_SIDE = 264
"""Longest side, in pixels, of a thumbnail: sharp at 132 CSS pixels on a phone's screen."""

SHEET_THUMBNAIL_BYTES = 20_000
"""Largest thumbnail on the contact sheet, in bytes: a page has dozens."""

DEFAULT_EPOCHS = 4
"""Epochs of the course's recipe."""

DEFAULT_ARCHITECTURE = "tf_efficientnet_lite2"
"""The timm architecture whose ImageNet weights come from an installed package, without a hub."""

FORMER_ARCHITECTURE = "tf_efficientnet_lite0"
"""That of earlier versions, whose package is no longer installed."""

DEFAULT_PORT = 8866


def choose_folders(bundle: AnyPath | None = None, training: AnyPath | None = None) -> None:
    """Set ``BEARCLF_BUNDLE`` and ``BEARCLF_TRAINING`` for this process and those that it starts."""
    for name, folder in (("BEARCLF_BUNDLE", bundle), ("BEARCLF_TRAINING", training)):
        if folder is not None:
            os.environ[name] = str(Path(folder).resolve())


def bundle_folder() -> Path:
    """The bundle that is served: ``BEARCLF_BUNDLE``, or the bears that come with the package."""
    chosen = os.environ.get("BEARCLF_BUNDLE")
    return Path(chosen) if chosen else PACKAGE / "bundles" / "bears"


def training_folder() -> Path:
    """The training photos: ``BEARCLF_TRAINING``, or ``training`` beside the folder that the notebook is in.

    Not in that folder, as a server may serve whatever lies there. Where bearclf is installed without its
    notebook's folder, they are kept with the user's data.
    """
    chosen = os.environ.get("BEARCLF_TRAINING")
    if chosen:
        return Path(chosen)
    checkout = PACKAGE.parent
    if (checkout / "app.ipynb").is_file():
        return checkout.parent / "training"
    return data_folder() / "training"


def cache_folder() -> Path:
    """Where computed features are kept between runs: ``BEARCLF_CACHE``, or the user's cache folder."""
    chosen = os.environ.get("BEARCLF_CACHE")
    return Path(chosen) if chosen else user_cache_path("bearclf", appauthor=False)


def data_folder() -> Path:
    """Where retrained models and what visitors say are kept: ``BEARCLF_DATA``, or the user's data folder."""
    chosen = os.environ.get("BEARCLF_DATA")
    return Path(chosen) if chosen else user_data_path("bearclf", appauthor=False)


def curators_hash() -> str:
    """What the curators' passphrase is checked against: ``BEARCLF_CURATORS``, or empty if there is none."""
    return os.environ.get("BEARCLF_CURATORS", "")


def may_find_photos() -> bool:
    """Whether curators may have this server ask others for photos: unless ``BEARCLF_FIND`` is ``off``."""
    return os.environ.get("BEARCLF_FIND", "").strip().lower() not in ("off", "no", "false", "0")


def run_folder() -> Path | None:
    """Where the workers' sockets are: ``BEARCLF_RUN``, or None for the usual place."""
    chosen = os.environ.get("BEARCLF_RUN")
    return Path(chosen) if chosen else None
