"""What browsers get is what lies in the package, as it is now: nothing is copied at install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bearclf.server.template import TEMPLATE
from bearclf.static import FOLDER, JUPYTER_DATA, script, styles
from tests.conftest import ROOT
from tests.helpers.probe import ProbeServer, probing

HERE = JUPYTER_DATA / "nbconvert/templates" / TEMPLATE


@pytest.fixture(scope="module", params=["serve", "jupyter"])
def edited(
    slow: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ProbeServer, Path]]:
    """A server of a copy of the package, and the copy's template, which may be changed."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(
        ROOT / "bearclf", checkout / "bearclf", ignore=shutil.ignore_patterns("bundles", "__pycache__")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(checkout))
        with probing(request.param, tmp_path_factory.mktemp("served")) as server:
            yield server, checkout / HERE.relative_to(ROOT)


@pytest.mark.parametrize(
    "name", ["index.html.j2", "first_look.js", "critical.css", "static/page.js", "static/page.css"]
)
def test_an_edit_is_served_at_once(edited: tuple[ProbeServer, Path], name: str) -> None:
    server, template = edited
    mark = f"/* edited: {name} */"
    (template / name).write_text((template / name).read_text("utf-8") + mark, "utf-8")
    page = server.open("a=query")  # with a kernel of its own: a page that waits was painted before
    if name.startswith("static/"):
        address = next(part for part in page.answer.text.split('"') if f"/{TEMPLATE}/{name}" in part)
        served = page.client.get(address).text
    else:
        served = page.answer.text
    server.leave(page)
    assert mark in served


def test_widgets_and_style_are_read_from_the_package() -> None:
    assert script("drop_zone").is_file()
    assert script("drop_zone").parent == FOLDER
    assert ".bearclf" in styles()
    assert "@layer" not in styles(), "JupyterLab's own style is in none, and would win"


def test_the_template_is_found_before_what_others_have(tmp_path: Path) -> None:
    """An older version of bearclf left a copy of its template in the environment."""
    old = tmp_path / "voila/templates" / TEMPLATE
    old.mkdir(parents=True)
    (old / "index.html.j2").write_text("old")
    program = (
        "from bearclf.server.template import TEMPLATE, offer_template; offer_template(); offer_template()\n"
        "from voila.paths import collect_template_paths\n"
        "print(*collect_template_paths(['voila', 'nbconvert'], TEMPLATE, prune=True), sep='\\n')"
    )
    environment = {**os.environ, "JUPYTER_PATH": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert found.index(str(HERE)) < found.index(str(old))
    assert found.count(str(HERE)) == 1
