"""What curators do, from the first photo to a model that is live: everything but the page."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import pytest

from bearclf.curation.desk import Desk
from bearclf.errors import UserError
from bearclf.models.feedback import FeedbackStore
from bearclf.models.versions import Versions
from bearclf.settings import data_folder
from tests.helpers.drawings import encoded, pattern
from tests.helpers.patience import PATIENCE
from tests.helpers.training_folders import contents

Message = dict[str, Any]


class Colleague:
    """Hears what the desk tells everybody."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Message] = queue.Queue()
        self.last: dict[str, Message] = {}
        self.progress: list[Message] = []

    def hear(self, message: Message) -> None:
        self._heard.put(message)

    def wait_for(self, kind: str, **fields: Any) -> Message:
        while True:
            message = self._heard.get(timeout=2 * PATIENCE)
            self.last[message["kind"]] = message
            if message["kind"] == "progress":
                self.progress.append(message["progress"])
            if message["kind"] == kind and all(message[name] == value for name, value in fields.items()):
                return message


class Office:
    """A desk, and somebody who works at it."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder = folder
        self.base = base
        self.colleague = Colleague()
        self.desk = Desk(folder, base, self.colleague.hear)

    def open(self) -> Message:
        self.desk.open()
        facts: Message = self.colleague.wait_for("facts", looking=False)["facts"]
        return facts

    def sheet(self, order: str = "folder", focus: Message | None = None, label: str = "") -> list[Message]:
        photos: list[Message] = self.desk.sheet(label, "all", order, focus or {}, 0, 100).photos
        return photos

    def change(self, name: str, to: str | None) -> Message:
        photo = next(photo for photo in self.sheet() if photo["name"] == name)
        return {**{key: photo[key] for key in ("label", "name", "digest", "visitor")}, "to": to}


@pytest.fixture
def office(folder: Path, pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BEARCLF_CACHE", str(tmp_path / "cache"))  # nobody has looked at these photos yet
    return Office(folder, pattern_bundle)


def test_photos_are_there_at_once_and_judged_later(office: Office) -> None:
    office.desk.open()
    assert len(office.sheet()) == 24
    page = office.desk.sheet("", "all", "folder", {}, 0, 10)
    assert (page.pages, page.total, len(page.jpegs)) == (3, 24, 10)
    assert all(jpeg.startswith(b"\xff\xd8") and len(jpeg) <= 20_000 for jpeg in page.jpegs)
    facts = office.colleague.wait_for("facts", looking=False)["facts"]
    assert facts["classes"] == {"checks": 8, "dots": 8, "stripes": 8}
    assert facts["error"][3] == 24
    assert any(step.get("total") == 24 for step in office.colleague.progress)
    best = office.sheet("mislabelled")[-1]
    assert best["predicted"] == best["label"]
    assert best["loss"] < 0.5
    assert best["part"] in ("train", "valid")


def test_changes_are_done_told_and_taken_back_even_after_a_restart(office: Office) -> None:
    office.open()
    before = contents(office.folder)
    done = office.desk.apply([office.change("dots_1.jpg", "stripes"), office.change("dots_2.jpg", None)])
    assert done == {
        "news": "1 photo moved to another class, 1 put into the bin.",
        "problem": "",
        "left": [],
    }
    assert (office.folder / "stripes" / "dots_1.jpg").is_file()
    assert not (office.folder / "dots" / "dots_2.jpg").exists()
    assert contents(office.folder) == before
    later = Office(office.folder, office.base)
    assert later.open()["classes"] == {"checks": 8, "dots": 6, "stripes": 9}
    [step] = later.desk.facts()["steps"]
    assert step["sentence"] == "1 photo moved to another class, 1 put into the bin"
    later.desk.undo(step["number"])
    assert later.desk.facts()["facts"]["classes"] == {"checks": 8, "dots": 8, "stripes": 8}
    assert later.desk.facts()["steps"][-1]["undone"]


def test_a_photo_that_changed_meanwhile_is_left_and_the_rest_goes_on(office: Office) -> None:
    office.open()
    changes = [office.change("dots_1.jpg", "stripes"), office.change("dots_2.jpg", "stripes")]
    (office.folder / "dots" / "dots_1.jpg").write_bytes(encoded(pattern("checks", 77)))
    done = office.desk.apply(changes)
    assert "dots_1.jpg" in done["problem"]
    assert done["left"] == [changes[0]["digest"]]
    assert (office.folder / "dots" / "dots_1.jpg").is_file()
    assert (office.folder / "stripes" / "dots_2.jpg").is_file()


def test_a_visitors_photo_is_taken_in_or_discarded(office: Office) -> None:
    store = FeedbackStore(data_folder(), "")
    for said in ("dots", "stripes"):
        number = store.record("checks", {"checks": 0.7, "dots": 0.3}, 0.6, said)
        store.give(number, encoded(pattern(said, 500)))
    assert office.open()["waiting"] == 2
    first, second = office.sheet("visitors")
    assert (first["label"], first["predicted"], first["probability"]) == ("dots", "checks", 0.7)
    done = office.desk.apply([{**first, "to": "dots"}, {**second, "to": None}])
    assert done["news"] == "1 photo added."
    assert office.sheet("visitors") == []
    assert len(list((office.folder / "dots").iterdir())) == 9
    office.desk.undo(office.desk.facts()["steps"][0]["number"])
    assert [photo["visitor"] for photo in office.sheet("visitors")] == [first["visitor"]]
    office.desk.undo(office.desk.facts()["steps"][0]["number"])
    assert len(list((office.folder / "dots").iterdir())) == 9
    assert office.sheet("visitors") == [], "done again: nobody is asked to take it in twice"
    assert office.desk.facts()["facts"]["waiting"] == 0


def test_a_visitors_photo_that_could_not_be_taken_out_again_does_not_wait(office: Office) -> None:
    store = FeedbackStore(data_folder(), "")
    store.give(store.record("checks", {"checks": 1.0}, 0.6, "dots"), encoded(pattern("dots", 500)))
    office.open()
    [waiting] = office.sheet("visitors")
    office.desk.apply([{**waiting, "to": "dots"}])
    [taken] = [path for path in (office.folder / "dots").iterdir() if path.name.startswith("visitor")]
    taken.write_bytes(encoded(pattern("dots", 501)))
    assert "has changed" in office.desk.undo(office.desk.facts()["steps"][0]["number"])["problem"]
    assert office.sheet("visitors") == []


def test_a_classifier_of_ones_own_from_nothing(
    tmp_path: Path, pattern_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    office = Office(tmp_path / "new" / "training", pattern_bundle)
    facts = office.open()
    assert facts["classes"] == {}
    assert "two classes" in facts["cant_train"]
    for label, kind in (("spots", "dots"), ("lines", "stripes")):
        for seed in range(5):
            office.desk.stage(label, label, f"photo {seed}.jpg", encoded(pattern(kind, seed)))
        assert office.desk.add(label)["news"] == "5 photos added."
    facts = office.colleague.wait_for("facts", looking=False)["facts"]
    while facts["error"] is None:
        facts = office.colleague.wait_for("facts", looking=False)["facts"]
    assert facts["classes"] == {"lines": 5, "spots": 5}
    assert facts["cant_train"] == ""
    office.colleague.progress.clear()
    office.desk.retrain("probe")
    compared = office.colleague.wait_for("compared")["comparison"]
    told = {step.get("what") for step in office.colleague.progress}
    assert "Cross-validating" in told
    assert "Looking at photos" not in told, "they were looked at for their scores, in the very same way"
    assert compared["before"] is None, "the live model knows other classes"
    assert compared["after"]["wrong"] == 0
    assert "live now" in office.desk.promote(compared["number"])
    live = Versions(office.base).live()
    assert live != office.base
    name, card = office.desk.file_of(compared["number"], "card.json")
    assert (name, card) == ("model 1 card.json", (live / "card.json").read_bytes())
    office.desk.promote(0)
    assert Versions(office.base).live() == office.base.resolve()


def test_retraining_can_be_cancelled_and_leaves_nothing(office: Office) -> None:
    office.open()
    before = Versions(office.base).all()
    office.desk.retrain("fine-tune")
    with pytest.raises(UserError, match="busy"):
        office.desk.retrain("probe")
    office.desk.cancel()
    assert "Stopped" in office.colleague.wait_for("problem")["message"]
    office.colleague.wait_for("progress", progress={})
    assert Versions(office.base).all() == before
    assert not office.desk.is_busy


def test_only_a_models_own_files_can_be_had(office: Office) -> None:
    office.open()
    for number, name in ((0, "../../secret"), (0, "features.npz"), (7, "card.json")):
        with pytest.raises(UserError, match="no such file"):
            office.desk.file_of(number, name)
