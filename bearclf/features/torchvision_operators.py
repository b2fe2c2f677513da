"""Let torchvision be imported where its compiled operators don't fit the installed torch.

The registry's torchvision wheel is compiled for the registry's torch. Beside a CPU build of torch its
library of operators can't be loaded, and ``import torchvision`` then stops at the first operator that it
wants to describe (``operator torchvision::nms does not exist``). Nothing here uses those operators: it is
enough that their schemas exist.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

MISSING_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_declared: list[torch.library.Library] = []  # a Library takes its schemas with it when it is collected


def ensure_operators() -> bool:
    """Declare the operators' schemas if, and only if, the compiled ones can't be loaded.

    Call this before the first import of torchvision, timm or fastai. Returns whether anything had to be
    declared; where the compiled operators load, or the schemas are there already, nothing is touched.
    """
    if _declared or _loads_compiled_operators():
        return bool(_declared)
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in MISSING_SCHEMAS:
        library.define(schema)
    _declared.append(library)
    return True


def _loads_compiled_operators() -> bool:
    """Load the library as torchvision itself does; loading it twice is harmless."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return True  # no torchvision at all: the import itself will say so
    for library in Path(spec.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
        return True
    return False
