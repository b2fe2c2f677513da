"""What curators do, from the first photo to a model that is live: everything but the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bearclf.curation.desk import Desk
from bearclf.errors import UserError
from bearclf.gathering.attribution import add_attributions, read_attributions
from bearclf.gathering.found import FoundPhoto
from bearclf.models.feedback import FeedbackStore
from bearclf.models.versions import Versions
from bearclf.protocol.base import Trouble
from bearclf.protocol.curation import (
    Applied,
    FolderChanged,
    Progress,
    Retrained,
    SheetPage,
    ShowSheet,
    Training,
)
from bearclf.protocol.records import Change, Focus, FolderSummary, Order, SheetPhoto, StepSummary
from bearclf.settings import data_folder
from tests.helpers.drawings import encoded, pattern
from tests.helpers.pages import Heard
from tests.helpers.patience import until
from tests.helpers.readable import Readable
from tests.helpers.training_folders import contents


class Office:
    """A desk, and somebody who works at it: ``heard`` is what that person was told."""

    def __init__(self, folder: Path, base: Path) -> None:
        self.folder = folder
        self.base = base
        self.heard = Heard()
        self.desk = Desk(folder, base, self.heard.put)

    def close(self) -> None:
        """Leave no work behind, which the end of the tests would break off."""
        self.desk.cancel()
        until(lambda: not self.desk.is_busy)

    def open(self) -> FolderSummary:
        self.desk.open()
        return self.wait_until_looked_at()

    def wait_until_looked_at(self) -> FolderSummary:
        while True:
            changed = self.heard.wait_for(FolderChanged)
            if not changed.looking:
                return changed.summary

    def page(self, order: Order = "folder", page_size: int = 100) -> SheetPage:
        return self.desk.sheet(
            ShowSheet(label="", part="all", order=order, focus=Focus(), page=0, page_size=page_size)
        )

    def sheet(self, order: Order = "folder") -> tuple[SheetPhoto, ...]:
        return self.page(order).photos

    def change(self, name: str, to: str | None) -> Change:
        return change(next(photo for photo in self.sheet() if photo.name == name), to)

    @property
    def steps(self) -> tuple[StepSummary, ...]:
        return self.desk.state().steps


def change(photo: SheetPhoto, to: str | None) -> Change:
    return Change(photo.label, photo.name, photo.digest, to, photo.feedback_id)


@pytest.fixture
def office(
    folder: Path, pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BEARCLF_CACHE", str(tmp_path / "cache"))  # nobody has looked at these photos yet
    office = Office(folder, pattern_bundle)
    yield office
    office.close()


def test_photos_are_there_at_once_and_judged_later(office: Office) -> None:
    office.desk.open()
    assert len(office.sheet()) == 24
    page = office.page(page_size=10)
    assert (page.pages, page.total, len(page.photos)) == (3, 24, 10)
    jpegs = [photo.thumbnail for photo in page.photos]
    assert all(jpeg.startswith(b"\xff\xd8") and len(jpeg) <= 20_000 for jpeg in jpegs)
    while office.heard.wait_for(Progress).total != 24:
        pass
    summary = office.wait_until_looked_at()
    assert summary.classes == {"checks": 8, "dots": 8, "stripes": 8}
    assert summary.scored == 24
    best = office.sheet("mislabelled")[-1]
    assert best.predicted == best.label
    assert best.loss is not None
    assert best.loss < 0.5
    assert best.part in ("train", "valid")


def test_changes_are_done_told_and_taken_back_even_after_a_restart(office: Office) -> None:
    office.open()
    before = contents(office.folder)
    done = office.desk.apply([office.change("dots_1.jpg", "stripes"), office.change("dots_2.jpg", None)])
    assert done == Applied(news="1 photo moved to another class, 1 put into the bin.", problem="")
    assert (office.folder / "stripes" / "dots_1.jpg").is_file()
    assert not (office.folder / "dots" / "dots_2.jpg").exists()
    assert contents(office.folder) == before
    later = Office(office.folder, office.base)
    assert later.open().classes == {"checks": 8, "dots": 6, "stripes": 9}
    [step] = later.steps
    assert step.sentence == "1 photo moved to another class, 1 put into the bin"
    later.desk.undo(step.number)
    assert later.desk.state().summary.classes == {"checks": 8, "dots": 8, "stripes": 8}
    later.close()
    assert later.steps[-1].undone


def test_a_photo_that_changed_meanwhile_is_left_and_the_rest_goes_on(office: Office) -> None:
    office.open()
    changes = [office.change("dots_1.jpg", "stripes"), office.change("dots_2.jpg", "stripes")]
    (office.folder / "dots" / "dots_1.jpg").write_bytes(encoded(pattern("checks", 77)))
    done = office.desk.apply(changes)
    assert "dots_1.jpg" in done.problem
    assert done.not_done == (changes[0].digest,)
    assert (office.folder / "dots" / "dots_1.jpg").is_file()
    assert (office.folder / "stripes" / "dots_2.jpg").is_file()


def test_a_visitors_photo_is_taken_in_or_discarded(office: Office) -> None:
    store = FeedbackStore(data_folder(), "")
    for said in ("dots", "stripes"):
        number = store.record("checks", {"checks": 0.7, "dots": 0.3}, 0.6, said)
        store.give(number, encoded(pattern(said, 500)))
    assert office.open().waiting == 2
    first, second = office.sheet("visitors")
    assert (first.label, first.predicted, first.probability) == ("dots", "checks", 0.7)
    done = office.desk.apply([change(first, "dots"), change(second, None)])
    assert done.news == "1 photo added."
    assert office.sheet("visitors") == ()
    assert len(list((office.folder / "dots").iterdir())) == 9
    office.desk.undo(office.steps[0].number)
    assert [photo.feedback_id for photo in office.sheet("visitors")] == [first.feedback_id]
    office.desk.undo(office.steps[0].number)
    assert len(list((office.folder / "dots").iterdir())) == 9
    assert office.sheet("visitors") == (), "done again: nobody is asked to take it in twice"
    assert office.desk.state().summary.waiting == 0


def test_a_visitors_photo_that_could_not_be_taken_out_again_does_not_wait(office: Office) -> None:
    store = FeedbackStore(data_folder(), "")
    store.give(store.record("checks", {"checks": 1.0}, 0.6, "dots"), encoded(pattern("dots", 500)))
    office.open()
    [waiting] = office.sheet("visitors")
    office.desk.apply([change(waiting, "dots")])
    [taken] = [path for path in (office.folder / "dots").iterdir() if path.name.startswith("visitor")]
    taken.write_bytes(encoded(pattern("dots", 501)))
    assert "has changed" in office.desk.undo(office.steps[0].number).problem
    assert office.sheet("visitors") == ()


def test_a_classifier_of_ones_own_from_nothing(
    tmp_path: Path, pattern_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    office = Office(tmp_path / "new" / "training", pattern_bundle)
    summary = office.open()
    assert summary.classes == {}
    assert "two classes" in summary.cant_train
    for label, kind in (("spots", "dots"), ("lines", "stripes")):
        for seed in range(5):
            office.desk.stage(label, label, f"photo {seed}.jpg", encoded(pattern(kind, seed)))
        assert office.desk.add(label, 5).news == "5 photos added."
    while summary.error is None:
        summary = office.wait_until_looked_at()
    assert summary.classes == {"lines": 5, "spots": 5}
    assert summary.cant_train == ""
    digest = office.sheet()[0].digest
    found = FoundPhoto("https://x/1.jpg", "", "Ana Müller", "CC BY 2.0", "", "https://x/1", "Openverse")
    add_attributions(office.folder, {digest: found})
    office.desk.retrain("probe")
    work = set()
    while not isinstance(message := office.heard.next(), Retrained):
        if isinstance(message, Progress):
            work.add(message.what)
    assert "Cross-validating" in work
    assert not work & {"Looking at photos", "Looking at variants"}, "they were looked at for their scores"
    assert message.comparison.before is None, "the live model knows other classes"
    assert message.comparison.after.wrong == 0
    assert "live now" in office.desk.promote(message.model_number)
    live = Versions(office.base).live().path
    assert live != office.base
    assert set(read_attributions(live)) == {digest}
    name, card = office.desk.file_of(message.model_number, "card.json")
    assert (name, card) == ("model 1 card.json", (live / "card.json").read_bytes())
    office.desk.promote(0)
    assert Versions(office.base).live().path == office.base.resolve()


def test_retraining_can_be_cancelled_and_leaves_nothing(office: Office) -> None:
    office.open()
    before = Versions(office.base).all()
    office.desk.retrain("fine-tune")
    with pytest.raises(UserError, match="busy"):
        office.desk.retrain("probe")
    office.desk.cancel()
    assert "Stopped" in office.heard.wait_for(Trouble).message
    while office.heard.wait_for(Progress).what:
        pass
    assert Versions(office.base).all() == before
    assert not office.desk.is_busy


def test_a_report_on_a_model_counts_what_was_said_of_photos_before_it_learned_from_them(
    office: Office,
) -> None:
    office.open()
    name, content = office.desk.report(0)
    assert name == "report on the original model.html"
    page = Readable(content.decode())
    assert page.title.startswith("How good is the original model?")
    assert "These are among the model's own training photos." in page.text
    assert not office.desk.is_busy


def test_a_report_that_cannot_be_made_is_refused_to_who_asked_and_to_nobody_else(office: Office) -> None:
    office.open()
    with pytest.raises(UserError, match="no such model"):
        office.desk.report(7)
    while office.heard.wait_for(Progress).what:
        pass
    (office.folder / "new").mkdir()
    (office.folder / "new" / "one.png").write_bytes(encoded(pattern("dots", 77), "PNG"))
    with pytest.raises(UserError, match=r"^training has the class “new”, which this model doesn't know"):
        office.desk.report(0)


def test_a_report_waits_its_turn_and_can_be_cancelled(office: Office) -> None:
    office.open()
    office.desk.retrain("fine-tune")
    with pytest.raises(UserError, match="busy"):
        office.desk.report(0)
    office.desk.cancel()


def test_a_fine_tuning_tells_of_its_epochs_and_keeps_the_best_when_it_is_cancelled(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.training.options import Options

    long = Options(recipe="fine-tune", size=32, epochs=500)
    monkeypatch.setattr("bearclf.curation.retraining.options_like", lambda *_: long)
    office.open()
    office.desk.retrain("fine-tune")
    assert office.heard.wait_for(Training).epochs == ()
    for done in (1, 2):
        epochs = office.heard.wait_for(Training).epochs
        assert len(epochs) == done
    assert list(epochs[0].figures) == ["train_loss", "valid_loss", "error_rate"]
    office.desk.cancel()
    while not (note := office.heard.wait_for(Training).note):
        pass
    assert note == "Stopped: the best epoch so far is kept."
    made = office.heard.wait_for(Retrained)
    assert [version.number for version in Versions(office.base).all()] == [made.model_number, 0]


def test_only_a_models_own_files_can_be_had(office: Office) -> None:
    office.open()
    for number, name in ((0, "../../secret"), (0, "features.npz"), (7, "card.json")):
        with pytest.raises(UserError, match="no such file"):
            office.desk.file_of(number, name)
