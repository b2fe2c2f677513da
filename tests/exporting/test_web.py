"""The folder of the page that needs no server; tests/browser/test_web.py opens it."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bearclf import export
from bearclf.exporting.places import MARK
from bearclf.models.card import CARD, read_card

LINE_BUDGET = 6_000_000
"""Bytes over the line at a first visit, but for the network."""


@pytest.fixture(scope="module")
def page(slow: None, pattern_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    [folder] = export(pattern_bundle, web=tmp_path_factory.mktemp("around") / "page")
    return folder


def kept(page: Path) -> dict[str, dict[str, int]]:
    first = (page / "service_worker.js").read_text("utf-8").splitlines()[0]
    found = re.fullmatch(r"const KEPT = (.*);", first)
    assert found
    said: dict[str, dict[str, int]] = json.loads(found[1])
    return said


def test_a_browser_keeps_all_that_there_is(page: Path) -> None:
    there = {path.name: path.stat().st_size for path in page.iterdir()}
    assert kept(page)["files"] == {
        name: size for name, size in there.items() if name not in (MARK, "service_worker.js")
    }


def test_it_is_light_beside_the_network(page: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in page.iterdir()}
    assert sum(size for name, size in sizes.items() if not name.startswith("network-")) < LINE_BUDGET


def test_it_names_no_other_host_and_allows_none(page: Path) -> None:
    html = (page / "index.html").read_text("utf-8")
    assert not re.search(r"https?://|//[a-z]", html)
    assert "default-src 'self' 'wasm-unsafe-eval'" in html
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", html)  # nothing inline
    for name in re.findall(r'(?:src|href)="([^"]+)"', html):
        assert (page / name).is_file()


def test_a_phone_can_put_it_on_its_home_screen(page: Path) -> None:
    manifest = json.loads((page / "manifest.webmanifest").read_text("utf-8"))
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "./")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        with Image.open(page / icon["src"]) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_another_model_is_another_version_with_the_same_runtime(
    page: Path, pattern_bundle: Path, tmp_path: Path
) -> None:
    bundle = Path(shutil.copytree(pattern_bundle, tmp_path / "bundle"))
    card = replace(read_card(bundle), noun="<b>&pattern")
    (bundle / CARD).write_text(card.to_json(), encoding="utf-8")
    [other] = export(bundle, web=tmp_path / "page")
    assert kept(other)["version"] != kept(page)["version"]
    shared = set(kept(other)["files"]) & set(kept(page)["files"])
    assert any(name.startswith("runtime-") for name in shared)
    html = (other / "index.html").read_text("utf-8")
    assert "<h1>Which &lt;b&gt;&amp;pattern is it?</h1>" in html
    assert "<b>" not in html


def test_the_same_model_gives_the_same_bytes(page: Path, pattern_bundle: Path, tmp_path: Path) -> None:
    [again] = export(pattern_bundle, web=tmp_path / "page")
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in page.iterdir()
    }


def test_its_files_unpack_without_help_of_a_server(page: Path) -> None:
    for path in page.glob("*.gz"):
        assert gzip.GzipFile(fileobj=io.BytesIO(path.read_bytes())).read(4) in (b"\0asm", b"\x08\x08\x12\x07")
