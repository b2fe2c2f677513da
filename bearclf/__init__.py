"""A photo classifier that people who never program can use, build and keep clean.

``import bearclf`` costs next to nothing: each name below is imported when it is first asked for, so that a
visitor's kernel stays free of torch and NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bearclf.errors import UserError as UserError
    from bearclf.prediction.evaluation import evaluate as evaluate
    from bearclf.prediction.predictor import Predictor as Predictor
    from bearclf.protocol.prediction import Answer as Answer
    from bearclf.training.train import train as train
    from bearclf.ui.app import app as app

__version__ = "0.1.0"

_HOMES = {
    "Answer": "bearclf.protocol.prediction",
    "Predictor": "bearclf.prediction.predictor",
    "UserError": "bearclf.errors",
    "app": "bearclf.ui.app",
    "evaluate": "bearclf.prediction.evaluation",
    "train": "bearclf.training.train",
}

__all__ = ["Answer", "Predictor", "UserError", "app", "evaluate", "train"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
