"""How long curators wait: opening a folder, a page of photos, training again; beside fastai's cleaner.

``python tests/benchmarks/curating.py FOLDER`` works on a copy of FOLDER, with empty caches. With ``--photos
N`` the copy is filled up to N photos by cropping, mirroring and shading those there are. With ``--fastai``
``ImageClassifierCleaner`` is opened on the same photos, with a network that knows nothing yet: how long that
takes doesn't depend on what it knows.
"""

from __future__ import annotations

import argparse
import builtins
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image, ImageEnhance, ImageOps

from bearclf.photos.folders import list_photos
from bearclf.protocol.base import Trouble
from bearclf.protocol.curation import CurationAnnouncement, Progress, ShowSheet
from bearclf.protocol.records import Focus, Order
from bearclf.service.starting import KEEP_MEMORY
from bearclf.settings import DEFAULT_ARCHITECTURE

MB = 2**20


class Stopwatch:
    """Hears what a desk tells, and when."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.ended = threading.Event()
        self.quarters: list[float] = []

    def on_announcement(self, message: CurationAnnouncement) -> None:
        if isinstance(message, Progress):
            if not message.what:
                self.ended.set()
            elif message.what == "Looking at photos" and message.total:
                quarter = 4 * message.done // message.total
                if len(self.quarters) < quarter:
                    self.quarters.append(self.seconds())
        elif isinstance(message, Trouble):
            print("problem:", message.message)

    def seconds(self) -> float:
        return time.perf_counter() - self.started


def memory() -> float:
    """Of this process, in MB."""
    return float(psutil.Process().memory_full_info().uss) / MB


def sheet(order: Order, page: int = 0) -> ShowSheet:
    return ShowSheet(label="", part="all", order=order, focus=Focus(), page=page, page_size=24)


def open_desk(folder: Path, retrain: bool) -> dict[str, Any]:
    """Open a folder in a process of its own; times in seconds from before the imports, memory in MB."""
    watch = Stopwatch()
    from bearclf.curation.desk import Desk
    from bearclf.settings import bundle_folder

    before = memory()
    desk = Desk(folder, bundle_folder(), watch.on_announcement)
    desk.open()
    desk.sheet(sheet("mislabelled"))
    figures: dict[str, Any] = {"first page": watch.seconds()}
    if desk.is_busy:
        watch.ended.wait()
    figures |= {"all scored": watch.seconds(), "grown by MB": memory() - before, "quarters": watch.quarters}
    pages = [timed(partial(desk.sheet, sheet("loss", page))) for page in range(0, 200, 10)]
    figures["slowest of 20 pages"] = max(pages)
    for name in ("retraining, cold", "retraining") if retrain else ():
        watch.ended.clear()
        desk.retrain("probe")
        figures[name] = timed(watch.ended.wait)
    return figures


def open_fastai(folder: Path) -> float:
    """Seconds until fastai's cleaner shows its first photos, without its imports."""
    from bearclf.features.torchvision_operators import ensure_operators

    ensure_operators()
    from fastai.vision.all import ImageDataLoaders, RandomResizedCrop, error_rate, vision_learner
    from fastai.vision.widgets import ImageClassifierCleaner

    builtins.display = lambda *_: None  # type: ignore[attr-defined]  # a notebook has one, and fastai uses it
    crops = RandomResizedCrop(224, min_scale=0.5)
    loaders = ImageDataLoaders.from_folder(folder, valid_pct=0.2, seed=42, item_tfms=crops, num_workers=0)
    learner = vision_learner(loaders, DEFAULT_ARCHITECTURE, pretrained=False, metrics=error_rate)
    with learner.no_bar():
        return timed(partial(ImageClassifierCleaner, learner))


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def augment(folder: Path, photos: int) -> None:
    """Fill a folder of class folders up."""
    listed = list_photos(folder)
    random = np.random.default_rng(0)
    for number in range(photos - len(listed)):
        path, _ = listed[number % len(listed)]
        try:
            photo = Image.open(path).convert("RGB")
        except OSError:
            continue
        width, height = photo.size
        left, top = (int(random.uniform(0, 0.25) * side) for side in (width, height))
        photo = photo.crop((left, top, left + int(0.75 * width), top + int(0.75 * height)))
        photo.thumbnail((400, 400))
        photo = ImageOps.mirror(photo) if random.random() < 0.5 else photo
        photo = ImageEnhance.Brightness(photo).enhance(random.uniform(0.7, 1.3))
        photo.save(path.with_name(f"augmented_{number}.jpg"), quality=88)


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """In a new process, as a worker is."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=0)
    parser.add_argument("--fastai", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"BEARCLF_CACHE": f"{scratch}/cache", "BEARCLF_DATA": f"{scratch}/data", **KEEP_MEMORY}
        folder = Path(shutil.copytree(options.folder, Path(scratch) / "training"))
        augment(folder, options.photos)
        print(f"{len(list_photos(folder))} photos")
        show("first time", apart(open_desk, folder, False))
        show("afterwards, a new worker", apart(open_desk, folder, True))
        if options.fastai:
            print(f"fastai's ImageClassifierCleaner: {apart(open_fastai, folder):.1f} s")


def show(title: str, found: dict[str, Any]) -> None:
    quarters = found.pop("quarters")
    print(f"{title}: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
    if quarters:
        print("  looking, by quarters: " + ", ".join(f"{second:.1f}" for second in quarters))


if __name__ == "__main__":
    main()
