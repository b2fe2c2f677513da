"""Is the committed front end what its source builds, and light enough?

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
COMMITTED = ROOT / "share/voila/templates/bearclf/static"
BUDGET = 190_000
"""Bytes of script and style together, compressed: a page has 250 kB in all."""


def run(*command: str) -> None:
    """Run a command in the front end's folder; raises CalledProcessError with what it said shown."""
    subprocess.run(command, cwd=FRONTEND, check=True)


def differences(built: Path) -> list[str]:
    """What is not in the repository as it is built, in words."""
    names = sorted(path.name for path in built.iterdir())
    return [
        f"{COMMITTED / name} isn't what `npm run build` in frontend/ makes: please build and commit it."
        for name in names
        if not (COMMITTED / name).is_file() or (COMMITTED / name).read_bytes() != (built / name).read_bytes()
    ]


def sizes(built: Path) -> list[str]:
    """Prints the sizes; returns what is wrong with them, in words."""
    total = 0
    for name in ("page.js", "page.css"):
        content = (built / name).read_bytes()
        compressed = len(gzip.compress(content, 9))
        total += compressed
        print(f"{name}: {len(content):,} bytes, compressed {compressed:,}")
    print(f"together, compressed: {total:,} of {BUDGET:,}")
    return (
        [f"The front end weighs {total:,} bytes compressed; {BUDGET:,} are allowed."]
        if total > BUDGET
        else []
    )


def main() -> int:
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
    run("npm", "run", "--silent", "check")
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder)
        run("npm", "run", "--silent", "build", "--", str(built))
        wrong = [*sizes(built), *differences(built)]
    print("\n".join(wrong) or "The front end is what its source builds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
