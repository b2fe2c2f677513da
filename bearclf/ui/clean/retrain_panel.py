"""Training on the folder as it is, and the model before and after it side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.ui.clean.matrix import WIDE_CLASSES, ConfusionMatrix
from bearclf.ui.clean.parts import Guarded, button, counted, error_rate, interval, panel, show_if
from bearclf.ui.clean.reliability import reliability_picture
from bearclf.ui.clean.state import CurateState
from bearclf.ui.clean.status_line import progress_bar


class RetrainPanel(widgets.Box):
    """The button, how far it is, and what came of it."""

    def __init__(self, state: CurateState, guarded: Guarded, show_details: Callable[[Any], None]) -> None:
        self._state = state
        self.retrain = button("Retrain", guarded(partial(self._start, "probe")))
        self.fine_tune = button("Fine-tune", guarded(partial(self._start, "fine-tune")), "bearclf-link")
        self.cant = widgets.HTML().add_class("bearclf-soft")
        self.progress = widgets.HTML().add_class("bearclf-progress")
        self.cancel = button("Cancel", guarded(lambda _: state.cancel()), "bearclf-quiet")
        self.start = widgets.Box([self.retrain, self.fine_tune, self.cant]).add_class("bearclf-start")
        self.under_way = widgets.Box([self.progress, self.cancel]).add_class("bearclf-start")
        self.result = widgets.HTML()
        self.make_live = button("Make it live", guarded(self._make_live))
        self.details = button("Details", guarded(show_details), "bearclf-quiet")
        acts = widgets.Box([self.make_live, self.details]).add_class("bearclf-row")
        self.compared = widgets.Box([self.result, acts]).add_class("bearclf-compared")
        super().__init__([panel("Retrain", self.start, self.under_way, self.compared)])
        state.observe(guarded(self._show), ["facts", "status", "progress", "comparison", "versions"])
        self._show()

    def _start(self, recipe: str, _: Any) -> None:
        self._state.retrain(recipe)

    def _make_live(self, _: Any) -> None:
        self._state.promote(self._state.comparison["number"])

    def _show(self, _: Any = None) -> None:
        state = self._state
        cant = state.facts.get("cant_train", "")
        seconds = state.facts.get("fine_tune_seconds")
        working = bool(state.progress)
        self.retrain.disabled = bool(cant) or not state.facts
        self.cant.value = f"<p>{escape(cant)}</p>" if cant else ""
        show_if(self.cant, bool(cant))
        text = f"Fine-tune instead: about {_duration(seconds)}" if seconds else ""
        self.fine_tune.description = self.fine_tune.tooltip = text
        show_if(self.fine_tune, bool(seconds) and not cant)
        show_if(self.start, not working)
        show_if(self.under_way, working)
        show_if(self.cancel, state.status == "ready")
        self.progress.value = f"<p>{progress_bar(state.progress)}</p>" if working else ""
        comparison = state.comparison
        show_if(self.compared, bool(comparison))
        if comparison:
            self.result.value = side_by_side(comparison)
            live = any(one["live"] and one["number"] == comparison["number"] for one in state.versions)
            self.make_live.disabled = live
            self.make_live.description = self.make_live.tooltip = "It is live" if live else "Make it live"


class ComparisonDetails(widgets.Box):
    """All that is known of the model before and after: in the sheet's place, since it needs room."""

    def __init__(self, state: CurateState, guarded: Guarded, back: Callable[[Any], None]) -> None:
        self._state = state
        self.back = button("Back to the photos", guarded(back), "bearclf-quiet")
        self.figures = widgets.HTML()
        self.changed = button("Show them", guarded(self._show_changed), "bearclf-quiet")
        self.answers = widgets.HTML()
        self.matrices = [ConfusionMatrix(most_classes=WIDE_CLASSES, opens=False) for _ in range(2)]
        headed = [
            widgets.Box([widgets.HTML(f"<h3>{title}</h3>"), matrix]).add_class("bearclf-headed")
            for title, matrix in zip(("Now", "With changes"), self.matrices, strict=True)
        ]
        self.before = headed[0]
        pair = widgets.Box(headed).add_class("bearclf-pair")
        super().__init__([self.back, self.figures, self.answers, self.changed, pair])
        self.add_class("bearclf-details").add_class("bearclf-panel")
        state.observe(guarded(self._show), "comparison")
        self._show()

    def _show(self, _: Any = None) -> None:
        comparison = self._state.comparison
        if not comparison:
            return
        before, after, changed = comparison["before"], comparison["after"], comparison["changed"]
        self.figures.value = (
            f"<h2>Before and after</h2>{side_by_side(comparison)}{_table(before, after)}"
            f"<h3>When it says 90 %, is it right nine times in ten?</h3>{reliability_picture(before, after)}"
        )
        self.answers.value = f"<h3>{_changed_title(changed)}</h3>{_changes(changed)}"
        show_if(self.changed, bool(changed))
        self.matrices[0].show(before["matrix"] if before else None)
        self.matrices[1].show(after["matrix"])
        show_if(self.before, before is not None)

    def _show_changed(self, _: Any) -> None:
        changed = self._state.comparison["changed"]
        digests = [one["digest"] for one in changed]
        self._state.show(label="", part="all", focus={"digests": digests, "title": _changed_title(changed)})


def side_by_side(comparison: dict[str, Any]) -> str:
    """The error before and after in two boxes, with a sentence on the difference; as HTML."""
    boxes = [("now", comparison["before"]), ("with changes", comparison["after"])]
    shown = "".join(
        f"<div><small>{title}</small><strong>{error_rate(side['error'][0])}</strong>"
        f"<small>wrong</small><small>({interval(*side['error'][1:])})</small></div>"
        for title, side in boxes
        if side is not None
    )
    sentence = escape(comparison["sentence"])
    return f'<div class="bearclf-sides">{shown}</div><p class="bearclf-soft">{sentence}</p>'


def _table(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    figures = (
        ("Wrong answers", lambda side: f"{side['wrong']:,}"),
        ("Calibration error (ECE)", lambda side: f"{side['ece']:.3f}"),
        ("Turned away as none of these", lambda side: error_rate(side["turned_away"])),
    )
    sides = [side for side in (before, after) if side is not None]
    heads = "".join(f'<th scope="col">{one}</th>' for one in ("now", "with changes")[-len(sides) :])
    rows = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{shown(side)}</td>" for side in sides)}</tr>'
        for name, shown in figures
    )
    head = f"<thead><tr><td></td>{heads}</tr></thead>"
    return f'<table class="bearclf-figures">{head}<tbody>{rows}</tbody></table>'


def _changed_title(changed: list[dict[str, Any]]) -> str:
    return f"{counted(len(changed), 'photo')} changed {'its' if len(changed) == 1 else 'their'} answer"


def _changes(changed: list[dict[str, Any]]) -> str:
    """The changes of answer in numbers, the most frequent first."""
    kinds: dict[tuple[str, str, str], int] = {}
    for one in changed:
        kind = (one["label"], one["before"], one["after"])
        kinds[kind] = kinds.get(kind, 0) + 1
    ordered = sorted(kinds.items(), key=lambda item: -item[1])
    rows = [
        f"<li>{number} {escape(label)}: {escape(before)} → <b>{escape(after)}</b>"
        f" ({'right now' if after == label else 'wrong now' if before == label else 'wrong both times'})</li>"
        for (label, before, after), number in ordered[:10]
    ]
    return f'<ul class="bearclf-soft">{"".join(rows)}</ul>' if rows else ""


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(10, round(seconds / 10) * 10)} seconds"
    return counted(round(seconds / 60), "minute")
