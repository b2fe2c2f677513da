"""The model card: what a model knows, what it doesn't, what it was trained on and how often it is wrong."""

from __future__ import annotations

from bearclf.models.card import Card, display_names, in_words
from bearclf.models.novelty import TURNED_AWAY


def model_card(card: Card) -> str:
    """Markdown, made of nothing but the card."""
    names = display_names(card.classes, card.noun)
    metrics = card.metrics
    low, high = metrics["accuracy_interval"]
    recalls = "\n".join(
        f"| {names[label]} | {card.photos[label]} | {_percent(recall)} |"
        for label, recall in metrics["per_class_recall"].items()
    )
    versions = in_words([f"{name} {version}" for name, version in card.versions.items()])
    features = f"; `features.npz` has what {card.architecture} sees in each"
    return f"""# {in_words(list(names.values()))}

## What it knows

It tells {in_words(list(names.values()))} apart in a photo, and gives a probability for each.

## What it doesn't know

It has never seen anything else. A photo that is unlike all training photos is answered with "none of these":
the threshold turns away {TURNED_AWAY:.0%} of photos of these classes, too. What resembles them may still be
taken for one of them. Photos unlike the training photos (drawings, night shots, a subject far away) are
answered worse than the figures below say. Labels were taken from the folders' names; wrong ones among them
were learned and measured like the others.

## What it was trained on

{sum(card.photos.values())} photos{_skipped(card)}. The SHA-256 over their labels and contents begins with
`{card.training_sha256[:16]}`. No photo is in this bundle{features}.

## How often it is wrong

Measured by {metrics["method"]}, on {metrics["n"]} photos: **{metrics["error_rate"]:.1%} wrong**
(accuracy {metrics["accuracy"]:.3f}, 95 % interval {low:.3f} to {high:.3f}). Its probabilities are off by
{metrics["ece"]:.3f} on average (expected calibration error, 15 bins).

| class | training photos | recognised |
| --- | --- | --- |
{recalls}

`report/confusion_matrix.png` shows which is taken for which. The photos come from the same folder as the
training photos; on photos from elsewhere expect more errors.

## How it was made

`{card.command}`

gives the same figures again, from the same photos, with {versions}.
"""


def _percent(share: float | None) -> str:
    return "no photo" if share is None else f"{share:.1%}"


def _skipped(card: Card) -> str:
    if not card.skipped:
        return ""
    files = "1 file" if card.skipped == 1 else f"{card.skipped} files"
    return f"; {files} of the folder could not be used"
