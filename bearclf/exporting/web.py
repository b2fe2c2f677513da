"""A page that needs no server: a folder that any host of files can hand out, and any phone can keep.

The browser's side is built from ``frontend/src/web``. What is written here is the model, what the page says
of it, and which files a browser keeps.
"""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from bearclf.exporting.icon import icon
from bearclf.exporting.network import Standalone, in_16_bits
from bearclf.models.card import Card, display_names, introduction
from bearclf.settings import MAX_BATCH_PHOTOS, MAX_PHOTO_BYTES, MAX_PHOTO_PIXELS, WORKING_SIDE
from bearclf.static import WEB

ICON_SIDES = (192, 512)
PAPER = "#faf8f4"


def fill_web(folder: Path, network: Standalone) -> None:
    """Write the page that answers by ``network`` into an empty folder."""
    card = network.card
    model = gzip.compress(in_16_bits(network.model).SerializeToString(), 9, mtime=0)
    runtime = (WEB / "runtime.wasm.gz").read_bytes()
    # A browser has to fetch these again only if they have changed.
    names = {
        "network": f"network-{_digest(model)}.onnx.gz",
        "runtime": f"runtime-{_digest(runtime)}.wasm.gz",
    }
    contents = {
        "index.html": _page(card),
        **{name: (WEB / name).read_bytes() for name in ("page.js", "page.css", "worker.js", "licences.txt")},
        "model.json": _json(
            {
                "classes": card.classes,
                "names": display_names(card.classes, card.noun),
                "noun": card.noun,
                "none_below": card.none_below,
                "known_from": card.known_from,
                "resize": network.seen.as_json(),
                "working_side": WORKING_SIDE,
                "max_photo_bytes": MAX_PHOTO_BYTES,
                "max_photo_pixels": MAX_PHOTO_PIXELS,
                "max_photos": MAX_BATCH_PHOTOS,
                **names,
            }
        ),
        "manifest.webmanifest": _manifest(card),
        **{f"icon-{side}.png": icon(side) for side in ICON_SIDES},
        names["network"]: model,
        names["runtime"]: runtime,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    version = _digest(b"".join(sha256(contents[name]).digest() for name in sorted(contents)))
    kept = {"version": version, "files": {name: len(content) for name, content in contents.items()}}
    script = (WEB / "service_worker.js").read_bytes()
    (folder / "service_worker.js").write_bytes(b"const KEPT = " + _json(kept) + b";\n" + script)


def title(card: Card) -> str:
    """The page's heading."""
    return f"Which {card.noun} is it?" if card.noun else "What is it?"


def _page(card: Card) -> bytes:
    knows, limits = introduction(card)
    words = {"title": title(card), "knows": knows, "limits": limits}
    page = Template((WEB / "index.html").read_text("utf-8"))
    return page.substitute({name: escape(text) for name, text in words.items()}).encode()


def _manifest(card: Card) -> bytes:
    return _json(
        {
            "name": title(card),
            "short_name": title(card),
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "background_color": PAPER,
            "theme_color": PAPER,
            "icons": [
                {
                    "src": f"icon-{side}.png",
                    "sizes": f"{side}x{side}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for side in ICON_SIDES
                for purpose in ("any", "maskable")
            ],
        }
    )


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
