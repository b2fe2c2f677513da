"""The tab as a whole: what is said, and what goes wrong."""

from __future__ import annotations

import logging
from typing import Any

import ipywidgets as widgets
import pytest

from bearclf.errors import OUR_FAULT
from bearclf.protocol.base import Refused, Restarting, Trouble
from bearclf.protocol.curation import Retrain
from bearclf.protocol.records import StepSummary
from bearclf.ui.clean.parts import counted, shown_time
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import bench, choose, fill, press, slots, text
from tests.helpers.fake_curation import folder, model_summary, photo
from tests.helpers.fakes import FakeLine


def test_names_from_the_folder_are_never_taken_for_html(tab: CleanTab, line: FakeLine) -> None:
    evil = '<img src=x onerror="alert(1)">'
    step = StepSummary(number=1, time=evil, sentence=evil, undone=False)
    model = model_summary(1, time=evil, recipe=evil)
    line.announce(folder({evil: 1}, imbalance=evil, cant_train=evil, steps=[step], models=[model]))
    fill(tab, line, photo(1, evil, name=evil, predicted=evil, note=evil))
    [slot] = slots(tab)
    choose(slot, "delete")
    line.announce(Trouble(evil))
    press(bench(tab).pending, "Review and apply")

    def values(widget: Any) -> str:
        own = widget.value if isinstance(widget, widgets.HTML) else ""
        return own + "".join(values(child) for child in getattr(widget, "children", ()))

    assert "onerror" in values(tab)
    assert "<img src=x" not in values(tab)


def test_a_fault_of_ours_is_logged_and_said_plainly(
    tab: CleanTab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("some detail")

    monkeypatch.setattr(tab.state, "retrain", fail)
    with caplog.at_level(logging.ERROR):
        press(tab, "Retrain")
    assert OUR_FAULT in tab.problem.value
    assert "some detail" in caplog.text


def test_what_the_worker_refuses_is_said(tab: CleanTab, line: FakeLine) -> None:
    press(tab, "Retrain")
    line.reply(Retrain, Refused("The disk is <full>."))
    assert '<p role="alert">The disk is &lt;full&gt;.</p>' in tab.problem.value
    press(tab, "Retrain")
    assert tab.problem.value == ""


def test_a_worker_that_starts_again_leaves_the_marks(tab: CleanTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "delete")
    line.announce(Restarting())
    assert "Your marks are kept" in text(bench(tab).status)
    assert "1 change waiting" in text(bench(tab).pending)


def test_a_class_that_went_takes_its_marks_along(tab: CleanTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "move to grizzly")
    line.announce(folder({"black": 3}))
    assert tab.state.marks == {}
    assert not tab.problem.value


def test_numbers_and_times_are_written_as_people_do() -> None:
    assert (counted(1, "photo"), counted(1200, "class", "classes")) == ("1 photo", "1,200 classes")
    assert shown_time("2026-11-02T14:33:00") == "2 Nov 2026, 14:33"
    assert shown_time("yesterday") == "yesterday"
