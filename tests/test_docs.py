"""What the pages say is so: commands, options, variables, files, buttons and figures on them are there."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest

from bearclf.cli import main
from bearclf.exporting.export import export
from bearclf.settings import bundle_folder
from tests.benchmarks import bench
from tests.benchmarks.servers import FLOOR
from tests.conftest import ROOT
from tests.helpers.drawings import encoded, teddy
from tests.test_architecture import ROOMS

DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
}
FOR_EVERYBODY = ("docs/visitor.md", "docs/teacher.md", "docs/curator.md")
OF_THE_SYSTEM = {"sudo", "export", "hostname", "git"}  # commands that are no concern of ours
NOT_FOR_PEOPLE = {"BEARCLF_LISTENS_ON"}  # what the server tells its kernels

Block = tuple[str, str]
"""A page's name, and the code of a block on it."""


def blocks(language: str) -> list[Block]:
    return [
        (name, code)
        for name, text in PAGES.items()
        for code in re.findall(rf"```{language}\n(.*?)```", re.sub(r"^   ", "", text, flags=re.M), re.S)
    ]


def in_code(name: str) -> list[str]:
    """Whatever stands between backticks in the text of a page."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", PAGES[name], flags=re.S))


def source(*patterns: str, of: tuple[str, ...] = ("bearclf",)) -> str:
    files = [path for folder in of for pattern in patterns for path in sorted((ROOT / folder).rglob(pattern))]
    return "\n".join(path.read_text("utf-8") for path in files if "node_modules" not in path.parts)


@pytest.fixture
def options_of(capsys: pytest.CaptureFixture[str]) -> dict[str, set[str]]:
    """The options of each command, as its --help has them."""

    def help_of(*words: str) -> str:
        with pytest.raises(SystemExit):
            main([*words, "--help"])
        return capsys.readouterr().out

    commands = re.findall(r"^    (\w+)\s+\S", help_of(), re.M)
    assert "serve" in commands
    return {one: set(re.findall(r"--[a-z][a-z0-9-]*", help_of(one))) - {"--help"} for one in commands}


def test_every_command_in_a_block_can_be_given(options_of: dict[str, set[str]]) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page, block in blocks("sh"):
        for line in block.strip().splitlines():
            words = shlex.split(re.sub(r"^[A-Z_]+='[^']*' ", "", line))
            if words[0] == "make":
                assert words[1] in targets, f"{page}: {line}"
            elif words[1:3] == ["-m", "bearclf"]:
                used = {word for word in words if word.startswith("--")}
                assert used <= options_of[words[3]], f"{page}: {line}"
            elif words[0] == "sh":
                assert (ROOT / words[1]).is_file(), f"{page}: {line}"
            else:
                known = words[1:3] in (["-m", "venv"], ["-m", "pip"], ["-m", "pytest"])
                assert known or words[0] in OF_THE_SYSTEM, f"{page}: {line}"
                assert all((ROOT / word).exists() for word in words if word.startswith("tests/")), line


def test_every_command_and_option_is_in_the_pages_and_no_other(options_of: dict[str, set[str]]) -> None:
    ours = "\n".join(PAGES[name] for name in ("docs/student.md", "docs/operator.md"))
    for command, options in options_of.items():
        assert f"### {command}\n" in ours or f"python -m bearclf {command}" in ours
        for option in options:
            assert f"`{option}`" in ours, f"{command} {option} is not documented"
    everything = set.union(*options_of.values()) | set(
        re.findall(r'"(--[a-z0-9-]+)"', source("*.py", of=("tests",)))
    )
    for name, text in PAGES.items():
        assert set(re.findall(r"`(--[a-z0-9-]+)", text)) <= everything, name
        assert set(re.findall(r"python -m bearclf (\w+)", text)) <= options_of.keys(), name


def test_every_variable_is_explained_to_operators_and_no_other() -> None:
    read = set(re.findall(r"BEARCLF_[A-Z_]+", source("*.py"))) - NOT_FOR_PEOPLE
    explained = re.findall(r"^\| `(BEARCLF_[A-Z_]+)` \|", PAGES["docs/operator.md"], re.M)
    assert sorted(explained) == sorted(read)
    for name, text in PAGES.items():
        assert set(re.findall(r"BEARCLF_[A-Z_]+", text)) <= read, name


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    for path in re.findall(r"\]\((?!http)([^)#]+)", PAGES[name]):
        assert (ROOT / name).parent.joinpath(path).exists(), path
    for span in in_code(name):
        if re.match(r"(bearclf|tests|docs|frontend|binder)/\S*$", path := span.split()[0]):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", FOR_EVERYBODY)
def test_every_button_that_a_page_names_is_on_the_page(name: str) -> None:
    """What is bold is a word of the page, unless it is a whole sentence."""
    on_the_page = source("*.py", "*.ts", "*.j2", of=("bearclf", "frontend"))
    for words in re.findall(r"\*\*([^*]+?)\*\*", PAGES[name].replace("\n", " ")):
        assert words.endswith(".") or words in on_the_page, words


def test_every_name_that_contributors_are_sent_to_is_in_the_code() -> None:
    code = source("*.py")
    for span in in_code("docs/contributor.md"):
        if re.fullmatch(r"_?[A-Z]+[A-Z_]*|\w+\(\)", span):
            assert re.search(rf"\b{span.removesuffix('()')}\b", code), span


def test_the_pictures_are_small() -> None:
    pictures = sorted((DOCS / "pictures").glob("*.png"))
    assert [path.name for path in pictures] == ["clean.png", "identify.png", "report.png", "seen.png"]
    assert all(path.stat().st_size < 150_000 for path in pictures)


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize(("name", "code"), blocks("python"))
def test_the_lines_of_python_run(
    name: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(encoded(teddy()))
    for bundle in (tmp_path / "pets-model", tmp_path / "bearclf" / "bundles" / "bears"):
        bundle.parent.mkdir(parents=True, exist_ok=True)
        bundle.symlink_to(bundle_folder())
    export("pets-model", onnx="pets.onnx")
    exec(compile(code, name, "exec"), {})
    assert "teddy" in capsys.readouterr().out


def test_the_tables_are_those_of_the_figures() -> None:
    results = json.loads(bench.FIGURES.read_text("utf-8"))
    assert PAGES["docs/bench/README.md"] == bench.page(results)
    assert bench.in_the_readme(results) in PAGES["README.md"]


def test_an_app_without_a_model_has_no_answers_in_the_tables() -> None:
    table = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in PAGES["docs/bench/README.md"].splitlines()
        if line.startswith("|")
    ]
    column = table[0].index(FLOOR)
    shown = {row[0]: row[column] for row in table if len(row) == len(table[0])}
    assert shown["page usable: a photo chosen now is answered"] != "–"
    assert {shown[row] for row in shown if "answer" in row and "usable" not in row} == {"–"}


def test_contributings_list_of_rooms_is_the_tree() -> None:
    """Each folder and module of the package once, from above to below, and nothing that isn't there."""
    named, of_the_script = (
        re.findall("`([^`]+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", part, re.M)))
        for part in PAGES["CONTRIBUTING.md"].split("\n## ")[1:]
    )
    assert all((ROOT / name).exists() for name in named)
    assert all((ROOT / "frontend" / name).exists() for name in of_the_script)
    inside = Counter(name.removeprefix("bearclf/") for name in named if name.startswith("bearclf/"))
    tree = [path.name + "/" * path.is_dir() for path in (ROOT / "bearclf").iterdir()]
    assert inside == Counter(one for one in tree if one.endswith(("/", ".py")) and one != "__pycache__/")
    rooms = [re.sub(r"/$|\.py$", "", name) for name in inside]
    assert [room for room in rooms if room in ROOMS] == list(reversed(ROOMS))
