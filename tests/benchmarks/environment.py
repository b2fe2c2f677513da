"""The second environment: Gradio, Streamlit and onnxruntime, beside the packages of the first.

``python -m tests.benchmarks.environment`` makes ``.venv-bench`` anew if its pins changed. It has its own
versions of what the peers need in another version than bearclf does, such as Pillow; everything else, torch
and fastai first of all, is that of the environment this runs in.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("requirements.txt")
FOLDER = ROOT / ".venv-bench"
PEERS_PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
PACKAGES = Path(sysconfig.get_path("purelib", vars={"base": str(FOLDER), "platbase": str(FOLDER)}))
DONE = FOLDER / "requirements.txt"  # the pins it was made from, once it was


def ensure_environment() -> None:
    """Make the environment, unless it is there and was made from the same pins."""
    if DONE.exists() and DONE.read_bytes() == PINS.read_bytes():
        return
    print(f"Making {FOLDER.name}, once …", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    python = str(PEERS_PYTHON)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(PINS)], check=True)
    # After the install, so that pip never touches what lies there. Ours come last: its own versions win.
    reused = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (PACKAGES / "reused.pth").write_text(reused, "utf-8")
    shutil.copyfile(PINS, DONE)


if __name__ == "__main__":
    ensure_environment()
