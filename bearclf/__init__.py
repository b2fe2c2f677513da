"""A photo classifier that people who never program can use, build and keep clean.

``import bearclf`` costs next to nothing: each name below is imported when it is first asked for, so that a
visitor's kernel stays free of torch and NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bearclf.adopting.adopt import adopt as adopt
    from bearclf.errors import UserError as UserError
    from bearclf.exporting.export import export as export
    from bearclf.gathering.gather import gather as gather
    from bearclf.prediction.evaluation import evaluate as evaluate
    from bearclf.prediction.predictor import Predictor as Predictor
    from bearclf.protocol.prediction import Answer as Answer
    from bearclf.reporting.report import report as report
    from bearclf.settings import VERSION as __version__
    from bearclf.training.batch_picture import show_batch as show_batch
    from bearclf.training.options import Options as Options
    from bearclf.training.show_code import show_code as show_code
    from bearclf.training.train import train as train
    from bearclf.ui.app import app as app

_HOMES = {
    "Answer": "bearclf.protocol.prediction.Answer",
    "Options": "bearclf.training.options.Options",
    "Predictor": "bearclf.prediction.predictor.Predictor",
    "UserError": "bearclf.errors.UserError",
    "__version__": "bearclf.settings.VERSION",
    "adopt": "bearclf.adopting.adopt.adopt",
    "app": "bearclf.ui.app.app",
    "evaluate": "bearclf.prediction.evaluation.evaluate",
    "export": "bearclf.exporting.export.export",
    "gather": "bearclf.gathering.gather.gather",
    "report": "bearclf.reporting.report.report",
    "show_batch": "bearclf.training.batch_picture.show_batch",
    "show_code": "bearclf.training.show_code.show_code",
    "train": "bearclf.training.train.train",
}

__all__ = [
    "Answer",
    "Options",
    "Predictor",
    "UserError",
    "__version__",
    "adopt",
    "app",
    "evaluate",
    "export",
    "gather",
    "report",
    "show_batch",
    "show_code",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        module, _, own_name = _HOMES[name].rpartition(".")
        return getattr(import_module(module), own_name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
