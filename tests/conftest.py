"""What several tests need: a folder of class folders, a bundle made of it, and the real photos if there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from bearclf.models.bundle import NETWORK
from bearclf.service.line import prediction_line
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import class_folders
from tests.helpers.pages import Page

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_photos() -> Path:
    """Real photos, which are not in the repository: tests that need them are skipped without."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the photos in {SHARED}")
    return SHARED


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or fills the cache of whoever runs it, nor meets a worker of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BEARCLF_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("BEARCLF_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("BEARCLF_TRAINING", str(SHARED / "bears"))
        # A Unix socket's path is limited to some 100 bytes, which pytest's own folders nearly fill.
        short = Path("/tmp") if sys.platform != "win32" else None
        private = tmp_path_factory.mktemp("run") if short is None else short / f"bearclf-test-{os.getpid()}"
        private.mkdir(mode=0o700, exist_ok=True)
        patch.setenv("BEARCLF_RUN", str(private))
        yield


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of eight drawn patterns each. Not to be changed."""
    return class_folders(tmp_path_factory.mktemp("patterns"))


@pytest.fixture(scope="session")
def pattern_bundle(patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained on the patterns. Not to be changed."""
    from bearclf.photos.store import FeatureStore
    from bearclf.training.train import Options, train

    bundle = tmp_path_factory.mktemp("bundles") / "patterns"
    train(patterns, bundle, Options(size=64), FeatureStore(None), no_progress)
    return bundle


@pytest.fixture
def older_bundle(pattern_bundle: Path, tmp_path: Path) -> Path:
    """As bundles were before their networks came with them."""
    return bundle_with(pattern_bundle, tmp_path / "older", NETWORK, None)


@pytest.fixture
def open_page(pattern_bundle: Path) -> Iterator[Callable[..., Page]]:
    pages = []

    def opened(bundle: Path = pattern_bundle) -> Page:
        pages.append(Page(prediction_line, bundle))
        return pages[-1]

    yield opened
    for page in pages:
        page.line.close()


def no_progress(steps: Iterable, total: int, description: str) -> Iterable:
    """Stands where a progress bar would."""
    return steps
