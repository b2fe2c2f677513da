"""The training folder at a glance: how many photos, how well they are recognised, what is worth a look."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.records import FindingSummary, Focus, FolderSummary
from bearclf.ui.clean.parts import (
    Guarded,
    button,
    counted,
    error_rate,
    interval,
    panel,
    replace_children,
    show_if,
    shown_time,
)
from bearclf.ui.clean.state import CleanState

MANY_CLASSES = 12
"""Classes that are shown at first; the others are folded."""

LONG_NAME = 10
"""Characters: where a class's name is longer, names get more room and bars less."""


class FolderPanel(widgets.Box):
    """Facts, and a button for each finding that shows its photos."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self._guarded = guarded
        self._findings: tuple[FindingSummary, ...] | None = None
        self.facts = widgets.HTML()
        self.findings = widgets.Box().add_class("bearclf-chips")
        self.health = panel("Worth a look", self.findings)
        self.healthy = widgets.HTML()
        super().__init__([widgets.Box([self.facts]).add_class("bearclf-panel"), self.health])
        self.add_class("bearclf-folder")
        state.observe(guarded(self._show), ["summary", "status"])
        self._show()

    def _show(self, _: Any = None) -> None:
        summary = self._state.summary
        classes = summary.classes if summary is not None else {}
        counts = f"{counted(sum(classes.values()), 'photo')}, {counted(len(classes), 'class', 'classes')}"
        sentences = []
        if summary is not None and classes:
            sentences.append(_model(summary, self._state.status == "looking"))
        if summary is not None and summary.imbalance:
            sentences.append(escape(summary.imbalance))
        title = counts if classes else "No photos yet"
        self.facts.value = f"<h2>{title}</h2>{_bars(classes) if classes else ''}" + "".join(
            f'<p class="bearclf-soft">{sentence}</p>' for sentence in sentences
        )
        self._show_findings(summary.findings if summary is not None else ())
        looking = self._state.status != "ready"
        (self.findings.add_class if looking else self.findings.remove_class)("bearclf-awaited")
        show_if(self.health, self._state.has_photos)

    def _show_findings(self, findings: tuple[FindingSummary, ...]) -> None:
        looking = self._state.status != "ready"
        empty = "Still looking…" if looking else "Nothing was found in these photos."
        if findings == self._findings and (findings or self.healthy.value == f"<p>{empty}</p>"):
            return
        self._findings = findings
        chips = [
            button(
                finding.title, self._guarded(self._opener(finding)), "bearclf-chip", tooltip=finding.advice
            )
            for finding in findings
        ]
        if not chips:
            self.healthy = widgets.HTML(f"<p>{empty}</p>").add_class("bearclf-soft")
        replace_children(self.findings, chips or [self.healthy])

    def _opener(self, finding: FindingSummary) -> Any:
        focus = Focus(finding=finding.kind, title=finding.title)
        return lambda _: self._state.show(label="", part="all", focus=focus)


def _model(summary: FolderSummary, looking: bool) -> str:
    """How often a model of these photos is wrong, and when the live one was trained, as HTML.

    They are not the same: the error is that of the last scoring, whichever model is live.
    """
    trained = escape(shown_time(summary.trained)) if summary.trained else ""
    live = (
        f"The live model was trained {trained}."
        if trained
        else "The live model was not trained on these classes."
    )
    error = summary.error
    if error is None:
        # As long as what comes in its place, so that nothing below moves then.
        later = (
            "How often a model trained on these photos is wrong is shown when each photo was looked at by "
            "one that hadn't seen it."
        )
        return f"{later} {live}" if looking and trained else live
    return (
        f"<b>{error_rate(error.share)} wrong</b> ({interval(error.low, error.high)}): a model trained on "
        f"these photos, asked about {counted(summary.scored, 'photo')} that it had not learned from "
        f"(cross-validation). {live}"
    )


def _bars(classes: dict[str, int]) -> str:
    """Photos per class as bars, the largest first; many classes are folded."""
    most = max(classes.values(), default=0) or 1
    rows = [
        f'<li><span title="{escape(label)}">{escape(label)}</span>'
        f'<i aria-hidden="true"><b style="width:{100 * count / most:.1f}%"></b></i>'
        f"<span>{count:,}</span></li>"
        for label, count in sorted(classes.items(), key=lambda item: -item[1])
    ]
    css = "bearclf-bars bearclf-long" if any(len(label) > LONG_NAME for label in classes) else "bearclf-bars"
    shown = f'<ul class="{css}">{"".join(rows[:MANY_CLASSES])}</ul>'
    if len(rows) <= MANY_CLASSES:
        return shown
    return (
        f"{shown}<details><summary>{len(rows) - MANY_CLASSES} more classes</summary>"
        f'<ul class="{css}">{"".join(rows[MANY_CLASSES:])}</ul></details>'
    )
