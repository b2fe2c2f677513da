"""What several tests need: a folder of class folders, a bundle made of it, and the real photos if there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bearclf.models.bundle import NETWORK
from bearclf.photos.progress import unseen
from bearclf.service.line import prediction_line
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import CLASSES, class_folders, encoded, pattern
from tests.helpers.pages import Page

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
# As on the newer Pythons of .ci/run: whatever needs no torch is tested all the same.
NO_TORCH = "needs torch, which is not installed"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, pytest.CollectReport]:
    report = yield
    if report.failed and "No module named 'torch'" in str(report.longrepr):
        report.outcome, report.longrepr = "skipped", (str(collector.path), 1, NO_TORCH)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, Any, Any]:
    try:
        return (yield)
    except ModuleNotFoundError as error:
        if error.name == "torch":
            pytest.skip(NO_TORCH)
        raise


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests are as slow as the fixtures that they ask for."""
    for item in items:
        if isinstance(item, pytest.Function) and "slow" in item.fixturenames:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def slow() -> None:
    """Asked for by fixtures that take their time: ``make quick`` leaves out whatever needs them."""


@pytest.fixture(scope="session")
def shared_photos(slow: None) -> Path:
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


@pytest.fixture
def outside_any_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing says who may curate; what a test says of it is forgotten afterwards."""
    for name in ("BEARCLF_CURATORS", "BINDER_LAUNCH_HOST", "JPY_PARENT_PID", "SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BEARCLF_LISTENS_ON", "")
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of eight drawn patterns each. Not to be changed."""
    return class_folders(tmp_path_factory.mktemp("patterns"))


@pytest.fixture
def folder(patterns: Path, tmp_path: Path) -> Path:
    """A folder of training photos of one's own."""
    return Path(shutil.copytree(patterns, tmp_path / "training"))


@pytest.fixture(scope="session")
def trained(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Train a bundle on a folder of class folders, with the options given; returns the bundle."""
    from bearclf.photos.store import FeatureStore
    from bearclf.training.options import Options
    from bearclf.training.train import train

    def make(folder: Path, **options: Any) -> Path:
        bundle = tmp_path_factory.mktemp("bundles") / options.get("recipe", "probe")
        train(folder, bundle, Options(**options), FeatureStore(None), unseen)
        return bundle

    return make


@pytest.fixture(scope="session")
def pattern_bundle(patterns: Path, trained: Callable[..., Path]) -> Path:
    """A bundle trained on the patterns. Not to be changed."""
    return trained(patterns, size=64)


@pytest.fixture(scope="session")
def tuned_bundle(patterns: Path, trained: Callable[..., Path]) -> Path:
    """A bundle made of the patterns by the course's recipe. Not to be changed."""
    return trained(patterns, recipe="fine-tune", size=48, epochs=1)


@pytest.fixture(scope="session")
def example_bundle(
    patterns: Path, trained: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A bundle that brings a photo of each class to try, the last of them stripes. Not to be changed."""
    examples = tmp_path_factory.mktemp("examples")
    for kind in CLASSES:
        (examples / f"{kind}.png").write_bytes(encoded(pattern(kind, 50).resize((480, 400)), "PNG"))
    return trained(patterns, size=64, examples=examples)


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
