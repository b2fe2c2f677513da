"""Training on the folder as it is, and the model before and after it side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any, Literal

import ipywidgets as widgets

from bearclf.protocol.records import ChangedAnswer, Comparison, Focus, Judged
from bearclf.ui.clean.live_training import LiveTraining
from bearclf.ui.clean.matrix import WIDE_CLASSES, ConfusionMatrix
from bearclf.ui.clean.parts import Guarded, button, counted, error_rate, interval, panel, show_if
from bearclf.ui.clean.reliability import reliability_picture
from bearclf.ui.clean.state import CleanState
from bearclf.ui.clean.status_line import progress_bar


class RetrainPanel(widgets.Box):
    """The button, how far it is, and what came of it."""

    def __init__(self, state: CleanState, guarded: Guarded, show_details: Callable[[Any], None]) -> None:
        self._state = state
        self.retrain = button("Retrain", guarded(partial(self._start, "probe")))
        self.fine_tune = button("Fine-tune", guarded(partial(self._start, "fine-tune")), "bearclf-link")
        self.cant = widgets.HTML().add_class("bearclf-soft")
        self.progress = widgets.HTML().add_class("bearclf-progress")
        self.cancel = button("Cancel", guarded(lambda _: state.cancel()), "bearclf-quiet")
        self.start = widgets.Box([self.retrain, self.fine_tune, self.cant]).add_class("bearclf-start")
        self.under_way = widgets.Box([self.progress, self.cancel]).add_class("bearclf-start")
        self.live = LiveTraining(state, guarded)
        self.result = widgets.HTML()
        self.make_live = button("Make it live", guarded(self._make_live))
        self.details = button("Details", guarded(show_details), "bearclf-quiet")
        acts = widgets.Box([self.make_live, self.details]).add_class("bearclf-row")
        self.compared = widgets.Box([self.result, acts]).add_class("bearclf-compared")
        super().__init__([panel("Retrain", self.start, self.under_way, self.live, self.compared)])
        state.observe(guarded(self._show), ["summary", "status", "progress", "retrained", "models"])
        self._show()

    def _start(self, recipe: Literal["probe", "fine-tune"], _: Any) -> None:
        self._state.retrain(recipe)

    def _make_live(self, _: Any) -> None:
        if self._state.retrained is not None:
            self._state.promote(self._state.retrained.model_number)

    def _show(self, _: Any = None) -> None:
        state, summary, retrained = self._state, self._state.summary, self._state.retrained
        cant = summary.cant_train if summary is not None else ""
        seconds = summary.fine_tune_seconds if summary is not None else None
        working = state.progress is not None
        self.retrain.disabled = bool(cant) or summary is None
        self.cant.value = f"<p>{escape(cant)}</p>" if cant else ""
        show_if(self.cant, bool(cant))
        text = f"Fine-tune instead: about {_duration(seconds)}" if seconds else ""
        self.fine_tune.description = self.fine_tune.tooltip = text
        show_if(self.fine_tune, bool(seconds) and not cant)
        show_if(self.start, not working)
        show_if(self.under_way, working)
        show_if(self.cancel, state.status == "ready")
        self.progress.value = f"<p>{progress_bar(state.progress)}</p>" if state.progress is not None else ""
        show_if(self.compared, retrained is not None)
        if retrained is not None:
            self.result.value = side_by_side(retrained.comparison)
            live = any(model.live and model.number == retrained.model_number for model in state.models)
            self.make_live.disabled = live
            self.make_live.description = self.make_live.tooltip = "It is live" if live else "Make it live"


class ComparisonDetails(widgets.Box):
    """The comparison in full: shown in the sheet's place, since it needs room."""

    def __init__(self, state: CleanState, guarded: Guarded, back: Callable[[Any], None]) -> None:
        self._state = state
        self.back = button("Back to the photos", guarded(back), "bearclf-quiet")
        self.figures = widgets.HTML()
        self.changed = button("Show them", guarded(self._show_changed), "bearclf-quiet")
        self.answers = widgets.HTML()
        self.matrices = [ConfusionMatrix(most_classes=WIDE_CLASSES, opens=False) for _ in range(2)]
        headed = [
            widgets.Box([widgets.HTML(f"<h3>{title}</h3>"), matrix]).add_class("bearclf-headed")
            for title, matrix in zip(("Before", "After"), self.matrices, strict=True)
        ]
        self.before = headed[0]
        pair = widgets.Box(headed).add_class("bearclf-pair")
        super().__init__([self.back, self.figures, self.answers, self.changed, pair])
        self.add_class("bearclf-details").add_class("bearclf-panel")
        state.observe(guarded(self._show), "retrained")
        self._show()

    def _show(self, _: Any = None) -> None:
        if self._state.retrained is None:
            return
        comparison = self._state.retrained.comparison
        before, after, changed = comparison.before, comparison.after, comparison.changed
        self.figures.value = (
            f"<h2>Before and after</h2>{side_by_side(comparison)}{_table(before, after)}"
            f"<h3>When it says 90 %, is it right nine times in ten?</h3>{reliability_picture(before, after)}"
        )
        self.answers.value = f"<h3>{_changed_title(changed)}</h3>{_changes(changed)}"
        show_if(self.changed, bool(changed))
        self.matrices[0].show(before.matrix if before is not None else None)
        self.matrices[1].show(after.matrix)
        show_if(self.before, before is not None)

    def _show_changed(self, _: Any) -> None:
        if self._state.retrained is not None:
            changed = self._state.retrained.comparison.changed
            digests = tuple(photo.digest for photo in changed)
            self._state.show(
                label="", part="all", focus=Focus(digests=digests, title=_changed_title(changed))
            )


def side_by_side(comparison: Comparison) -> str:
    """The error before and after in two boxes, with a sentence on the difference; as HTML."""
    boxes = "".join(
        f"<div><small>{title}</small><strong>{error_rate(judged.error.share)}</strong>"
        f"<small>wrong</small><small>({interval(judged.error.low, judged.error.high)})</small></div>"
        for title, judged in (("before", comparison.before), ("after", comparison.after))
        if judged is not None
    )
    sentence = escape(comparison.sentence)
    return f'<div class="bearclf-sides">{boxes}</div><p class="bearclf-soft">{sentence}</p>'


def _table(before: Judged | None, after: Judged) -> str:
    columns = {"before": before, "after": after} if before is not None else {"after": after}
    figures: tuple[tuple[str, Callable[[Judged], str]], ...] = (
        ("Wrong answers", lambda judged: f"{judged.wrong:,}"),
        ("Calibration error (ECE)", lambda judged: f"{judged.ece:.3f}"),
        ("Rejected as “none of these”", lambda judged: error_rate(judged.turned_away)),
    )
    heads = "".join(f'<th scope="col">{title}</th>' for title in columns)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>'
        f"{''.join(f'<td>{show(judged)}</td>' for judged in columns.values() if judged is not None)}</tr>"
        for name, show in figures
    )
    head = f"<thead><tr><td></td>{heads}</tr></thead>"
    return f'<table class="bearclf-figures">{head}<tbody>{rows}</tbody></table>'


def _changed_title(changed: Sequence[ChangedAnswer]) -> str:
    return f"{counted(len(changed), 'photo')} changed {'its' if len(changed) == 1 else 'their'} answer"


def _changes(changed: Sequence[ChangedAnswer]) -> str:
    """The changes of answer in numbers, the most frequent first."""
    kinds = Counter((photo.label, photo.before, photo.after) for photo in changed)
    rows = [
        f"<li>{number} {escape(label)}: {escape(before)} → <b>{escape(after)}</b>"
        f" ({'right now' if after == label else 'wrong now' if before == label else 'wrong both times'})</li>"
        for (label, before, after), number in kinds.most_common(10)
    ]
    return f'<ul class="bearclf-soft">{"".join(rows)}</ul>' if rows else ""


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(10, round(seconds / 10) * 10)} seconds"
    return counted(round(seconds / 60), "minute")
