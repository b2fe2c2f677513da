"""Is the committed front end what its source builds, checked, tested, and light enough?

``python tests/checks/frontend.py`` needs npm; it installs what ``frontend/package-lock.json`` pins.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
COMMITTED = ROOT / "bearclf/static"
TEMPLATE = "jupyter/nbconvert/templates/bearclf"
BY_HAND = {"__init__.py", f"{TEMPLATE}/conf.json", f"{TEMPLATE}/index.html.j2"}
BUDGET = 125_000
"""Bytes of script and style together, compressed: a page has 215 kB in all."""


def run(*command: str) -> None:
    """Run a command in the front end's folder; raises CalledProcessError with what it said shown."""
    subprocess.run(command, cwd=FRONTEND, check=True)


def files(folder: Path) -> dict[str, bytes]:
    """Content of each file below a folder, by its path in it; of compressed ones, what is in them."""
    return {
        path.relative_to(folder).as_posix(): _unpacked(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _unpacked(path: Path) -> bytes:
    # Every zlib compresses in a way of its own.
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def differences(built: dict[str, bytes]) -> list[str]:
    """What is not in the repository as it is built, in words."""
    committed = files(COMMITTED)
    wrong = [
        f"{COMMITTED.relative_to(ROOT) / name} isn't what `make frontend` makes: please build and commit it."
        for name, content in built.items()
        if committed.get(name) != content
    ]
    unknown = committed.keys() - built.keys() - BY_HAND
    return wrong + [f"Nothing builds {COMMITTED.relative_to(ROOT) / name}." for name in sorted(unknown)]


def sizes(built: dict[str, bytes]) -> list[str]:
    """Prints the sizes; returns what is wrong with them, in words."""
    packed = {name: len(gzip.compress(content, 9)) for name, content in built.items()}
    for name, content in built.items():
        print(f"{name}: {len(content):,} bytes, compressed {packed[name]:,}")
    total = packed[f"{TEMPLATE}/static/page.js"] + packed[f"{TEMPLATE}/static/page.css"]
    print(f"page.js and page.css, compressed: {total:,} of {BUDGET:,}")
    if total > BUDGET:
        return [f"The front end weighs {total:,} bytes compressed; {BUDGET:,} are allowed."]
    return []


def main() -> int:
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    run("npm", "run", "--silent", "check")
    with tempfile.TemporaryDirectory() as folder:
        run("npm", "run", "--silent", "build", "--", folder)
        built = files(Path(folder))
    wrong = [*sizes(built), *differences(built)]
    print("\n".join(wrong) or "The front end is what its source builds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
