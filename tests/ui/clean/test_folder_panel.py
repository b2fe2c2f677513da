"""The folder at a glance, and what opens from there."""

from __future__ import annotations

from bearclf.protocol.curation import ShowSheet
from bearclf.protocol.records import ErrorRate, FindingSummary, Focus, Matrix
from bearclf.ui.clean.tab import CleanTab
from tests.helpers.clean_tab import BEARS, bench, press, text, visible
from tests.helpers.fake_curation import folder
from tests.helpers.fakes import FakeLine
from tests.helpers.widgets import send


def test_an_empty_folder_says_what_to_do(tab: CleanTab, line: FakeLine) -> None:
    line.announce(folder({}, cant_train="Two classes are needed."))
    assert bench(tab).view == "adding"
    assert "There are no training photos yet" in text(tab)
    assert bench(tab).retrain.retrain.disabled
    assert "Two classes are needed." in text(tab)
    line.announce(folder(BEARS))
    assert bench(tab).view == "adding", "one class is not enough: whoever adds photos goes on adding"
    assert not bench(tab).retrain.retrain.disabled
    bench(tab).adding.back.click()
    assert bench(tab).view == "sheet"


def test_the_folder_at_a_glance(tab: CleanTab, line: FakeLine) -> None:
    error = ErrorRate(share=0.036, low=0.022, high=0.058)
    line.announce(folder(BEARS, error=error, scored=472, trained="2026-11-02T14:33:00"))
    shown = text(bench(tab).folder)
    for words in ("3 photos, 2 classes", "3.6 % wrong", "2.2–5.8 %", "472", "2 Nov 2026, 14:33"):
        assert words in shown
    assert "a model trained on these photos, asked about 472 photos that it had not learned from" in shown
    assert "Nothing was found" in shown
    line.announce(folder(BEARS, looking=True))
    assert "Still looking" in text(bench(tab).folder)
    assert "The live model was not trained on these classes" in text(bench(tab).folder)


def test_a_finding_opens_as_a_list(tab: CleanTab, line: FakeLine) -> None:
    title = "2 likely mislabelled"
    finding = FindingSummary(kind="mislabelled", title=title, advice="Look at each.", photos=2)
    line.announce(folder(BEARS, findings=(finding,)))
    press(bench(tab).folder, "2 likely mislabelled")
    assert line.requests(ShowSheet)[-1].focus == Focus(finding="mislabelled", title=title)
    assert "Showing: <b>2 likely mislabelled" in bench(tab).sheet.count.value
    press(bench(tab).sheet, "Show all photos")
    assert line.requests(ShowSheet)[-1].focus == Focus()
    assert "Showing" not in bench(tab).sheet.count.value


def test_many_classes_stay_readable(tab: CleanTab, line: FakeLine) -> None:
    line.announce(folder({f"class {number}": number for number in range(37)}))
    assert "25 more classes" in text(bench(tab).folder)


def test_a_cell_of_the_matrix_opens_its_photos(tab: CleanTab, line: FakeLine) -> None:
    assert not visible(bench(tab).mix_ups)
    line.announce(folder(BEARS, matrix=Matrix(classes=("black", "grizzly"), counts=((1, 1), (0, 1)))))
    assert visible(bench(tab).mix_ups)
    send(bench(tab).mix_ups.matrix, {"kind": "cell", "row": 0, "column": 1})
    assert line.requests(ShowSheet)[-1].focus.cell == ("black", "grizzly")
    assert "black taken for grizzly" in bench(tab).sheet.count.value
