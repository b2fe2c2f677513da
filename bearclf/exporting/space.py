"""The page with its model as a container: what a Hugging Face Docker Space, or any other host, builds.

The package goes along as its source. A wheel can't be made of an installed package, and the version that
made the export may be in no registry; so the container runs what ran here, with the pins it was tested with.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from bearclf.errors import UserError
from bearclf.models.bundle import read_checked
from bearclf.models.card import CARD, introduction, read_card
from bearclf.settings import PACKAGE, WEBSOCKET_BYTES

PORT = 7860
"""Where a Space looks for its page."""

MODEL = "model"
PINS = "requirements.txt"
NOTEBOOK = "app.ipynb"

DOCKERFILE = f"""\
FROM python:3.11-slim
RUN useradd --create-home --uid 1000 user
USER user
WORKDIR /home/user/app
ENV HOME=/home/user
ENV PATH=/home/user/.local/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONUNBUFFERED=1
ENV PYTHONPATH=/home/user/app
ENV BEARCLF_BUNDLE=/home/user/app/{MODEL}
ENV BEARCLF_DATA=/home/user/data
ENV BEARCLF_CACHE=/home/user/cache
ENV PORT={PORT}
COPY --chown=user {PINS} ./
# PyTorch's own index has builds without CUDA, which is gigabytes.
RUN python -m pip install --user --no-cache-dir --no-deps \
--extra-index-url https://download.pytorch.org/whl/cpu -r {PINS}
COPY --chown=user . ./
# An image that can't answer is not built.
RUN python -c "from bearclf import Predictor; Predictor('{MODEL}')"
EXPOSE {PORT}
HEALTHCHECK --start-period=60s CMD python -c "import os, urllib.request as web; \
web.urlopen('http://localhost:' + os.environ['PORT'] + '/voila/templates/bearclf/static/page.css', timeout=5)"
CMD ["sh", "-c", "exec python -m bearclf serve --ip 0.0.0.0 --port $PORT"]
"""

LARGE_FILES = "".join(
    f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in ("pkl", "npz", "onnx")
)
"""``.gitattributes``: Hugging Face takes files over 10 MB by Git LFS only."""

SERVER = {
    "Voila": {
        "tornado_settings": {
            "websocket_max_message_size": WEBSOCKET_BYTES,
            # A Space is shown within a page of Hugging Face.
            "headers": {"Content-Security-Policy": "frame-ancestors 'self' https://huggingface.co"},
        }
    }
}
"""``voila.json``."""


def fill_space(folder: Path, bundle: Path) -> None:
    """Write all that the container is built from into an empty folder.

    Raises UserError if a file of the bundle isn't what its card says, or the installation isn't whole.
    """
    card = read_card(bundle)
    for name in card.files:
        path = folder / MODEL / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read_checked(bundle, name, card))
    shutil.copy(bundle / CARD, folder / MODEL / CARD)
    left_out = shutil.ignore_patterns("__pycache__", "bundles", PINS, NOTEBOOK)
    shutil.copytree(PACKAGE, folder / "bearclf", ignore=left_out)
    for name in (PINS, NOTEBOOK):
        shutil.copy(_brought_along(name), folder / name)
    texts = {
        "Dockerfile": DOCKERFILE,
        "README.md": _readme(card.noun or "photo", " ".join(introduction(card))),
        "voila.json": json.dumps(SERVER, indent=2) + "\n",
        ".gitattributes": LARGE_FILES,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _brought_along(name: str) -> Path:
    """A file that a wheel carries inside the package, and a checkout beside it."""
    for place in (PACKAGE, PACKAGE.parent):
        if (place / name).is_file():
            return place / name
    raise UserError(f"{name} is missing: please install bearclf again.")


def _readme(noun: str, introduced: str) -> str:
    return f"""\
---
title: {json.dumps(f"Which {noun} is it?", ensure_ascii=False)}
emoji: 📷
colorFrom: green
colorTo: gray
sdk: docker
app_port: {PORT}
pinned: false
---

{introduced}

Build and run it anywhere: `docker build -t classifier . && docker run -p {PORT}:{PORT} classifier`. `PORT` is
where it listens in the container. Nobody may change anything on the page unless `BEARCLF_CURATORS` is set.
"""
