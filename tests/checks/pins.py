"""The pinned requirements are what ``uv pip compile`` makes of pyproject.toml.

``python tests/checks/pins.py`` compares; ``--write`` makes them anew (``make lock``), with ``--upgrade`` from
the newest versions. Torch's own metadata are given in pyproject.toml: the registry's build would bring
gigabytes of CUDA packages into the list, which the CPU build doesn't need.

Each pin must come ready built for every Python that pyproject.toml names, on Linux, macOS and Windows: nobody
needs a compiler.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADER = "# Made by `make lock` from pyproject.toml. Not to be edited.\n"
PYTHONS = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
UV = (sys.executable, "-m", "uv", "pip")


def compiled(pinned: Path, *options: str) -> str:
    """What uv resolves to, keeping the versions that ``pinned`` has wherever they still fit."""
    with tempfile.TemporaryDirectory() as scratch:
        compiled_file = Path(scratch) / pinned.name
        if pinned.exists():
            compiled_file.write_text(pinned.read_text("utf-8"), "utf-8")
        subprocess.run(
            [
                *(*UV, "compile", "--universal", "--python-version", PYTHONS[0]),
                *("--quiet", "--no-header", "--no-annotate", *options, "--output-file", str(compiled_file)),
            ],
            cwd=ROOT,
            check=True,
        )
        return HEADER + compiled_file.read_text("utf-8")


def not_built_for(pinned: Path, python: str, platform: str) -> str:
    """Why the pins can't be installed there without a compiler, in uv's words, or nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        tried = subprocess.run(
            [
                *(*UV, "install", "--quiet", "--dry-run", "--no-deps", "--only-binary", ":all:"),
                *("--python-version", python, "--python-platform", platform, "--target", scratch),
                *("--requirement", str(pinned)),
            ],
            cwd=ROOT,
            env={**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"},  # the oldest that onnxruntime serves
            capture_output=True,
            text=True,
        )
    return tried.stderr if tried.returncode else ""


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
    missing = [
        f"{pinned.relative_to(ROOT)} can't be installed with Python {python} on {platform}:\n{reason}"
        for pinned in (app, test)
        for python in PYTHONS
        for platform in PLATFORMS
        if (reason := not_built_for(pinned, python, platform))
    ]
    print("\n".join(missing) or f"Every pin is to be had ready built for Python {', '.join(PYTHONS)}.")
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
