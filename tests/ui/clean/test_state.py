"""The second tab's state: only who may gets anything done, whatever a browser sends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bearclf.errors import UserError
from bearclf.protocol.curation import DownloadFile, ShowWays
from bearclf.ui.clean.adopting_state import AdoptingState
from bearclf.ui.clean.finding_state import FindingState
from bearclf.ui.clean.state import CleanState
from tests.helpers.fake_curation import clean_state, folder, photo
from tests.helpers.fakes import FakeLine

PHOTO = photo(1, "black")

ASKED: dict[str, Callable[[CleanState], None]] = {
    "show": lambda state: state.show(label=""),
    "go": lambda state: state.go(1),
    "mark": lambda state: state.mark(PHOTO, 1),
    "unmark": lambda state: state.unmark(),
    "apply": lambda state: state.apply(),
    "undo": lambda state: state.undo(1),
    "stage": lambda state: state.stage("batch", "black", "a.jpg", b"content"),
    "add": lambda state: state.add("batch", 1),
    "add_archive": lambda state: state.add_archive("batch"),
    "stage_archive": lambda state: state.stage_archive("batch", 0, b"content", lambda: None),
    "retrain": lambda state: state.retrain("probe"),
    "cancel": lambda state: state.cancel(),
    "promote": lambda state: state.promote(1),
    "ask": lambda state: state.ask(ShowWays("", 0), lambda _: None, lambda: None),
    "bring": lambda state: AdoptingState(state).bring(b"content"),
    "find": lambda state: FindingState(state).find("bear", "grizzly", "openverse", None),
    "download": lambda state: state.download(DownloadFile(1, "export.pkl"), lambda *_: None),
    "open": lambda state: state.open(),
}


def test_every_public_method_is_guarded() -> None:
    own = {name for name, value in vars(CleanState).items() if callable(value) and not name.startswith("_")}
    assert own - {"on_announcement", "choices", "choice", "unlock"} == set(ASKED) - {"bring", "find"}


@pytest.mark.parametrize("name", ASKED)
def test_who_may_not_curate_gets_nothing_done(name: str) -> None:
    line = FakeLine()
    state = clean_state(line, "passphrase", "Curators know the passphrase.")
    with pytest.raises(UserError, match="passphrase"):
        ASKED[name](state)
    assert (line.started, line.asked) == (0, {}), "not even a worker was started"


@pytest.mark.parametrize("choice", [-1, 3, 99])
def test_a_choice_that_nobody_offered_is_refused(choice: int) -> None:
    state = clean_state(FakeLine())
    state.open()
    state.on_announcement(folder({"black": 1, "grizzly": 1}))
    with pytest.raises(UserError, match="choose again"):
        state.mark(PHOTO, choice)
    assert state.marks == {}
