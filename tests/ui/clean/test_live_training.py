"""A fine-tuning, as the page shows it while it goes on."""

from __future__ import annotations

from bearclf.protocol.curation import Training
from bearclf.protocol.records import EpochRow
from bearclf.ui.clean.live_training import training_picture
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import bench, visible
from tests.helpers.fakes import FakeLine


def epoch(number: int, frozen: bool, train: float, valid: float) -> EpochRow:
    figures = {"train_loss": train, "valid_loss": valid, "error_rate": 0.25}
    return EpochRow(number=number, size=128, frozen=frozen, figures=figures, seconds=65.4)


EPOCHS = (epoch(0, True, 1.2, 1.0), epoch(0, False, 0.8, 0.5), epoch(1, False, 0.4, float("nan")))


def test_the_table_and_the_curve_grow_with_each_epoch(tab: CleanTab, line: FakeLine) -> None:
    live = bench(tab).retrain.live
    assert not visible(live)
    for done in (1, 2, 3):
        line.announce(Training(EPOCHS[:done]))
        assert visible(live)
        assert len(live.outputs) == 1
        shown = live.get_state()["outputs"][0]["data"]["text/html"]
        assert shown.count("<td>01:05</td>") == done
    for words in (">The head alone, 128 pixels<", ">The whole network, 128 pixels<", ">error_<wbr>rate<"):
        assert shown.count(words) == 1
    assert "<td>0.8000</td><td>0.5000</td><td>0.2500</td>" in shown
    line.announce(Training())
    assert not visible(live)
    assert live.outputs == ()


def test_a_loss_that_is_no_number_leaves_a_gap_in_the_curve() -> None:
    shown = training_picture(Training(EPOCHS))
    assert shown.count("<circle") == 5
    assert 'cy="nan"' not in shown


def test_why_it_ended_early_is_said() -> None:
    assert "Stopped: &lt;the best" in training_picture(Training(EPOCHS, "Stopped: <the best"))
