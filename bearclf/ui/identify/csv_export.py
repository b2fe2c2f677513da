"""Answers to many photos as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from bearclf.protocol.prediction import Answer

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def answers_csv(classes: Sequence[str], rows: Iterable[tuple[str, str, Answer | None]]) -> str:
    """CSV of ``(file name, headline, answer)``, with a column for the standing and one for each class.

    A refused photo has no answer. File names are not to be trusted: one that a spreadsheet would take
    for a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(cell) for cell in ("file", "answer", "standing", *classes)])
    for name, headline, answer in rows:
        standing, probabilities = (answer.standing, answer.probabilities) if answer else ("", {})
        shares = [f"{probabilities[label]:.4f}" if label in probabilities else "" for label in classes]
        writer.writerow([_harmless(name), _harmless(headline), standing, *shares])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
