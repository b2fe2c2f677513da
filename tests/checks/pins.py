"""The pinned requirements are what ``uv pip compile`` makes of pyproject.toml.

``python tests/checks/pins.py`` compares; ``--write`` makes them anew (``make lock``), with ``--upgrade`` from
the newest versions. Torch's own metadata are given in pyproject.toml: the registry's build would bring
gigabytes of CUDA packages into the list, which the CPU build doesn't need.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADER = "# Made by `make lock` from pyproject.toml. Not to be edited.\n"


def compiled(pinned: Path, *options: str) -> str:
    """What uv resolves to, keeping the versions that ``pinned`` has wherever they still fit."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / pinned.name
        if pinned.exists():
            made.write_text(pinned.read_text("utf-8"), "utf-8")
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11"),
                *("--quiet", "--no-header", "--no-annotate", *options, "--output-file", str(made)),
            ],
            cwd=ROOT,
            check=True,
        )
        return HEADER + made.read_text("utf-8")


def main(arguments: list[str]) -> int:
    upgrade = [option for option in arguments if option == "--upgrade"]
    wrong = []
    app, test, docs = (ROOT / folder / "requirements.txt" for folder in ("", "tests", "docs"))
    for pinned, options in (
        (app, ["pyproject.toml"]),
        (test, ["--group", "test", "--constraint", "requirements.txt"]),
        (docs, ["--group", "docs"]),
    ):
        expected = compiled(pinned, *options, *upgrade)
        if "--write" in arguments:
            pinned.write_text(expected, "utf-8")
        elif not pinned.exists() or pinned.read_text("utf-8") != expected:
            wrong.append(pinned.relative_to(ROOT))
    for name in wrong:
        print(f"{name} is not what pyproject.toml asks for: run `make lock`.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
