"""Answers to many photos as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def answers_csv(classes: Sequence[str], rows: Iterable[tuple[str, str, dict[str, float]]]) -> str:
    """CSV of ``(file name, answer, probabilities)``, with a column for each class.

    A refused photo has no probabilities. File names are not to be trusted: one that a spreadsheet would take
    for a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(cell) for cell in ("file", "answer", *classes)])
    for name, answer, probabilities in rows:
        shares = [f"{probabilities[label]:.4f}" if label in probabilities else "" for label in classes]
        writer.writerow([_harmless(name), _harmless(answer), *shares])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
