"""What is told of an export before it is read, and of a model that was adopted."""

from __future__ import annotations

from textwrap import fill

from bearclf.adopting.messages import Contents
from bearclf.models.card import NO_NOVELTY, Card, display_names, in_words

_LINE = 110  # of Markdown, as read in an editor

MISSING = (
    "No photos were given, so it was not measured, its probabilities are not calibrated, and it can't tell "
    "when a photo shows none of its classes."
)
ANY_TURN = "Photos are turned upright by what the camera noted in them; fastai doesn't do that."


def in_sentences(contents: Contents) -> list[str]:
    """What an export would import, with what is not usual in one first; one sentence or list each."""
    told = []
    if contents.unusual:
        told.append(f"Unusual in an export: {', '.join(contents.unusual)}.")
    if own := [name for name in contents.own if not name.startswith(("cloudpickle.", "dill."))]:
        told.append(f"Functions of your own, for labelling as a rule: {', '.join(own)}.")
    if len(own) < len(contents.own):
        told.append("It carries code of its own (cloudpickle), for labelling as a rule.")
    rooms = sorted({name.partition(".")[0].replace("__builtin__", "builtins") for name in contents.usual})
    if rooms:
        told.append(f"Usual: {len(contents.usual)} names of {in_words(rooms)}.")
    told.append("None of it is run: stand-ins take the place of all that it names.")
    if contents.unlimited:
        told.append(f"This system can't limit {in_words(contents.unlimited)} while an export is read.")
    return told


def adopted_model_card(card: Card, notes: list[str], temperature: float | None) -> str:
    """Markdown: what is known of an adopted model. ``temperature`` is None where it wasn't measured."""
    names = in_words(list(display_names(card.classes, card.noun).values()))
    versions = in_words([f"{name} {version}" for name, version in card.versions.items()])
    limits = (
        "It takes everything for one of its classes: no photo of them was given, so nothing tells what is "
        "unlike them."
        if card.novelty == NO_NOVELTY
        else "A photo that is unlike those it was measured on is answered with “none of these”. That is "
        "judged by how near it comes to them alone; how many other things are let through was not measured."
    )
    knows = fill(
        f"It tells {names} apart in a photo of {card.input_size} pixels, and gives a probability for each. "
        "What it learned from isn't known here.",
        _LINE,
    )
    paragraphs = [fill(note, _LINE) for note in (ANY_TURN, *notes)]
    return f"""# {names}

A {card.architecture} that was trained elsewhere, exported by fastai, and adopted.

## What it knows

{knows}

## What it doesn't know

{fill(limits, _LINE)}

## How often it is wrong

{_measured(card, temperature)}

## How it came here

`{card.command}`

{chr(10).join(paragraphs)}
Its network and its way of preparing photos were taken from the export, and exported anew with
{versions}.
Nothing else of the export is in this bundle.
"""


def _measured(card: Card, temperature: float | None) -> str:
    if temperature is None:
        return fill(MISSING, _LINE)
    metrics = card.metrics
    low, high = metrics["accuracy_interval"]
    recalls = "\n".join(
        f"| {label} | {card.photos[label]} | {'no photo' if recall is None else f'{recall:.1%}'} |"
        for label, recall in metrics["per_class_recall"].items()
    )
    figures = (
        f"On {metrics['n']} photos **{metrics['error_rate']:.1%} wrong** (accuracy {metrics['accuracy']:.3f}"
        f", 95 % interval {low:.3f} to {high:.3f}). Its scores are divided by {temperature:.2f} (temperature)"
        f", after which its probabilities are off by {metrics['ece']:.3f} on average (expected calibration "
        "error, 15 bins)."
    )
    return f"""{fill(f"Measured by {metrics['method']}.", _LINE)}

{fill(figures, _LINE)}

| class | photos | recognised |
| --- | --- | --- |
{recalls}"""
