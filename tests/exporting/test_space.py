"""What a container is built from, tried without one: its start command, in a home of its own."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from bearclf import export
from bearclf.exporting.space import PORT
from bearclf.models.card import read_card
from bearclf.settings import VERSION
from tests.conftest import ROOT
from tests.helpers.drawings import encoded, pattern
from tests.helpers.servers import free_port, started


@pytest.fixture(scope="module")
def space(slow: None, pattern_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    [folder] = export(pattern_bundle, space=tmp_path_factory.mktemp("around") / "space")
    return folder


def instructions(space: Path) -> list[tuple[str, str]]:
    text = (space / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def environment(space: Path, home: Path) -> dict[str, str]:
    """As the Dockerfile sets it, with this machine's folders and programs for the container's."""
    said = dict(value.split("=", 1) for name, value in instructions(space) if name == "ENV")
    moved = {
        name: value.replace("/home/user/app", str(space)).replace("/home/user", str(home))
        for name, value in said.items()
    }
    return moved | {"PATH": f"{Path(sys.executable).parent}:{moved['PATH']}"}


def test_it_runs_without_rights_on_exact_versions(space: Path) -> None:
    steps = instructions(space)
    names = [name for name, _ in steps]
    assert steps[0] == ("FROM", "python:3.11-slim")
    assert "--uid 1000" in dict(steps[1:2])["RUN"]
    assert names.index("USER") < names.index("COPY")
    assert ("EXPOSE", str(PORT)) in steps
    install = next(value for name, value in steps if name == "RUN" and "pip install" in value)
    assert {"--no-deps", "--extra-index-url", "-r"} <= set(shlex.split(install))
    assert (space / "requirements.txt").read_bytes() == (ROOT / "requirements.txt").read_bytes()
    assert f'VERSION = "{VERSION}"' in (space / "bearclf/settings.py").read_text("utf-8")
    assert not list(space.rglob("__pycache__"))
    assert not (space / "bearclf/bundles").exists()


def test_hugging_face_reads_where_the_page_is(space: Path) -> None:
    front = re.fullmatch(r"---\n(.*?)---\n.*", (space / "README.md").read_text("utf-8"), re.S)
    assert front
    said = dict(line.split(": ", 1) for line in front[1].splitlines())
    assert (said["sdk"], said["app_port"], said["title"]) == ("docker", str(PORT), '"Which photo is it?"')
    assert "*.pkl filter=lfs" in (space / ".gitattributes").read_text("utf-8")


def test_the_start_command_serves_the_page_and_answers(space: Path, tmp_path: Path) -> None:
    steps = instructions(space)
    here = environment(space, tmp_path)
    assert here["PORT"] == str(PORT)
    here["PORT"] = str(port := free_port())
    checked = next(value for name, value in steps if name == "RUN" and "Predictor" in value)
    subprocess.run(["sh", "-c", checked], cwd=space, env=here, check=True)

    start = json.loads(next(value for name, value in steps if name == "CMD"))
    health = next(value for name, value in steps if name == "HEALTHCHECK").split("CMD ", 1)[1]
    # The same words as the shell's, for Python of this environment.
    module = shlex.split(start[-1].replace("exec python", "").replace("$PORT", here["PORT"]))
    address = f"http://localhost:{port}"
    with started(module, f"{address}/voila/static/none", tmp_path / "log", cwd=space, env=here):
        subprocess.run(["sh", "-c", health], env=here, check=True, timeout=60)
        page = httpx.get(address, timeout=60)
        assert "bearclf-chooser" in page.text
        assert "huggingface.co" in page.headers["Content-Security-Policy"]
    assert "Cleaning is closed" in (tmp_path / "log").read_text("utf-8")
    (tmp_path / "photo.jpg").write_bytes(encoded(pattern("dots", 5)))
    answer = subprocess.run(
        [sys.executable, "-c", "import bearclf; print(bearclf.__file__, bearclf.Predictor('model').predict("
         f"'{tmp_path}/photo.jpg').label)"],
        cwd=space, env=here, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert answer.stdout.split() == [str(space / "bearclf/__init__.py"), "dots"]
    assert read_card(space / "model").classes == ["checks", "dots", "stripes"]
