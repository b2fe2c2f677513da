"""Steps and models to go back to."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from bearclf.protocol.base import Refused
from bearclf.protocol.curation import DownloadFile, FileContent, MakeReport, Progress, Promote, UndoStep
from bearclf.protocol.records import StepSummary
from bearclf.ui.clean.parts import FoldedList
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import BEARS, bench, find, press, text, visible
from tests.helpers.fake_curation import folder, model_summary
from tests.helpers.fakes import FakeLine


def test_earlier_steps_can_be_undone(tab: CleanTab, line: FakeLine) -> None:
    assert not visible(bench(tab).history)
    steps = [
        StepSummary(number=2, time="2026-11-22T18:40:00", sentence="3 photos moved", undone=False),
        StepSummary(number=1, time="2026-11-21T18:40:00", sentence="1 put in the bin", undone=True),
    ]
    line.announce(folder(BEARS, steps=steps))
    newest, undone = bench(tab).history.steps.rows
    assert "3 photos moved" in text(newest)
    assert "Undone" in text(undone)
    assert find(undone, "Undo") is None
    press(newest, "Undo")
    assert line.requests(UndoStep) == [UndoStep(2)]


def test_models_can_be_gone_back_to_and_downloaded(tab: CleanTab, line: FakeLine) -> None:
    models = [model_summary(2), model_summary(1, live=True), model_summary(0, recipe="fine-tune")]
    line.announce(folder(BEARS, models=models))
    newest, live, original = bench(tab).models.models.rows
    assert "3.6 % wrong (2.2–5.8 %)" in text(newest)
    assert "live</b>" in text(live)
    press(newest, "Make live")
    press(original, "Roll back to this")
    assert [asked.model_number for asked in line.requests(Promote)] == [2, 0]
    sent: list[Any] = []
    bench(tab).models.files_out.send = lambda *said: sent.append(said)
    press(live, "Card")
    assert line.requests(DownloadFile) == [DownloadFile(1, "card.json")]
    line.reply(DownloadFile, FileContent("card.json", b"{}"))
    assert sent == [({"kind": "file", "name": "card.json"}, [b"{}"])]


def test_a_report_on_a_model_is_handed_over(tab: CleanTab, line: FakeLine) -> None:
    line.announce(folder(BEARS, models=[model_summary(1, live=True)]))
    [live] = bench(tab).models.models.rows
    sent: list[Any] = []
    bench(tab).models.files_out.send = lambda *said: sent.append(said)
    press(live, "Report")
    assert line.requests(MakeReport) == [MakeReport(1)]
    line.announce(Progress("Making the report", 3, 10))
    assert "Making the report" in text(bench(tab).status)
    line.reply(MakeReport, FileContent("report on model 1.html", b"<html>"))
    assert sent == [({"kind": "file", "name": "report on model 1.html"}, [b"<html>"])]
    press(live, "Report")
    line.reply(MakeReport, Refused("I'm still busy with something else."))
    assert tab.state.problem == "I'm still busy with something else."


def test_lists_close_the_rows_they_no_longer_show() -> None:
    rows: list[widgets.Widget] = []

    def row(item: int) -> widgets.Widget:
        rows.append(widgets.Box([widgets.Label(str(item))]))
        return rows[-1]

    shown = FoldedList(row, few=2, more=2)
    shown.show(range(5))
    press(shown, "Show 2 more of 3 older")
    assert len(shown.rows) == 4
    assert [row.comm is None for row in rows] == [True] * 2 + [False] * 4
    shown.show(range(5))
    assert len(rows) == 6
    press(shown, "Show 1 more")
    assert len(shown.rows) == 5, "however long it is, all of it can be reached"
    assert not visible(shown.more)
