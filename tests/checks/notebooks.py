"""Notebooks are committed without outputs: ``python tests/checks/notebooks.py`` names those that have any."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def unclean(notebook: Path) -> list[str]:
    """What is in the notebook that should not be committed, in words."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return [
        f"{notebook}: cell {number} has {what}"
        for number, cell in enumerate(cells, 1)
        for what in ("outputs", "execution_count")
        if cell.get(what)
    ]


def main() -> int:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    found = [line for name in tracked if name for line in unclean(ROOT / name)]
    print("\n".join(found) or "Notebooks carry no outputs.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
