"""Bundles that differ in one file from those that training makes."""

from __future__ import annotations

import shutil
from pathlib import Path

from bearclf.models.card import CARD, read_card
from bearclf.photos.folders import content_digest


def bundle_with(bundle: Path, copy: Path, name: str, content: bytes | None) -> Path:
    """A copy whose card says that file ``name`` has this content, or that there is none; returns ``copy``."""
    shutil.copytree(bundle, copy, dirs_exist_ok=True)
    card = read_card(copy)
    if content is None:
        (copy / name).unlink()
        del card.files[name]
    else:
        (copy / name).write_bytes(content)
        card.files[name] = content_digest(content)
    (copy / CARD).write_text(card.to_json(), encoding="utf-8")
    return copy
