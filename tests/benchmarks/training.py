"""Training and the cleaner beside fastai's: seconds of whole commands, and accuracy on the same photos."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bearclf.features.scan import scan_folder
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import valid_part
from bearclf.training.options import FINE_TUNE_SIZE
from tests.benchmarks.curating import apart, open_desk, open_fastai
from tests.benchmarks.servers import PEERS, ROOT

MEASURES = {
    "bearclf_seconds": ("`bearclf train`, the course's input size", "s"),
    "bearclf_accuracy": ("its accuracy", ""),
    "default_seconds": ("`bearclf train`, its own input size", "s"),
    "default_accuracy": ("its accuracy", ""),
    "course_seconds": ("the course's `vision_learner(…).fine_tune(4)`", "s"),
    "course_accuracy": ("its accuracy", ""),
    "learned": ("photos to learn from", ""),
    "judged": ("photos to be judged on", ""),
    "page_seconds": ("the Clean tab's first page, with empty caches", "s"),
    "scored_seconds": ("all photos scored", "s"),
    "page_again_seconds": ("the first page afterwards, in a new worker", "s"),
    "fastai_cleaner_seconds": ("fastai's `ImageClassifierCleaner`, each time", "s"),
}
"""By key: what is measured, and its unit. Imports are counted, except fastai's for its cleaner."""


def training_figures(photos: Path, scratch: Path) -> dict[str, float]:
    """See :data:`MEASURES`; ``photos`` has class folders, ``scratch`` takes what is made."""
    folder = scratch / "split"
    figures: dict[str, float] = split(photos, folder)
    for name, options in (("bearclf", ["--size", str(FINE_TUNE_SIZE)]), ("default", [])):
        bundle = scratch / f"{name}-bundle"
        train = ["-m", "bearclf", "train", str(folder / "learn"), "--out", str(bundle), *options]
        figures[f"{name}_seconds"], _ = timed(train)
        judge = ["-m", "bearclf", "evaluate", str(folder / "judge"), "--bundle", str(bundle), "--json"]
        _, printed = timed(judge)
        figures[f"{name}_accuracy"] = json.loads(printed)["accuracy"]
        shutil.rmtree(scratch / "cache", ignore_errors=True)  # else the next one finds features in it
    figures["course_seconds"], printed = timed(
        [str(PEERS / "course_training.py"), str(folder), str(FINE_TUNE_SIZE)]
    )
    figures["course_accuracy"] = json.loads(printed.splitlines()[-1])["accuracy"]
    return figures | cleaner_figures(photos, scratch)


def cleaner_figures(photos: Path, scratch: Path) -> dict[str, float]:
    """How long a curator waits for a copy of ``photos``."""
    folder = Path(shutil.copytree(photos, scratch / "training"))
    first: dict[str, Any] = apart(open_desk, folder, False)
    again: dict[str, Any] = apart(open_desk, folder, False)
    return {
        "page_seconds": first["first page"],
        "scored_seconds": first["all scored"],
        "page_again_seconds": again["first page"],
        "fastai_cleaner_seconds": apart(open_fastai, folder),
    }


def split(photos: Path, made: Path) -> dict[str, float]:
    """Copy to ``learn`` and ``judge``, so that versions of one picture stay together; returns how many."""
    with FeatureStore(None) as store:
        scanned = scan_folder(photos, store, unseen)
    is_judged = valid_part([photo.digest for photo in scanned.photos], scanned.groups)
    for photo, judged in zip(scanned.photos, is_judged, strict=True):
        target = made / ("judge" if judged else "learn") / photo.label / photo.path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(photo.path, target)
    return {"learned": float((~is_judged).sum()), "judged": float(is_judged.sum())}


def timed(arguments: list[str]) -> tuple[float, str]:
    """Seconds that Python takes for it, and what it prints."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{shlex.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return time.perf_counter() - started, done.stdout
