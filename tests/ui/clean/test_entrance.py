"""Who may open the tab."""

from __future__ import annotations

import ipywidgets as widgets

from bearclf.ui.clean.tab import CleanTab
from bearclf.ui.tabs import AppTabs
from tests.helpers.clean_tab import bench, find, press, text, visible
from tests.helpers.fake_curation import clean_state
from tests.helpers.fakes import FakeLine
from tests.helpers.widgets import send


def test_the_worker_is_started_when_the_tab_is_first_looked_at(line: FakeLine) -> None:
    clean = CleanTab(clean_state(line))
    tabs = AppTabs(widgets.Box(), clean)
    assert tabs.titles == ("Identify", "Clean the training photos")
    assert line.started == 0
    for index in (1, 0, 1):
        tabs.selected_index = index
    assert line.started == 1
    assert "Opening the training photos" in text(clean)


def test_a_closed_tab_says_why_and_nothing_else(line: FakeLine) -> None:
    tab = CleanTab(clean_state(line, "closed", "Cleaning is <closed>."))
    tab.begin()
    assert line.started == 0
    assert text(tab).count("Cleaning is <closed>.") == 1
    assert find(tab, "Open") is None
    assert tab.workbench is None


def test_a_passphrase_opens_the_tab_and_is_kept_nowhere(line: FakeLine) -> None:
    tab = CleanTab(clean_state(line, "passphrase", "Please enter the passphrase."))
    tab.begin()
    entrance = tab.entrance
    entrance.passphrase.value = "wrong"
    press(entrance, "Open")
    assert "That is not the passphrase" in entrance.error.value
    assert entrance.passphrase.value == ""
    entrance.passphrase.value = "four words here"
    send(entrance.passphrase, {"event": "submit"})
    assert line.started == 1
    assert entrance.passphrase.value == ""
    assert visible(bench(tab))
    assert entrance not in tab.children
