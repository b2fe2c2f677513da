"""What was measured, as Markdown: a short table for the README, and everything for ``docs/bench``."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from tests.benchmarks import page, training
from tests.benchmarks.prediction import FIGURES
from tests.benchmarks.servers import FLOOR, REFERENCE

Rounds = list[dict[str, float]]
Results = dict[str, dict[str, Any]]
"""By part (``page``, ``prediction``, ``training``): date, machine, load, and the figures."""

OURS = "bearclf"
SHORT = {
    "painted": "first paint",
    "usable": "page usable",
    "small": "photo → answer",
    "many_all": "50 photos",
}
SHORT_APPS = ("course's notebook, stock Voilà", REFERENCE, "Streamlit", OURS)
"""What the README shows: the whole table is in ``docs/bench``."""

ANSWERS = {"cold", "usable_answer", "slow_answer", "small", "phone", "many_first", "many_all", "lost"}
"""What only an app with a model has figures of."""


def page_figures(part: dict[str, Any]) -> dict[str, Rounds]:
    """Rounds by app; of the floor, which has no model, those figures that are of no answer."""
    apps: dict[str, Rounds] = dict(part["figures"])
    if FLOOR in apps:
        apps[FLOOR] = [
            {key: value for key, value in figures.items() if key not in ANSWERS} for figures in apps[FLOOR]
        ]
    return apps


def median(rounds: Rounds, key: str) -> float | None:
    """Of the rounds that have it."""
    found = [figures[key] for figures in rounds if key in figures]
    return statistics.median(found) if found else None


def shown(value: float | None, unit: str) -> str:
    """With as many digits as tell something: ``0.31 s``, ``5470 kB``, ``37``."""
    if value is None:
        return "–"
    digits = (2 if value < 10 else 1) if unit == "s" else 0
    return f"{value:.{digits}f}{f' {unit}' if unit else ''}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown; all columns but the first are aligned right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def summary(results: Results) -> str:
    """For the README: what a visitor waits for, and a sentence on training."""
    parts: dict[str, Callable[[dict[str, Any]], str]] = {
        "page": _page_summary,
        "training": _training_sentence,
    }
    return "\n\n".join(in_words(results[name]) for name, in_words in parts.items() if name in results)


def _page_summary(part: dict[str, Any]) -> str:
    apps = page_figures(part)
    rows = []
    for name in SHORT_APPS:
        cells = [shown(median(apps[name], key), "s") for key in SHORT]
        cells.append(shown(median(apps[name], "bytes"), "kB"))
        rows.append([f"**{name}**" if name == OURS else name, *cells])
    number = len(apps[OURS])
    return (
        table(["", *SHORT.values(), "fetched"], rows)
        + "\n\nHow long a visitor waits, in a browser that has never been there: medians of "
        f"{number} rounds. {measured(part)}"
    )


def measured(part: dict[str, Any]) -> str:
    """When, where, and how busy the machine was."""
    before, after = part["load"]
    return (
        f"Measured on {part['date']} with {part['machine']}; load average {before:.1f} before, "
        f"{after:.1f} after."
    )


def _training_sentence(part: dict[str, Any]) -> str:
    found = part["figures"]
    return (
        f"Training on {found['learned']:.0f} photos: {found['bearclf_seconds']:.0f} s, the course's "
        f"`fine_tune(4)` {found['course_seconds']:.0f} s; right on the same {found['judged']:.0f} other "
        f"photos: {found['bearclf_accuracy']:.1%} and {found['course_accuracy']:.1%}."
    )


def everything(results: Results) -> str:
    """All tables, each with its date."""
    parts: dict[str, Callable[[dict[str, Any]], str]] = {
        "page": _page_tables,
        "prediction": _prediction_table,
        "training": _training_table,
    }
    return "\n\n".join(parts[name](results[name]) for name in parts if name in results)


def _page_tables(part: dict[str, Any]) -> str:
    apps = page_figures(part)
    rows, ratios = [], []
    for key, (meaning, unit) in page.MEASURES.items():
        reference = median(apps[REFERENCE], key)
        rows.append([meaning, *[_with_range(rounds, key, unit) for rounds in apps.values()]])
        if reference:
            cells = [median(rounds, key) for rounds in apps.values()]
            ratios.append([meaning, *["–" if cell is None else f"{cell / reference:.2f}" for cell in cells]])
    head = ["", *apps]
    return (
        f"## The page\n\n{measured(part)} Medians, in brackets the lowest and the highest of the rounds.\n\n"
        f"{table(head, rows)}\n\nThe same as ratios to {REFERENCE}:\n\n{table(head, ratios)}\n\n"
        "![How long until a page is painted and usable](page.png)\n\n"
        "![How long a photo's answer takes](answers.png)"
    )


def _with_range(rounds: Rounds, key: str, unit: str) -> str:
    found = [figures[key] for figures in rounds if key in figures]
    if not found:
        return "–"
    middle = shown(statistics.median(found), unit)
    low, high = shown(min(found), ""), shown(max(found), "")
    if unit == "s":
        low, high = shown(min(found), "s")[:-2], shown(max(found), "s")[:-2]
    return middle if low == high else f"{middle} ({low}–{high})"


def _prediction_table(part: dict[str, Any]) -> str:
    found = part["figures"]
    rows = [
        [meaning, f"{found[key]:.1f}" if key in found else "–"]
        for key, meaning in FIGURES.items()
        if key != "load"
    ]
    one, batch = (
        found["bearclf_ms"] / found["learn_predict_ms"],
        found["bearclf_per_second"] / found["get_preds_per_second"],
    )
    return (
        f"## Prediction alone\n\n{measured(part)} One by one, bearclf takes {one:.2f} of `learn.predict`'s "
        f"time; in batches it answers {batch:.1f} times as many photos as `learn.get_preds`.\n\n"
        f"{table(['', 'median'], rows)}\n\n![Prediction alone](prediction.png)"
    )


def _training_table(part: dict[str, Any]) -> str:
    found = part["figures"]
    rows = []
    for key, (meaning, unit) in training.MEASURES.items():
        value = found[key]
        rows.append([meaning, f"{value:.1%}" if key.endswith("accuracy") else shown(value, unit)])
    return f"## Training and cleaning\n\n{measured(part)} Measured once.\n\n{table(['', ''], rows)}"
