"""The README's commands do what it says, and Binder gets what it needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bearclf import __version__
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")
INSTALL = (ROOT / "docs" / "install.md").read_text("utf-8")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
COMMANDS = BLOCK.findall(README)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a person gets from git: the committed and the changed files, and nothing that is ignored."""
    copy = tmp_path_factory.mktemp("fresh") / "bearclf"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    return copy


def environment(**more: str) -> dict[str, str]:
    """Ours, less what would lead into the environment, or the make, that runs this test."""
    leading = ("PYTEST", "VIRTUAL_ENV", "PYTHONPATH", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(leading)}
    # With the Python that runs the tests; torch may be had for no other. Bytecode of modules that are never
    # imported is a third of an install's time.
    return kept | {"PYTHON": sys.executable, "PIP_NO_COMPILE": "1"} | more


@pytest.fixture
def served(clone: Path) -> Iterator[str]:
    """The README's first command, left running."""
    [command] = [command for command in COMMANDS if command == "make app\n"]
    process = subprocess.Popen(command, shell=True, cwd=clone, env=environment(), start_new_session=True)
    try:
        with httpx.Client(timeout=60) as client:
            yield wait_for("http://localhost:8866/", client, process)
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def wait_for(url: str, client: httpx.Client, process: subprocess.Popen[bytes]) -> str:
    """The page, once the server answers; installing comes first."""
    while True:
        try:
            return client.get(url).raise_for_status().text
        except httpx.ConnectError:
            try:
                code = process.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"make app ended with {code}")


@pytest.mark.readme
def test_the_readmes_two_commands_work_in_a_fresh_clone(served: str, clone: Path) -> None:
    assert "Which bear is it?" in served
    installed = subprocess.run(
        [str(clone / ".venv/bin/python"), "-m", "pip", "list", "--format=freeze"],
        capture_output=True, text=True, check=True,
    ).stdout.lower()  # fmt: skip
    assert not re.search(r"^(nvidia|triton|cuda)", installed, re.MULTILINE)
    assert (
        subprocess.run([str(clone / ".venv/bin/python"), "-m", "pip", "check"], check=False).returncode == 0
    )
    [command] = [command for command in COMMANDS if command == "make test\n"]
    # It is `make test` that runs this very test: a few tests show that it installs and runs them.
    few = environment(PYTEST_ADDOPTS="-k 'test_state or test_measures or test_folders'")
    assert subprocess.run(command, shell=True, cwd=clone, env=few, check=False).returncode == 0


def test_the_lines_without_make_are_what_make_does(clone: Path) -> None:
    def in_make(target: str) -> list[str]:
        made = subprocess.run(
            ["make", "--dry-run", "--always-make", target],
            cwd=clone,
            env=environment(PYTHON="python3"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = re.sub(r"\\\n\s*", "", made).splitlines()
        return [re.sub(r"\$\(.*?echo (.*?)\)", r"\1", line) for line in lines if not line.startswith("touch")]

    def words(line: str) -> list[str]:
        return sorted(re.sub(r"^\S*python3[\d.]* -m venv", "python3 -m venv", line).split())

    _, without_make = INSTALL.split("## Without make")
    app, test = (block.strip().splitlines() for block in BLOCK.findall(without_make))
    assert [words(line) for line in in_make("app")] == [words(line) for line in app]
    assert [words(line) for line in in_make("test")] == [words(line) for line in (*app[:-1], *test)]


def pythons(folder: Path, **found: str) -> dict[str, str]:
    """An environment in whose PATH there are only these commands, each with what its script does."""
    for name in ("sh", "make", "rm"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, script in found.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    kept = environment(PATH=str(folder))
    del kept["PYTHON"]
    return kept


def dry_run(clone: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    # As if nothing was installed there yet: an environment that is there keeps its Python.
    command = ["make", "--dry-run", "--always-make", "app", "BIN=not/there"]
    return subprocess.run(command, cwd=clone, env=env, capture_output=True, text=True)


def test_make_takes_the_newest_python_that_runs_and_fits(clone: Path, tmp_path: Path) -> None:
    real = f'exec {sys.executable} "$@"'
    of_pyenv, too_old, lacking_venv = "exit 127", "exit 1", "exit 1"
    found = {"python3.13": of_pyenv, "python3.12": real, "python3.11": lacking_venv, "python3": too_old}
    env = pythons(tmp_path, **found)
    assert dry_run(clone, env).stdout.startswith("python3.12 -m venv --clear .venv\n")
    assert dry_run(clone, env | {"PYTHON": "mine"}).stdout.startswith("mine -m venv --clear .venv\n")


def test_without_a_python_that_fits_make_says_what_to_install(clone: Path, tmp_path: Path) -> None:
    done = dry_run(clone, pythons(tmp_path, python3="exit 1"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "sudo apt-get install python3-venv" in done.stderr


def test_every_place_names_the_same_pythons() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = [text.split(" :: ")[-1] for text in project["classifiers"] if "Python :: 3." in text]
    assert project["requires-python"] == f">={named[0]}"
    in_words = f"Python {', '.join(named[:-1])} or {named[-1]}"
    assert in_words in README
    assert in_words in INSTALL
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert in_words in makefile
    assert " ".join(f"python{version}" for version in reversed(named)) in makefile
    assert (
        "({}, {}) <= sys.version_info[:2] <= ({}, {})".format(*f"{named[0]}.{named[-1]}".split("."))
        in makefile
    )
    workflow = (ROOT / ".github/workflows/ci.yml").read_text("utf-8")
    assert f"python: {json.dumps(named)}" in workflow
    ci = (ROOT / ".ci/run").read_text("utf-8")
    assert re.findall(r"^(?:export PYTHON=python|on_newer )(\S+)", ci, re.MULTILINE) == named


def test_the_changelog_begins_with_this_version() -> None:
    assert (
        re.findall(r"^## ([^,\n]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
        == __version__
    )


def test_the_pins_have_no_cuda_and_no_hashes() -> None:
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    assert not re.search(r"^(nvidia|triton|cuda)", pins, re.MULTILINE)
    assert "--hash" not in pins
    lines = [line for line in pins.splitlines() if line and not line.startswith("#")]
    assert all(re.match(r"[\w.-]+(\[[\w,]+\])?==\S+( ; .+)?$", line) for line in lines)
    names = {re.split(r"[=\[]", line)[0] for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {re.split(r"[=>\[]", wanted)[0] for wanted in project["dependencies"]} <= names


def test_binder_gets_the_same_pins_and_stops_at_its_first_error() -> None:
    binder = ROOT / "binder"
    assert (binder / "runtime.txt").read_text().strip() == "python-3.11"
    wanted = [
        line for line in (binder / "requirements.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert wanted == ["--extra-index-url https://download.pytorch.org/whl/cpu", "-r ../requirements.txt"]
    assert os.access(binder / "postBuild", os.X_OK)
    assert "set -euo pipefail" in (binder / "postBuild").read_text()
    assert "urlpath=voila%2Frender%2Fapp.ipynb" in README


@pytest.mark.readme
def test_what_binder_runs_after_the_install_works(clone: Path, tmp_path: Path) -> None:
    """In an environment of its own, on top of the packages that are installed here."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--system-site-packages", str(tmp_path / "env")], check=True
    )
    site = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    (site / "here.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    found = environment(PATH=f"{tmp_path / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    subprocess.run(["binder/postBuild"], cwd=clone, env=found, check=True)
    installed = tmp_path / "env"
    copied = [
        path for path in (installed / "share/jupyter/voila/templates/bearclf").rglob("*") if path.is_file()
    ]
    assert [path.name for path in copied] == ["conf.json"], "what is served lies in the package"
    assert (installed / "etc/jupyter/jupyter_server_config.d/bearclf.json").is_file()
    assert (site / "bearclf/app.ipynb").is_file()
    assert (site / "bearclf/static/jupyter/nbconvert/templates/bearclf/index.html.j2").is_file()


def test_the_notebook_is_a_title_and_one_call() -> None:
    import nbformat

    notebook = nbformat.read(ROOT / "app.ipynb", as_version=4)
    title, call = notebook.cells
    assert (title.cell_type, call.cell_type) == ("markdown", "code")
    assert title.source.startswith("# ")
    assert not call.outputs
