"""Training, and the model before and after it."""

from __future__ import annotations

from bearclf.ui.clean.reliability import reliability_picture
from bearclf.ui.clean.tab import CurateTab
from tests.helpers.clean_tab import BEARS, bench, find, press, tell, text, visible
from tests.helpers.fake_curation import FakeLine, comparison, facts, side


def test_retraining_shows_how_far_it_is_and_can_be_cancelled(tab: CurateTab, line: FakeLine) -> None:
    panel = bench(tab).retrain
    assert "Fine-tune" not in text(panel)
    tell(tab, facts(BEARS, fine_tune_seconds=240))
    assert "Fine-tune instead: about 4 minutes" in text(panel)
    press(panel, "Retrain")
    assert line.requests("retrain") == [{"kind": "retrain", "recipe": "probe"}]
    tell(tab, {"kind": "progress", "progress": {"what": "Training", "done": 3, "total": 10}})
    assert find(panel, "Retrain") is None
    assert "Training" in text(panel)
    assert "3 of 10" in text(bench(tab).status)
    press(panel, "Cancel")
    assert line.requests("cancel")
    tell(tab, {"kind": "progress", "progress": {}})
    press(panel, "Fine-tune instead: about 4 minutes")
    assert line.requests("retrain")[-1]["recipe"] == "fine-tune"


def test_before_and_after_stand_side_by_side(tab: CurateTab, line: FakeLine) -> None:
    tell(tab, {"kind": "compared", "comparison": comparison(), "news": "Trained."})
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
    assert line.requests("sheet")[-1]["focus"] == {"digests": ["d1"]}
    assert bench(tab).view == "sheet"
    press(panel, "Make it live")
    assert line.requests("promote") == [{"kind": "promote", "number": 2}]
    live = {"number": 2, "time": "", "error": None, "photos": 3, "live": True, "recipe": "probe"}
    tell(tab, facts(BEARS, versions=[live]))
    assert panel.make_live.disabled


def test_a_first_model_has_nothing_before_it(tab: CurateTab) -> None:
    first = {**comparison(), "before": None, "changed": []}
    tell(tab, {"kind": "compared", "comparison": first, "news": "Trained."})
    assert "with changes" in text(bench(tab).retrain)
    assert ">now<" not in text(bench(tab).retrain)
    assert not visible(bench(tab).details.before)
    assert "0 photos changed their answer" in bench(tab).details.answers.value


def test_a_reliability_picture_shows_where_the_model_is_right() -> None:
    shown = reliability_picture(None, side([0.0, 0.0, 0.1], 0))
    assert 'cx="110.0" cy="100.0"' in shown  # confidence 0.55, right in half of 4 photos
    assert shown.count("<polyline") == 1
