from __future__ import annotations

import html
import logging
import stat
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

from bearclf.settings import MAX_BATCH_PHOTOS
from bearclf.tabs.app_tabs import AppTabs
from bearclf.tabs.clean.curate import CurateTab, Workbench
from bearclf.tabs.clean.parts import FoldedList, counted, shown_time
from bearclf.tabs.clean.photo_slot import PhotoSlot
from bearclf.tabs.clean.reliability import reliability_picture
from bearclf.tabs.drop_zone import MAX_ARCHIVE_BYTES
from bearclf.tabs.guard import OUR_FAULT
from tests.fake_curation import FakeLine, comparison, curate_state, facts, photo, sheet, side

BEARS = {"black": 2, "grizzly": 1}


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def tab(line: FakeLine) -> CurateTab:
    """Open, with two black bears and a grizzly on the sheet."""
    tab = CurateTab(curate_state(line))
    tab.begin()
    tell(tab, facts(BEARS))
    fill(tab, line, photo(1, "black"), photo(2, "black", predicted="grizzly"), photo(3, "grizzly"))
    return tab


def bench(tab: CurateTab) -> Workbench:
    assert tab.workbench is not None
    return tab.workbench


def tell(tab: CurateTab, message: dict[str, Any]) -> None:
    tab._state.hear(message, b"")


def fill(tab: CurateTab, line: FakeLine, *photos: dict[str, Any], shown: bool = True, **pages: int) -> None:
    """Answer the newest request for a page; ``shown`` is whether the browser has them on the screen."""
    while len(line.requests("sheet")) > 1:
        line.answer("sheet", *sheet([]))
    line.answer("sheet", *sheet(list(photos), **pages))
    if shown:
        say_shown(tab)


def say_shown(tab: CurateTab) -> None:
    browser = bench(tab).sheet.browser
    browser._handle_custom_msg({"kind": "shown", "filled": browser.filled}, [])


def slots(tab: CurateTab) -> list[PhotoSlot]:
    return [slot for slot in bench(tab).sheet.slots if visible(slot)]


def visible(widget: widgets.DOMWidget) -> bool:
    return widget.layout.display != "none"


def choose(slot: PhotoSlot, option: str) -> None:
    """As the browser does: by the index of the option."""
    slot.choice.set_state({"index": list(slot.choice.options).index(option)})


def text(widget: Any) -> str:
    """All that a widget and what is in it says, without what is hidden."""
    if isinstance(widget, widgets.DOMWidget) and not visible(widget):
        return ""
    own = getattr(widget, "value", "") if isinstance(widget, widgets.HTML) else ""
    named = getattr(widget, "description", "")
    inside = " ".join(text(child) for child in getattr(widget, "children", ()))
    return html.unescape(f"{own} {named} {inside}")


def press(widget: Any, name: str) -> None:
    """Click the first button of this name that is shown."""
    found = find(widget, name)
    assert found is not None, f"no button “{name}” in: {text(widget)}"
    found.click()


def find(widget: Any, name: str) -> widgets.Button | None:
    if not visible(widget):
        return None
    if isinstance(widget, widgets.Button) and widget.description == name:
        return widget
    inside = (find(child, name) for child in getattr(widget, "children", ()))
    return next((one for one in inside if one is not None), None)


# Who may


def test_the_worker_is_started_when_the_tab_is_first_looked_at(line: FakeLine) -> None:
    curate = CurateTab(curate_state(line))
    tabs = AppTabs(widgets.Box(), curate)
    assert tabs.titles == ("Identify", "Clean the training photos")
    assert line.started == 0
    for index in (1, 0, 1):
        tabs.selected_index = index
    assert line.started == 1
    assert "Opening the training photos" in text(curate)


def test_a_closed_tab_says_why_and_nothing_else(line: FakeLine) -> None:
    tab = CurateTab(curate_state(line, "closed", "Cleaning is <closed>."))
    tab.begin()
    assert line.started == 0
    assert text(tab).count("Cleaning is <closed>.") == 1
    assert find(tab, "Open") is None
    assert tab.workbench is None


def test_a_passphrase_opens_the_tab_and_is_kept_nowhere(line: FakeLine) -> None:
    tab = CurateTab(curate_state(line, "passphrase", "Please enter the passphrase."))
    tab.begin()
    entrance = tab.entrance
    entrance.passphrase.value = "wrong"
    press(entrance, "Open")
    assert "That is not the passphrase" in entrance.error.value
    assert entrance.passphrase.value == ""
    entrance.passphrase.value = "four words here"
    entrance.passphrase._handle_custom_msg({"event": "submit"}, [])
    assert line.started == 1
    assert entrance.passphrase.value == ""
    assert visible(bench(tab))
    assert entrance not in tab.children


# The folder


def test_an_empty_folder_says_what_to_do(tab: CurateTab, line: FakeLine) -> None:
    tell(tab, facts({}, cant_train="Two classes are needed."))
    assert bench(tab).view == "adding"
    assert "There are no training photos yet" in text(tab)
    assert bench(tab).retrain.retrain.disabled
    assert "Two classes are needed." in text(tab)
    tell(tab, facts(BEARS))
    assert bench(tab).view == "adding", "one class is not enough: whoever adds photos goes on adding"
    assert not bench(tab).retrain.retrain.disabled
    bench(tab).adding.back.click()
    assert bench(tab).view == "sheet"


def test_the_folder_at_a_glance(tab: CurateTab) -> None:
    tell(tab, facts(BEARS, error=[0.036, 0.022, 0.058, 472], trained="2026-11-02T14:33:00"))
    shown = text(bench(tab).folder)
    for words in ("3 photos, 2 classes", "3.6 % wrong", "2.2–5.8 %", "472", "2 Nov 2026, 14:33"):
        assert words in shown
    assert "Nothing: no finding" in shown
    tell(tab, facts(BEARS, looking=True))
    assert "Still looking" in text(bench(tab).folder)


def test_a_finding_opens_as_a_list(tab: CurateTab, line: FakeLine) -> None:
    finding = {"kind": "mislabelled", "title": "2 likely mislabelled", "advice": "Look at each.", "count": 2}
    tell(tab, facts(BEARS, findings=[finding]))
    press(bench(tab).folder, "2 likely mislabelled")
    assert line.requests("sheet")[-1]["focus"] == {"finding": "mislabelled"}
    assert "Showing: <b>2 likely mislabelled" in bench(tab).sheet.count.value
    press(bench(tab).sheet, "Show all photos")
    assert line.requests("sheet")[-1]["focus"] == {}
    assert "Showing" not in bench(tab).sheet.count.value


def test_many_classes_stay_readable(tab: CurateTab) -> None:
    tell(tab, facts({f"class {number}": number for number in range(37)}))
    assert "25 more classes" in text(bench(tab).folder)


def test_names_from_the_folder_are_never_taken_for_html(tab: CurateTab, line: FakeLine) -> None:
    evil = '<img src=x onerror="alert(1)">'
    step = {"number": 1, "time": evil, "sentence": evil, "undone": False}
    model = {"number": 1, "time": evil, "error": None, "photos": 3, "live": False, "recipe": evil}
    tell(tab, facts({evil: 1}, imbalance=evil, cant_train=evil, steps=[step], versions=[model]))
    fill(tab, line, photo(1, evil, name=evil, predicted=evil, note=evil))
    [slot] = slots(tab)
    choose(slot, "delete")
    tell(tab, {"kind": "problem", "message": evil})
    bench(tab)._review(None)

    def values(widget: Any) -> str:
        own = widget.value if isinstance(widget, widgets.HTML) else ""
        return own + "".join(values(child) for child in getattr(widget, "children", ()))

    assert "onerror" in values(tab)
    assert "<img src=x" not in values(tab)


# The sheet


def test_cards_say_label_answer_probability_and_loss(tab: CurateTab) -> None:
    words = html.unescape(slots(tab)[1].words.value)
    for part in ("black</span> → <b>grizzly", "0.75", "loss 0.29"):
        assert part in words
    assert 'alt="black photo black_2.jpg"' in slots(tab)[1].picture.value
    assert slots(tab)[1].choice.options == ("keep", "delete", "move to grizzly")
    assert bench(tab).sheet.browser.names[1] == "black photo black_2.jpg"


def test_marks_colour_their_cards_and_are_counted(tab: CurateTab) -> None:
    assert not visible(bench(tab).pending)
    first, second, third = slots(tab)
    choose(first, "move to grizzly")
    choose(third, "delete")
    assert "2 changes waiting: 1 moves, 1 goes to the bin" in text(bench(tab).pending)
    assert "bearclf-moved" in first._dom_classes
    assert "bearclf-gone" in third._dom_classes
    assert not {"bearclf-moved", "bearclf-gone"} & set(second._dom_classes)
    choose(third, "keep")
    assert "1 change waiting: 1 moves" in text(bench(tab).pending)
    press(bench(tab).pending, "Forget them")
    assert first.choice.index == 0
    assert not visible(bench(tab).pending)


def test_marks_survive_every_change_of_what_is_shown(tab: CurateTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "delete")
    bench(tab).sheet.label.set_state({"index": 2})
    bench(tab).sheet.part.set_state({"index": 1})
    bench(tab).sheet.order.set_state({"index": 4})
    asked = line.requests("sheet")[-1]
    assert (asked["label"], asked["part"], asked["order"], asked["page"]) == (
        "grizzly",
        "train",
        "visitors",
        0,
    )
    fill(tab, line, photo(3, "grizzly"))
    assert slots(tab)[0].choice.index == 0
    assert "1 change waiting" in text(bench(tab).pending)
    fill_again = photo(1, "black")
    bench(tab).sheet.label.set_state({"index": 0})
    fill(tab, line, fill_again)
    assert slots(tab)[0].choice.index == 1
    assert "bearclf-gone" in slots(tab)[0]._dom_classes


def test_cards_are_made_once(tab: CurateTab, line: FakeLine) -> None:
    before = bench(tab).sheet.cards.children
    tab._state.go(0)
    fill(tab, line, *(photo(number, "black") for number in range(24)), pages=2, total=30)
    assert bench(tab).sheet.cards.children is before
    assert len(slots(tab)) == 24


def test_a_choice_on_its_way_is_meant_for_the_photo_that_was_seen(tab: CurateTab, line: FakeLine) -> None:
    tab._state.go(1)
    fill(tab, line, photo(7, "grizzly"), shown=False, page=1, pages=2)
    [slot] = slots(tab)
    slot.choice.set_state({"index": 1})  # the browser still shows the first page
    assert list(tab._state.marks) == ["black/1"]
    assert slot.choice.index == 0
    say_shown(tab)
    slot.choice.set_state({"index": 1})
    assert list(tab._state.marks) == ["black/1", "grizzly/7"]


def test_keys_make_the_choices_of_their_class(tab: CurateTab) -> None:
    black, _, grizzly = bench(tab).sheet.browser.shortcuts
    assert black == {"k": 0, "d": 1, "1": 0, "2": 2}
    assert grizzly == {"k": 0, "d": 1, "1": 2, "2": 0}
    assert "1 black" in bench(tab).sheet.hint.value


def test_visitors_photos_have_choices_of_their_own(tab: CurateTab, line: FakeLine) -> None:
    tab._state.go(0)
    fill(tab, line, photo(9, "black", visitor=4), photo(3, "grizzly"))
    visitors = slots(tab)[0]
    assert visitors.choice.options == ("leave waiting", "discard", "add to black", "add to grizzly")
    assert bench(tab).sheet.browser.shortcuts[0]["1"] == 2
    choose(visitors, "add to black")
    assert "1 is added" in text(bench(tab).pending)


def test_every_page_can_be_reached(tab: CurateTab, line: FakeLine) -> None:
    sheet_view = bench(tab).sheet
    assert not visible(sheet_view.pager)
    tab._state.go(0)
    fill(tab, line, photo(1, "black"), pages=3, total=50)
    assert sheet_view.before.disabled
    press(sheet_view, "Next page")
    assert line.requests("sheet")[-1]["page"] == 1
    fill(tab, line, photo(2, "black"), page=1, pages=3, total=50)
    sheet_view.pages.set_state({"index": 2})
    assert line.requests("sheet")[-1]["page"] == 2
    fill(tab, line, photo(3, "grizzly"), page=2, pages=3, total=50)
    assert sheet_view.after.disabled


def test_no_refill_is_taken_for_a_choice(tab: CurateTab, line: FakeLine) -> None:
    choose(slots(tab)[0], "move to grizzly")
    tell(tab, facts({"black": 2, "brown": 1, "grizzly": 1}))
    fill(tab, line, photo(3, "grizzly"), photo(1, "black"))
    assert [mark.name for mark in tab._state.marks.values()] == ["black_1.jpg"]
    assert slots(tab)[1].choice.options[slots(tab)[1].choice.index] == "move to grizzly"
    assert len(line.requests("sheet")) == 0


def test_a_cell_of_the_matrix_opens_its_photos(tab: CurateTab, line: FakeLine) -> None:
    assert not visible(bench(tab).mix_ups)
    tell(tab, facts(BEARS, matrix={"classes": ["black", "grizzly"], "counts": [[1, 1], [0, 1]]}))
    assert visible(bench(tab).mix_ups)
    bench(tab).mix_ups.matrix._handle_custom_msg({"kind": "cell", "row": 0, "column": 1}, [])
    assert line.requests("sheet")[-1]["focus"] == {"cell": ["black", "grizzly"]}
    assert "black taken for grizzly" in bench(tab).sheet.count.value


# Apply and undo


def test_apply_shows_what_will_happen_first(tab: CurateTab, line: FakeLine) -> None:
    first, second, third = slots(tab)
    choose(first, "move to grizzly")
    choose(second, "delete")
    choose(third, "delete")
    press(bench(tab).pending, "Review and apply")
    assert bench(tab).view == "review"
    assert not line.requests("apply")
    shown = text(bench(tab).review)
    for words in ("black → grizzly", "black → the bin", "grizzly → the bin", "black_1.jpg"):
        assert words in shown
    rows = [group.children[1] for group in bench(tab).review.groups.children]
    press(rows[-1], "Take back")
    assert "grizzly → the bin" not in text(bench(tab).review)
    press(bench(tab).review, "Apply these changes")
    [asked] = line.requests("apply")
    assert [(change["name"], change["to"]) for change in asked["changes"]] == [
        ("black_1.jpg", "grizzly"),
        ("black_2.jpg", None),
    ]
    reply = {
        "kind": "applied",
        "news": "1 photo moved.",
        "problem": "1 was left alone.",
        "left": [f"{2:064x}"],
    }
    line.answer("apply", reply)
    assert bench(tab).view == "sheet"
    assert "1 photo moved." in text(bench(tab).status)
    assert bench(tab).sheet.browser.announcement == "1 photo moved."
    assert "1 was left alone." in tab.problem.value
    assert "1 change waiting: 1 goes to the bin" in text(bench(tab).pending)
    tell(tab, facts(BEARS))
    assert "1 was left alone." in tab.problem.value


def test_a_review_that_has_nothing_left_is_over(tab: CurateTab) -> None:
    choose(slots(tab)[0], "delete")
    press(bench(tab).pending, "Review and apply")
    press(bench(tab).review.groups, "Take back")
    assert bench(tab).view == "sheet"


def test_a_long_review_lists_some_and_counts_the_rest(tab: CurateTab, line: FakeLine) -> None:
    for page in range(6):
        tab._state.go(page)
        fill(tab, line, *(photo(100 * page + number, "black") for number in range(24)))
        for slot in slots(tab):
            choose(slot, "delete")
    press(bench(tab).pending, "Review and apply")
    assert "144" in text(bench(tab).review)
    assert "and 44 more" in text(bench(tab).review)
    assert text(bench(tab).review).count("Take back") == 100


def test_earlier_steps_can_be_undone(tab: CurateTab, line: FakeLine) -> None:
    assert not visible(bench(tab).history)
    steps = [
        {"number": 2, "time": "2026-11-22T18:40:00", "sentence": "3 photos moved", "undone": False},
        {"number": 1, "time": "2026-11-21T18:40:00", "sentence": "1 put in the bin", "undone": True},
    ]
    tell(tab, facts(BEARS, steps=steps))
    newest, undone = bench(tab).history.steps.rows
    assert "3 photos moved" in text(newest)
    assert "Undone" in text(undone)
    assert find(undone, "Undo") is None
    press(newest, "Undo")
    assert line.requests("undo") == [{"kind": "undo", "step": 2}]


# Training


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


def test_models_can_be_gone_back_to_and_downloaded(tab: CurateTab, line: FakeLine) -> None:
    error = [0.036, 0.022, 0.058]
    versions = [
        {
            "number": 2,
            "time": "2026-11-22T18:40:00",
            "error": error,
            "photos": 3,
            "live": False,
            "recipe": "probe",
        },
        {
            "number": 1,
            "time": "2026-11-21T18:40:00",
            "error": error,
            "photos": 3,
            "live": True,
            "recipe": "probe",
        },
        {"number": 0, "time": "", "error": None, "photos": 5, "live": False, "recipe": "fine-tune"},
    ]
    tell(tab, facts(BEARS, versions=versions))
    newest, live, original = bench(tab).models.models.rows
    assert "3.6 % wrong (2.2–5.8 %)" in text(newest)
    assert "live</b>" in text(live)
    press(newest, "Make live")
    press(original, "Roll back to this")
    assert [asked["number"] for asked in line.requests("promote")] == [2, 0]
    sent: list[Any] = []
    bench(tab).models.files_out.send = lambda *said: sent.append(said)
    press(live, "Card")
    assert line.requests("download") == [{"kind": "download", "number": 1, "name": "card.json"}]
    line.answer("download", {"kind": "file", "name": "card.json"}, b"{}")
    assert sent == [({"kind": "file", "name": "card.json"}, [b"{}"])]


def test_a_reliability_picture_shows_where_the_model_is_right() -> None:
    shown = reliability_picture(None, side([0.0, 0.0, 0.1], 0))
    assert 'cx="110.0" cy="100.0"' in shown  # confidence 0.55, right in half of 4 photos
    assert shown.count("<polyline") == 1


# Adding


def say(tab: CurateTab, message: dict[str, Any], *buffers: bytes) -> None:
    """As the drop zone in a browser does."""
    zone = bench(tab).adding.drop_zone
    zone._handle_custom_msg(message, [memoryview(buffer) for buffer in buffers])


def test_photos_are_added_to_a_class_as_one_step(tab: CurateTab, line: FakeLine) -> None:
    press(tab, "Add photos")
    adding = bench(tab).adding
    adding.label.set_state({"index": 1})
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg", "b.txt", "c.jpg"]})
    say(tab, {"kind": "photo", "batch": 1, "index": 0}, b"A")
    say(tab, {"kind": "refused", "batch": 1, "index": 1, "reason": "no_photo"})
    assert not line.requests("add")
    say(tab, {"kind": "photo", "batch": 1, "index": 2}, b"C")
    staged = [(asked, content) for asked, _, content in line.asked if asked["kind"] == "stage"]
    assert [(asked["label"], asked["name"], content) for asked, content in staged] == [
        ("grizzly", "a.jpg", b"A"),
        ("grizzly", "c.jpg", b"C"),
    ]
    [added] = line.requests("add")
    assert {asked["batch"] for asked, _ in staged} == {added["batch"]}
    assert "2 of 3 photos sent" in adding.said.value
    assert "b.txt isn't a photo" in html.unescape(adding.said.value)


def test_a_new_class_needs_a_name(tab: CurateTab, line: FakeLine) -> None:
    press(tab, "Add photos")
    adding = bench(tab).adding
    adding.label.set_state({"index": 0})
    assert not visible(adding.new_label)
    adding.label.set_state({"index": 2})
    assert visible(adding.new_label)
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg"]})
    say(tab, {"kind": "photo", "batch": 1, "index": 0}, b"A")
    assert "choose a class, or give the new one a name" in tab.problem.value
    assert not line.requests("stage")
    adding.new_label.value = " panda "
    say(tab, {"kind": "batch", "batch": 2, "names": ["a.jpg"]})
    say(tab, {"kind": "photo", "batch": 2, "index": 0}, b"A")
    assert line.requests("stage")[0]["label"] == "panda"
    tell(tab, facts({**BEARS, "panda": 1}))
    assert adding.label.value == "panda"
    assert bench(tab).view == "adding"
    press(adding, "Back to the photos")
    assert bench(tab).view == "sheet"


def test_a_zip_comes_in_slices_into_a_file_of_our_own(
    tab: CurateTab, line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    say(tab, {"kind": "archive", "size": 5})
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    assert not line.requests("add_archive")
    say(tab, {"kind": "slice", "start": 0}, b"abc")  # again: not taken
    say(tab, {"kind": "slice", "start": 3}, b"de")
    [asked] = line.requests("add_archive")
    path = Path(asked["path"])
    assert path.read_bytes() == b"abcde"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_zip_that_is_too_large_or_lies_leaves_nothing_behind(
    tab: CurateTab, line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    say(tab, {"kind": "archive", "size": MAX_ARCHIVE_BYTES + 1})
    assert "larger than 512 MB" in tab.problem.value
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    say(tab, {"kind": "archive", "size": 2})
    say(tab, {"kind": "slice", "start": 0}, b"abc")
    assert "differently from how it was announced" in tab.problem.value
    assert list(tmp_path.iterdir()) == []
    assert not line.requests("add_archive")


def test_too_many_photos_at_once_are_refused(tab: CurateTab, line: FakeLine) -> None:
    say(tab, {"kind": "batch", "batch": 1, "names": ["a.jpg"] * (MAX_BATCH_PHOTOS + 1)})
    assert "too much at once" in tab.problem.value
    say(tab, {"kind": "too_much"})
    assert "Nothing was sent" in tab.problem.value


@pytest.mark.parametrize(
    "message",
    [{"kind": "batch"}, {"kind": "archive", "size": "x"}, {"kind": "photo"}, {"kind": "refused"}],
)
def test_a_forged_message_is_answered_with_a_sentence(tab: CurateTab, message: dict[str, Any]) -> None:
    say(tab, message, b"x")
    assert OUR_FAULT in tab.problem.value


# What goes wrong


def test_a_fault_of_ours_is_logged_and_said_plainly(
    tab: CurateTab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("some detail")

    monkeypatch.setattr(tab._state, "retrain", fail)
    with caplog.at_level(logging.ERROR):
        press(tab, "Retrain")
    assert OUR_FAULT in tab.problem.value
    assert "some detail" in caplog.text


def test_what_the_worker_refuses_is_said(tab: CurateTab, line: FakeLine) -> None:
    press(tab, "Retrain")
    line.answer("retrain", {"kind": "failed", "message": "The disk is <full>."})
    assert '<p role="alert">The disk is &lt;full&gt;.</p>' in tab.problem.value
    press(tab, "Retrain")
    assert tab.problem.value == ""


def test_a_worker_that_starts_again_leaves_the_marks(tab: CurateTab) -> None:
    choose(slots(tab)[0], "delete")
    tell(tab, {"kind": "restarting"})
    assert "Your marks are kept" in text(bench(tab).status)
    assert "1 change waiting" in text(bench(tab).pending)


def test_a_class_that_went_takes_its_marks_along(tab: CurateTab) -> None:
    choose(slots(tab)[0], "move to grizzly")
    tell(tab, facts({"black": 3}))
    assert tab._state.marks == {}
    assert not tab.problem.value


def test_lists_close_the_rows_they_no_longer_show() -> None:
    made: list[widgets.Widget] = []

    def row(item: int) -> widgets.Widget:
        made.append(widgets.Box([widgets.Label(str(item))]))
        return made[-1]

    shown = FoldedList(row, few=2, most=4)
    shown.show(range(6))
    press(shown, "Show 2 more")
    assert len(shown.rows) == 4
    assert "and 2 older" in text(shown)
    assert [one.comm is None for one in made] == [True] * 2 + [False] * 4
    shown.show(range(6))
    assert len(made) == 6


def test_numbers_and_times_are_written_as_people_do() -> None:
    assert (counted(1, "photo"), counted(1200, "class", "classes")) == ("1 photo", "1,200 classes")
    assert shown_time("2026-11-02T14:33:00") == "2 Nov 2026, 14:33"
    assert shown_time("yesterday") == "yesterday"
