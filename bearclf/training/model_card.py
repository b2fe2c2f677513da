"""The model card: what a model knows, what it doesn't, what it was trained on and how often it is wrong."""

from __future__ import annotations

from textwrap import fill

from bearclf.models.card import BOTH_EVIDENCES, Card, display_names, in_words

_LINE = 110  # of Markdown, as read in an editor


def model_card(card: Card, attributed: int = 0, with_photos: bool = False) -> str:
    """Markdown, made of nothing but the card, of how many training photos are ``attributed``, and of whether
    the bundle's report is ``with_photos``.
    """
    names = display_names(card.classes, card.noun)
    metrics = card.metrics
    low, high = metrics["accuracy_interval"]
    recalls = "\n".join(
        f"| {names[label]} | {card.photos[label]} | {_percent(recall)} |"
        for label, recall in metrics["per_class_recall"].items()
    )
    versions = in_words([f"{name} {version}" for name, version in card.versions.items()])
    shown = (
        "Small pictures of some are in `report/`; `--no-photos` leaves them out."
        if with_photos
        else "No photo is in this bundle."
    )
    return f"""# {in_words(list(names.values()))}

## What it knows

{_knows(card, list(names.values()))}

## What it doesn't know

{_limits(card)}

## What it was trained on

{card.learned} photos{_skipped(card)}. The SHA-256 over their labels and contents begins with
`{card.training_sha256[:16]}`. {shown}
`features.npz` has what {card.architecture} sees in each photo.{_attributed(attributed)}

## How often it is wrong

Measured by {metrics["method"]}, on {metrics["n"]} photos: **{metrics["error_rate"]:.1%} wrong**
(accuracy {metrics["accuracy"]:.3f}, 95 % interval {low:.3f} to {high:.3f}). Its probabilities are off by
{metrics["ece"]:.3f} on average (expected calibration error, 15 bins).{_several(card)}

| class | training photos | recognised |
| --- | --- | --- |
{recalls}

{_pictures(card)} These photos come from the same
folder as the training photos.

## How often it is wrong elsewhere

Measured on {card.elsewhere["n"]} {_elsewhere(card)}, and on versions of {_sampled(card)}:
small (200 pixels, recompressed), dark, grey, drawn (by a filter), far away (small amid blurred surroundings).

| photos | answered rightly | told "none of these" | told "perhaps" |
| --- | --- | --- | --- |
{_variants(card)}

## How it was made

`{card.command}`

gives the same figures again, from the same photos, with {versions}.
"""


def _knows(card: Card, names: list[str]) -> str:
    if card.threshold is None:
        return f"It tells {in_words(names)} apart in a photo, and gives a probability for each."
    sentences = (
        f"It finds {in_words(names)} in a photo: none of them, one, or several. Each has a probability of "
        f"its own, and is said from {card.threshold:.2f} on, chosen on photos that were held out."
    )
    return fill(sentences, _LINE)


def _several(card: Card) -> str:
    """What there is to say of several labels besides, with a line feed before it."""
    if card.threshold is None:
        return ""
    right, f2 = card.metrics["all_right"], card.metrics["f2"]
    return (
        f"\nHere each yes and each no to a label counts. Of the photos, {right:.1%} had none of them wrong; "
        f"F2, in\nwhich a missed label weighs as much as four that were wrongly said, is {f2:.3f}."
    )


def _pictures(card: Card) -> str:
    if card.threshold is None:
        return "`report/report.html` shows which is taken for which, and how sure it was."
    return (
        "`report/confusion_per_label.png` shows what was missed and what was wrongly said,\n"
        "`report/thresholds.png` what other thresholds would give."
    )


def _limits(card: Card) -> str:
    evidence = (
        "That is judged by how near it comes to training photos, and by what the network knew before it "
        "learned these classes; the thresholds lie between training photos held out with all that look like "
        "them and photos of hundreds of other things."
        if card.novelty == BOTH_EVIDENCES
        else "That is judged by how near it comes to training photos alone; the thresholds turn away few "
        "that were held out from learning. How many other things are let through was not measured."
    )
    told = "were taken from the folders' names" if card.threshold is None else "were those of a table"
    return fill(
        "It has never seen anything else. A photo that is unlike what it learned is answered with "
        f'"none of these", one that is somewhat like it with "perhaps". {evidence} What resembles one of the '
        f"classes may still be taken for it. Labels {told}; wrong ones among them "
        "were learned and measured like the others.",
        _LINE,
    )


def _elsewhere(card: Card) -> str:
    folder = card.elsewhere["folder"]
    return (
        f"photos from another source (`{folder}`)"
        if folder
        else "training photos, held out with all that look like them"
    )


def _sampled(card: Card) -> str:
    """How many of the photos there were variants of."""
    least = min(variant["n"] for variant in card.elsewhere["variants"].values())
    return "them" if least == card.elsewhere["n"] else f"{least} of them"


def _variants(card: Card) -> str:
    rows = []
    for name, measured in card.elsewhere["variants"].items():
        low, high = measured["accuracy_interval"]
        right = f"{_percent(measured['accuracy'])} ({_percent(low)} to {_percent(high)})"
        shares = f"{_percent(measured['turned_away'])} | {_percent(measured['doubtful'])}"
        rows.append(f"| {name} | {right} | {shares} |")
    return "\n".join(rows)


def _percent(share: float | None) -> str:
    return "no photo" if share is None else f"{share:.1%}"


def _attributed(photos: int) -> str:
    if not photos:
        return ""
    came = "One of them comes" if photos == 1 else f"{photos} of them come"
    return f"\n{came} from elsewhere: creator, licence and link of each are in `ATTRIBUTION.csv`."


def _skipped(card: Card) -> str:
    if not card.skipped:
        return ""
    files = "1 file" if card.skipped == 1 else f"{card.skipped} files"
    return f"; {files} of the folder could not be used"
