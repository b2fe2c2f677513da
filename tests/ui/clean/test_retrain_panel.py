"""Training, and the model before and after it."""

from __future__ import annotations

from bearclf.protocol.curation import CancelWork, Progress, Promote, Retrain, ShowSheet
from bearclf.protocol.records import Focus
from bearclf.ui.clean.reliability import reliability_picture
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import BEARS, bench, find, press, text, visible
from tests.helpers.fake_curation import folder, judged, model_summary, retrained
from tests.helpers.fakes import FakeLine


def test_retraining_shows_how_far_it_is_and_can_be_cancelled(tab: CleanTab, line: FakeLine) -> None:
    panel = bench(tab).retrain
    assert "Fine-tune" not in text(panel)
    line.announce(folder(BEARS, fine_tune_seconds=240))
    assert "Fine-tune instead: about 4 minutes" in text(panel)
    press(panel, "Retrain")
    assert line.requests(Retrain) == [Retrain("probe")]
    line.announce(Progress("Training", 3, 10))
    assert find(panel, "Retrain") is None
    assert "Training" in text(panel)
    assert "3 of 10" in text(bench(tab).status)
    press(panel, "Cancel")
    assert line.requests(CancelWork)
    line.announce(Progress("", 0, 0))
    press(panel, "Fine-tune instead: about 4 minutes")
    assert line.requests(Retrain)[-1].recipe == "fine-tune"


def test_before_and_after_stand_side_by_side(tab: CleanTab, line: FakeLine) -> None:
    line.announce(retrained())
    panel = bench(tab).retrain
    for words in ("3.6 %", "2.0–6.0 %", "2.5 %", "1.4–4.4 %", "chance could explain that"):
        assert words in text(panel)
    press(panel, "Details")
    details = bench(tab).details
    assert bench(tab).view == "details"
    for words in ("0.012", "5.0 %", "1 photo changed its answer", "grizzly → <b>black", "right now"):
        assert words in text(details)
    assert details.matrices[1].counts == [[50, 2], [1, 47]]
    press(details, "Show them")
    assert line.requests(ShowSheet)[-1].focus == Focus(digests=("d1",), title="1 photo changed its answer")
    assert bench(tab).view == "sheet"
    press(panel, "Make it live")
    assert line.requests(Promote) == [Promote(2)]
    line.announce(folder(BEARS, models=[model_summary(2, live=True)]))
    assert panel.make_live.disabled


def test_a_first_model_has_nothing_before_it(tab: CleanTab, line: FakeLine) -> None:
    line.announce(retrained(has_before=False))
    assert ">after<" in text(bench(tab).retrain)
    assert ">before<" not in text(bench(tab).retrain)
    assert not visible(bench(tab).details.before)
    assert "0 photos changed their answer" in bench(tab).details.answers.value


def test_a_reliability_picture_shows_where_the_model_is_right() -> None:
    shown = reliability_picture(None, judged(0.0, 0.0, 0.1, 0))
    assert 'cx="110.0" cy="100.0"' in shown  # confidence 0.55, right in half of 4 photos
    assert shown.count("<polyline") == 1
