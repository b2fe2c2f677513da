"""The options of a training, and the command line that says the same."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from bearclf.settings import DEFAULT_ARCHITECTURE, DEFAULT_EPOCHS

RECIPES = ("probe", "fine-tune")
PROBE_SIZE, FINE_TUNE_SIZE = 320, 224


@dataclass(frozen=True)
class Options:
    """The options of a training.

    ``size`` is the side of the model's input in pixels (None: the recipe's own); ``epochs`` only counts for
    ``fine-tune``. ``noun`` is what all classes are, such as "bear". ``report_photos`` says whether the
    report may show photos. ``examples`` is a folder of up to three photos that the bundle may show, for
    visitors to try. ``elsewhere`` is a folder of class folders with photos from another source, which
    are never learned from: the card then tells how the model does on them.
    """

    recipe: str = "probe"
    architecture: str = DEFAULT_ARCHITECTURE
    epochs: int = DEFAULT_EPOCHS
    size: int | None = None
    seed: int = 42
    noun: str = ""
    report_photos: bool = True
    examples: Path | None = None
    elsewhere: Path | None = None

    @property
    def input_size(self) -> int:
        """``size``, or the recipe's own."""
        return self.size or (PROBE_SIZE if self.recipe == "probe" else FINE_TUNE_SIZE)

    def command(self, folder_name: str) -> str:
        """The command line that trains the same way, without any path of this machine."""
        words = [
            *("python", "-m", "bearclf", "train", folder_name, "--out", "BUNDLE"),
            *("--recipe", self.recipe, "--arch", self.architecture, "--size", str(self.input_size)),
            *(("--epochs", str(self.epochs)) if self.recipe == "fine-tune" else ()),
            *("--seed", str(self.seed)),
            *(("--noun", self.noun) if self.noun else ()),
            *(("--elsewhere", self.elsewhere.resolve().name) if self.elsewhere else ()),
            *(() if self.report_photos else ("--no-photos",)),
        ]
        return shlex.join(words)
