"""How fast it is, beside what else could be used: ``python -m tests.benchmarks.bench`` (``make bench``).

Each page in turn, for several rounds; then prediction alone, training and the cleaner. The tables and
pictures in ``docs/bench`` and the table in the README are written anew; with ``--quick``, one round and no
training, nothing is written. With ``--only`` one part is measured, and the others' figures stay as they are.
With ``--tables`` nothing is measured: tables and pictures are made again from the figures that are there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bearclf.service.starting import KEEP_MEMORY
from tests.benchmarks.environment import PACKAGES, ensure_environment
from tests.benchmarks.page import measure_pages
from tests.benchmarks.pictures import draw
from tests.benchmarks.samples import make_samples
from tests.benchmarks.servers import APPS, ROOT
from tests.benchmarks.tables import Results, everything, summary
from tests.benchmarks.training import training_figures

PHOTOS = ROOT.parent / "shared" / "data" / "bears"
WRITTEN = ROOT / "docs" / "bench"
FIGURES = WRITTEN / "figures.json"
README = ROOT / "README.md"
OPENING, CLOSING = "<!-- bench -->", "<!-- /bench -->"

ABOUT = """\
# How fast it is

Written by `make bench`; the raw figures of every round are in [figures.json](figures.json). What the apps
are and how each is started is in `tests/benchmarks/servers.py`, how a visit is measured in
`tests/benchmarks/visits.py`.

All apps but one serve the same model. The one is the floor: a page of stock Voilà with nothing but widgets,
which says how large a file is. It shows what such a page costs before anything is computed, and has no
answers that could be timed; it is usable when its button is.

They run on the same machine, one server at a time, in turn, round by round. Photos are chosen in the
browser's own file dialog. A page is usable from the moment at which its button opens that dialog, after
something was painted, provided that the photo chosen there and then is answered; an answer counts in the
frame that shows it. Before each visit the server has come to rest; only "after a cold start" hasn't it.
Other hosts can't be reached, so no page waits for one. "Second visit" is with the browser's cache of the
first. The slow line is Chromium's, 1.6 Mbit/s down, 750 kbit/s up, 150 ms. Bytes are those that came over
the wire, and the contents of websocket messages before their compression.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--photos", type=Path, default=PHOTOS, help="folder of class folders, 50 photos or more"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--quick", action="store_true", help="a look: one round, no training, nothing written"
    )
    parser.add_argument("--only", choices=("page", "prediction", "training"))
    parser.add_argument(
        "--tables", action="store_true", help="measure nothing: write tables and pictures from figures.json"
    )
    options = parser.parse_args()
    if options.tables:
        write(json.loads(FIGURES.read_text("utf-8")))
        return
    if not options.photos.is_dir():
        parser.error(f"there are no photos in {options.photos}; name a folder of class folders by --photos")
    ensure_environment()
    results: Results = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    with tempfile.TemporaryDirectory(prefix="bench") as made:
        scratch = Path(made)
        private = {name: str(scratch / name) for name in ("cache", "data", "run")}
        os.environ |= {f"BEARCLF_{name.upper()}": path for name, path in private.items()} | KEEP_MEMORY
        (scratch / "run").mkdir(mode=0o700)
        parts: dict[str, Callable[[], Any]] = {
            "page": lambda: pages(options.photos, scratch, 1 if options.quick else options.rounds),
            "prediction": lambda: prediction(options.photos, 30 if options.quick else 100),
            "training": lambda: training_figures(options.photos, scratch),
        }
        wanted = [options.only] if options.only else [name for name in parts if name != "training"]
        if not options.only and not options.quick:
            wanted.append("training")
        for name in wanted:
            before = os.getloadavg()[0]
            figures = parts[name]()
            results[name] = {
                "date": date.today().isoformat(),
                "machine": machine(),
                "load": [before, os.getloadavg()[0]],
                "figures": figures,
            }
    print(everything(results))
    if not options.quick:
        write(results)


def pages(photos: Path, scratch: Path, rounds: int) -> dict[str, list[dict[str, float]]]:
    """See :func:`tests.benchmarks.page.measure_pages`."""
    return measure_pages(APPS, rounds, photos, make_samples(photos, scratch), scratch)


def prediction(photos: Path, number: int) -> dict[str, float]:
    """In a process of its own, which finds in the second environment what the first doesn't have."""
    script = (
        "import json, sys\n"
        f"sys.path.append({str(PACKAGES)!r})\n"
        "from pathlib import Path\n"
        "from tests.benchmarks.prediction import figures\n"
        f"print(json.dumps(figures(Path({str(photos)!r}), {number})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def machine() -> str:
    """How many cores, and of what kind."""
    cpu = platform.processor() or platform.machine()
    if (about := Path("/proc/cpuinfo")).exists():
        named = re.search(r"^model name\s*:\s*(.+)$", about.read_text("utf-8"), re.MULTILINE)
        cpu = named[1] if named else cpu
    return f"{os.cpu_count()} cores ({cpu})"


def write(results: Results) -> None:
    """The raw figures, tables, pictures, and the README's part between its markers."""
    WRITTEN.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (WRITTEN / "README.md").write_text(page(results), "utf-8")
    draw(results, WRITTEN)
    text = README.read_text("utf-8")
    before, _, rest = text.partition(OPENING)
    _, closing, after = rest.partition(CLOSING)
    if not closing:
        raise SystemExit(f"README.md lacks {OPENING} or {CLOSING}; docs/bench is written.")
    README.write_text(before + in_the_readme(results) + after, "utf-8")


def page(results: Results) -> str:
    """The whole of ``docs/bench/README.md``."""
    return ABOUT + everything(results) + "\n"


def in_the_readme(results: Results) -> str:
    """What stands in the README, from its opening mark to its closing one."""
    more = "[All figures and pictures](docs/bench/README.md), and how they were measured."
    return f"{OPENING}\n{summary(results)}\n\n{more}\n{CLOSING}"


if __name__ == "__main__":
    main()
