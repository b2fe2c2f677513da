"""The options of a training, which recipe each belongs to, and the command line that says the same."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bearclf.errors import UserError
from bearclf.features.backbones import HUB, PACKAGE
from bearclf.models.card import in_words
from bearclf.settings import DEFAULT_ARCHITECTURE, DEFAULT_EPOCHS
from bearclf.training.transforms import AUGMENTS, RESIZES

RECIPES = ("probe", "fine-tune", "best")
PROBE_SIZE, FINE_TUNE_SIZE = 320, 224

FOLDER = "folder"
"""Of ``valid``: the folder itself says what is held out."""

AUTO = "auto"
"""Of ``lr``: as fastai's ``lr_find`` suggests."""

LR_FIND_STEPS = 50
"""Batches that ``lr_find`` tries; fastai's 100 would take longer than training on a few hundred photos."""

SMALLEST, LARGEST = 32, 1024
"""Sides of a model's input, in pixels."""


def _of(flag: str, *recipes: str) -> dict[str, Any]:
    """What is known of a field: its flag on the command line, and the recipes (none: all) that ask for it."""
    return {"flag": flag, "recipes": recipes or RECIPES}


@dataclass(frozen=True)
class Options:
    """The options of a training.

    ``size`` is the side of the model's input in pixels (None: the recipe's own). ``noun`` is what all classes
    are, such as "bear". ``report_photos`` says whether the report may show photos. ``examples`` is a folder
    of up to three photos that the bundle may show, for visitors to try. ``elsewhere`` is a folder of class
    folders with photos from another source, which are never learned from: the card then tells how the model
    does on them.

    ``valid`` is the share of pictures that is held out, or "folder" where the training folder has ``train``
    and ``valid``, each with the class folders (None: a fifth, and cross-validation for ``probe``).
    ``weights`` are "package", "hub" or a file (None: the package's if it has this architecture's).
    ``labels`` is a table that says which labels each photo has, with ``label_delim`` between two, in place of
    class folders. ``resize`` is one of :data:`bearclf.training.transforms.RESIZES` (None: the recipe's own).

    For ``fine-tune``: ``augment`` is one of :data:`bearclf.training.transforms.AUGMENTS`. ``lr`` is a
    learning rate, "auto" or None for fastai's. ``epochs`` follow on ``freeze_epochs`` in which only the head
    learns, both for each size of ``progressive``, which grow. After ``patience`` epochs that were no better
    training ends, and its best epoch, by the loss on held-out photos, is kept. ``fp16`` needs a GPU.

    For ``best``: ``minutes`` to try others in.
    """

    recipe: str = field(default="probe", metadata=_of("--recipe"))
    architecture: str = field(default=DEFAULT_ARCHITECTURE, metadata=_of("--arch"))
    epochs: int = field(default=DEFAULT_EPOCHS, metadata=_of("--epochs", "fine-tune"))
    size: int | None = field(default=None, metadata=_of("--size", "probe", "fine-tune"))
    seed: int = field(default=42, metadata=_of("--seed"))
    noun: str = field(default="", metadata=_of("--noun"))
    report_photos: bool = field(default=True, metadata=_of("--no-photos"))
    examples: Path | None = field(default=None, metadata=_of("--examples"))
    elsewhere: Path | None = field(default=None, metadata=_of("--elsewhere"))
    valid: float | str | None = field(default=None, metadata=_of("--valid"))
    weights: str | Path | None = field(default=None, metadata=_of("--weights"))
    labels: Path | None = field(default=None, metadata=_of("--labels", "probe", "fine-tune"))
    label_delim: str = field(default=" ", metadata=_of("--label-delim", "probe", "fine-tune"))
    resize: str | None = field(default=None, metadata=_of("--resize", "probe", "fine-tune"))
    augment: str = field(default="course", metadata=_of("--augment", "fine-tune"))
    flip_vert: bool = field(default=False, metadata=_of("--flip-vert", "fine-tune"))
    lr: float | str | None = field(default=None, metadata=_of("--lr", "fine-tune"))
    freeze_epochs: int = field(default=1, metadata=_of("--freeze-epochs", "fine-tune"))
    patience: int | None = field(default=None, metadata=_of("--patience", "fine-tune"))
    progressive: tuple[int, ...] = field(default=(), metadata=_of("--progressive", "fine-tune"))
    fp16: bool = field(default=False, metadata=_of("--fp16", "fine-tune"))
    minutes: float = field(default=10.0, metadata=_of("--minutes", "best"))

    def __post_init__(self) -> None:
        """Paths may be given as text."""
        for name in ("examples", "elsewhere", "labels", "weights"):
            value = getattr(self, name)
            if isinstance(value, str) and not (name == "weights" and value in (PACKAGE, HUB)):
                object.__setattr__(self, name, Path(value))

    @property
    def input_size(self) -> int:
        """``size``, or the recipe's own."""
        if self.progressive:
            return self.progressive[-1]
        return self.size or (FINE_TUNE_SIZE if self.recipe == "fine-tune" else PROBE_SIZE)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sides of the inputs to learn from, one after the other."""
        return self.progressive or (self.input_size,)

    @property
    def resized(self) -> str:
        """``resize``, or the recipe's own."""
        return self.resize or ("random" if self.recipe == "fine-tune" else "squish")

    @property
    def weights_from(self) -> str | Path:
        """``weights``, or where those of the architecture are."""
        return self.weights or (PACKAGE if self.architecture == DEFAULT_ARCHITECTURE else HUB)

    def check(self) -> None:
        """Raises UserError for what can't be, or means nothing for the recipe."""
        if self.recipe not in RECIPES:
            raise UserError(f"There is no recipe “{self.recipe}”: choose {in_words(RECIPES, 'or')}.")
        for option in fields(self):
            recipes = option.metadata["recipes"]
            if self.recipe not in recipes and getattr(self, option.name) != option.default:
                raise UserError(
                    f"{option.metadata['flag']} is for the recipe {in_words(recipes, 'or')}, and means "
                    f"nothing for {self.recipe}. Leave it out, or add --recipe {recipes[-1]}."
                )
        self._check_choices()
        self._check_numbers()
        self._check_labels()

    def _check_labels(self) -> None:
        if self.labels is None and self.label_delim != " ":
            raise UserError("--label-delim says what stands between two labels of a table: add --labels.")
        if self.labels is not None and self.valid == FOLDER:
            raise UserError("--valid folder is for class folders. With --labels, give a share such as 0.2.")
        if self.labels is not None and self.elsewhere is not None:
            raise UserError(
                "--elsewhere is a folder of class folders, which can't say several labels. Leave it out: "
                "photos are held out with all that look like them."
            )

    def _check_choices(self) -> None:
        for flag, chosen, choices in (
            ("--resize", self.resized, RESIZES),
            ("--augment", self.augment, AUGMENTS),
        ):
            if chosen not in choices:
                raise UserError(f"{flag} can't be “{chosen}”: choose {in_words(choices, 'or')}.")
        if self.recipe == "probe" and self.resized == "random":
            raise UserError(
                "--resize random is for the recipe fine-tune: probe looks at each photo once. Choose crop, "
                "pad or squish."
            )
        if self.weights_from == PACKAGE and self.architecture != DEFAULT_ARCHITECTURE:
            raise UserError(
                f"Only the weights of {DEFAULT_ARCHITECTURE} come with a package. For {self.architecture} "
                "choose --weights hub, or a file."
            )

    def _check_numbers(self) -> None:
        valid, lr = self.valid, self.lr
        if valid is not None and valid != FOLDER and (isinstance(valid, str) or not 0 < valid < 1):
            raise UserError(
                f"--valid can't be {self.valid}: give a share between 0 and 1, such as 0.2, or “{FOLDER}” if "
                "the folder has the photos sorted into train and valid."
            )
        if lr is not None and lr != AUTO and (isinstance(lr, str) or not 0 < lr < math.inf):
            raise UserError(f"--lr can't be {self.lr}: give a number such as 0.002, or “{AUTO}”.")
        sizes = self.progressive
        if list(sizes) != sorted(set(sizes)) or len(sizes) == 1:
            raise UserError("--progressive takes sizes that grow, such as 128,224.")
        if sizes and not SMALLEST <= sizes[0] <= sizes[-1] <= LARGEST:
            raise UserError(f"--progressive takes sizes from {SMALLEST} to {LARGEST} pixels.")
        if sizes and self.size not in (None, sizes[-1]):
            raise UserError(f"--size {self.size} and --progressive differ: its last size is the model's.")
        if self.size is not None and not SMALLEST <= self.size <= LARGEST:
            raise UserError(f"--size must be from {SMALLEST} to {LARGEST} pixels.")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"--seed must be from 0 to {2**32 - 1}.")
        for flag, number in (
            ("--epochs", self.epochs),
            ("--freeze-epochs", self.freeze_epochs),
            ("--patience", 1 if self.patience is None else self.patience),
        ):
            if number < 1:
                raise UserError(f"{flag} must be 1 or more.")
        if not 0 < self.minutes < math.inf:
            raise UserError("--minutes must be more than 0.")

    def command(self, folder_name: str) -> str:
        """The command line that trains the same way, without any path of this machine."""
        always = {"recipe", "architecture", "seed"} | ({"epochs"} if self.recipe == "fine-tune" else set())
        words = ["python", "-m", "bearclf", "train", folder_name, "--out", "BUNDLE"]
        for option in fields(self):
            value, flag = getattr(self, option.name), option.metadata["flag"]
            if option.name == "size" and not self.progressive and self.recipe != "best":
                words += [flag, str(self.input_size)]
            elif option.name in ("size", "examples") or (
                value == option.default and option.name not in always
            ):
                continue
            elif isinstance(value, bool):
                words.append(flag)
            else:
                words += [flag, _in_a_word(value)]
        return shlex.join(words)


def _in_a_word(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.resolve().name if isinstance(value, Path) else str(value)


def options_of(words: Mapping[str, Any]) -> Options:
    """Options as they were typed: ``lr``, ``valid`` and ``progressive`` are text.

    Raises UserError for text that can't be understood.
    """
    typed = dict(words)
    for name in ("lr", "valid"):
        text = typed.get(name)
        if isinstance(text, str) and text not in (AUTO, FOLDER):
            typed[name] = _number(text)
    if text := typed.get("progressive"):
        try:
            typed["progressive"] = tuple(int(size) for size in text.split(","))
        except ValueError:
            raise UserError(f"--progressive can't be “{text}”: give sizes such as 128,224.") from None
    return Options(**typed)


def _number(text: str) -> float | str:
    """A number, or the text that is none, which :meth:`Options.check` has a sentence for."""
    try:
        return float(text)
    except ValueError:
        return text
