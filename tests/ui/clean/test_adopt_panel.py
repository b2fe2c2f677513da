from __future__ import annotations

import pytest

from bearclf.errors import UserError
from bearclf.protocol.adopting import Adopted, AdoptExport, ExportContents, ForgetExport, LookAtExport
from bearclf.protocol.base import Refused
from bearclf.protocol.curation import StageArchive
from bearclf.ui.clean.adopt_panel import AdoptPanel
from bearclf.ui.clean.adopting_state import SLICE_BYTES
from bearclf.ui.clean.state import CleanState
from tests.helpers.fake_curation import clean_state
from tests.helpers.fakes import FakeLine


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def clean(line: FakeLine) -> CleanState:
    state = clean_state(line)
    state.open()
    return state


def brought(clean: CleanState) -> AdoptPanel:
    panel = AdoptPanel(clean, lambda call: call)
    panel.state.bring(bytes(SLICE_BYTES + 5))
    return panel


def test_an_export_goes_in_slices_is_told_of_and_adopted(line: FakeLine, clean: CleanState) -> None:
    panel = brought(clean)
    assert [part.start for part in line.requests(StageArchive)] == [0, SLICE_BYTES]
    assert panel.upload.layout.display == "none"
    with pytest.raises(UserError, match="no file"):
        panel.state.agree()  # nobody has been told what is in it
    line.reply(LookAtExport, ExportContents(("Unusual in an export: <os>.system.",)))
    assert "&lt;os&gt;.<wbr>system" in panel.contents.value
    panel.agree.click()
    line.reply(AdoptExport, Refused("I'm still busy."))
    assert (panel.state.status, clean.problem) == ("asking", "I'm still busy.")
    panel.agree.click()
    line.reply(AdoptExport, Adopted(4, "Model 4 is adopted."))
    assert (panel.state.status, clean.news) == ("idle", "Model 4 is adopted.")


def test_what_is_no_export_is_said_and_another_can_be_chosen(line: FakeLine, clean: CleanState) -> None:
    panel = brought(clean)
    line.reply(LookAtExport, Refused("This file is a photo."))
    assert (panel.state.status, clean.problem) == ("idle", "This file is a photo.")


def test_an_export_that_nobody_wants_is_forgotten(line: FakeLine, clean: CleanState) -> None:
    panel = brought(clean)
    line.reply(LookAtExport, ExportContents(("Usual.",)))
    panel.drop.click()
    assert len(line.requests(ForgetExport)) == 1
    assert panel.state.status == "idle"
