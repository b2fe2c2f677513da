"""The tab, open, with a worker that the test plays."""

from __future__ import annotations

import pytest

from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import BEARS, fill
from tests.helpers.fake_curation import clean_state, folder, photo
from tests.helpers.fakes import FakeLine


@pytest.fixture
def tab(line: FakeLine) -> CleanTab:
    """Open, with two black bears and a grizzly on the sheet."""
    tab = CleanTab(clean_state(line))
    tab.begin()
    line.announce(folder(BEARS))
    fill(tab, line, photo(1, "black"), photo(2, "black", predicted="grizzly"), photo(3, "grizzly"))
    return tab
