"""The card of a bundle: what is known of a trained model, for programs and for the page's sentences.

Only the standard library is needed here: a visitor's kernel reads the card, and nothing else of a bundle.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from bearclf.errors import UserError

CARD = "card.json"
EXAMPLES = "examples"
MAX_EXAMPLES = 3
FORMAT = 4
"""Cards of formats 2 and 3 are read, too: they knew two standings, and so have one threshold."""

FEW = 100
"""Photos of which a share isn't told in hundredths: each counts for more than one."""

NEARNESS, BOTH_EVIDENCES = "nearness", "nearness and general knowledge"
"""What a model judges familiarity by."""

NO_NOVELTY = "nothing"
"""In the place of these: a model that has seen no photo of its classes here takes every photo for known."""

ADOPTED = "adopted"
"""The recipe of a model that was trained elsewhere and brought here as fastai's export."""


@dataclass(frozen=True)
class Card:
    """What is known of a trained model; written as ``card.json``.

    ``classes`` is the vocab, in the order of the model's outputs. ``noun`` is what all classes are
    ("bear"), or empty. ``photos`` counts the training photos of each class, ``skipped`` the files that
    could not be used. ``metrics`` are those of :func:`bearclf.models.measures.measure` and ``method``,
    how the photos that they were measured on were held out; both are empty for an adopted model that was not
    measured. A photo whose familiarity (see
    :mod:`bearclf.models.novelty`) is at least ``known_from`` is known, one below ``none_below`` is none of
    the classes; ``novelty`` says what familiarity is judged by. ``elsewhere`` has what
    :mod:`bearclf.training.elsewhere` measured on ``n`` photos unlike the training photos, by ``variants``:
    photos of another ``folder`` or, if that is empty, training photos held out with all that look like them.
    It is empty in older cards. ``threshold`` is the probability from which on a label is said of a photo, in
    a model that may say several; None where each photo is of one class. ``trained`` is when that was, in ISO
    8601 with its time zone, or empty in cards from before that was kept. ``files`` has the SHA-256 of every
    other file by its path in the bundle.
    """

    classes: list[str]
    noun: str
    architecture: str
    recipe: str
    input_size: int
    epochs: int
    seed: int
    command: str
    photos: dict[str, int]
    skipped: int
    training_sha256: str
    metrics: dict[str, Any]
    none_below: float
    known_from: float
    versions: dict[str, str]
    novelty: str = NEARNESS
    elsewhere: dict[str, Any] = field(default_factory=dict)
    threshold: float | None = None
    trained: str = ""
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def learned(self) -> int:
        """How many photos it was trained on; one with several labels counts once."""
        return sum(self.photos.values()) if self.threshold is None else int(self.metrics["photos"])

    def to_json(self) -> str:
        """Indented, so that changes between two cards can be read."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def read_card(bundle: str | Path) -> Card:
    """The card of a bundle.

    Raises UserError if there is none or it can't be understood.
    """
    try:
        content = json.loads((Path(bundle) / CARD).read_text(encoding="utf-8"))
        if content["format"] in (2, 3):
            threshold = content.pop("known_threshold" if content["format"] == 2 else "novelty_threshold")
            content |= {"format": FORMAT, "none_below": threshold, "known_from": threshold}
        if content["format"] != FORMAT:
            raise UserError(
                f"The model in {bundle} was made by another version of bearclf. Please train it again."
            )
        card = Card(**content)
        if not -math.inf < card.none_below <= card.known_from < math.inf:
            raise ValueError
        if card.threshold is not None and not 0 < card.threshold < 1:
            raise ValueError
        if any(":" in name or {"", "..", "."} & set(re.split(r"[/\\]", name)) for name in card.files):
            raise ValueError  # it would lead out of the bundle
        if card.trained:
            datetime.fromisoformat(card.trained)
        introduction(card)  # what it can't be made of is not understood
        return card
    except OSError:
        raise UserError(
            f"There is no model in {bundle}: {CARD} is missing or can't be read. "
            "Train one with “python -m bearclf train FOLDER --out BUNDLE”."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"The description of the model in {bundle} is damaged. Please copy or train it again."
        ) from None


def read_examples(bundle: Path, card: Card) -> list[tuple[str, bytes]]:
    """Name and content of the bundle's example photos, which visitors may try; often there are none.

    Raises UserError if one is missing or isn't what the card says.
    """
    examples = []
    for name, digest in card.files.items():
        if not name.startswith(f"{EXAMPLES}/"):
            continue
        try:
            content = (bundle / name).read_bytes()
        except OSError:
            raise UserError(f"The model in {bundle} is incomplete: {name} can't be read.") from None
        if sha256(content).hexdigest() != digest:
            raise UserError(f"The model in {bundle} is not what its card describes: {name} was changed.")
        examples.append((Path(name).name, content))
    return examples[:MAX_EXAMPLES]


def introduction(card: Card) -> tuple[str, str]:
    """What the model can tell apart, and how far that can be relied on."""
    names = display_names(card.classes, card.noun)
    plural = [f"{name}s" if card.noun else name for name in names.values()]
    if card.recipe == ADOPTED:
        return f"I can tell {in_words(plural)} apart.", _limits_of_adopted(card)
    return (
        f"I can tell {in_words(plural)} apart."
        if card.threshold is None
        else f"I can find {in_words(plural)} in a photo: none of them, one, or several.",
        f"{_errors_elsewhere(card)}{_ANYTHING_ELSE}",
    )


_ANYTHING_ELSE = "Anything else, I'll say so, though I can be fooled by what looks much like one of them."


def _limits_of_adopted(card: Card) -> str:
    if not card.metrics:
        measured = "I was trained elsewhere, and nobody has measured here how often I am wrong. "
    elif (n := card.metrics["n"]) < FEW:
        wrong = round(n * card.metrics["error_rate"])
        measured = f"I was trained elsewhere. Of {n} photos here I got {wrong or 'none'} wrong. "
    else:
        percent = round(100 * card.metrics["error_rate"]) or "fewer than 1"
        measured = f"I was trained elsewhere. Of {n} photos here I got {percent} in 100 wrong. "
    if card.novelty == NO_NOVELTY:
        return (
            f"{measured}I take anything else for one of these, too: I can't tell that it is something else."
        )
    return f"{measured}{_ANYTHING_ELSE}"


def _errors_elsewhere(card: Card) -> str:
    """A sentence with a space after it, or nothing where that was not measured."""
    errors = {name: 1 - variant["accuracy"] for name, variant in card.elsewhere.get("variants", {}).items()}
    usual = errors.pop("as they are", None)
    if usual is None:
        return ""
    # With several labels, each of them is a yes or no of its own.
    answers, what = (1, "") if card.threshold is None else (len(card.classes), "yeses and noes about ")
    whose = "from elsewhere" if card.elsewhere["folder"] else "unlike those I learned from"
    if (n := card.elsewhere["n"]) < FEW:
        wrong = round(n * answers * usual) or "none"
        return f"Of {n * answers} {what}photos {whose} I got {wrong} wrong, too few to say more. "
    about = f"about {round(100 * usual)}" if usual >= 0.005 else "fewer than 1"
    sentence = f"Of {what}photos {whose} I get {about} in 100 wrong"
    percents = {name: round(100 * error) for name, error in errors.items() if error >= 2 * usual}
    worse = {name.replace(" ", "-"): wrong for name, wrong in percents.items() if wrong > 5}
    if worse:
        fewest, most = min(worse.values()), max(worse.values())
        span = f"{fewest} to {most}" if fewest < most else f"{most}"
        sentence += f", of {in_words(list(worse))} ones about {span}"
    return f"{sentence}. "


def display_names(classes: Sequence[str], noun: str) -> dict[str, str]:
    """What a class is called in a sentence: "teddy bear" where all are bears."""
    return {name: f"{name.replace('_', ' ')} {noun}".strip() for name in classes}


def in_words(names: Sequence[str], last: str = "and") -> str:
    """Several names in one phrase: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"
