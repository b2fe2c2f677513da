"""From a bundle and a folder to a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from PIL import Image

from bearclf.cli import main
from bearclf.errors import UserError
from bearclf.models.card import read_card
from bearclf.photos.progress import unseen
from bearclf.reporting.report import report
from tests.helpers.drawings import CLASSES, encoded, pattern
from tests.helpers.readable import Readable


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Photos that nothing has learned from, three of each class, and a file that is none."""
    folder = tmp_path / "other photos"
    for number, kind in enumerate(CLASSES):
        (folder / kind).mkdir(parents=True)
        for seed in range(3):
            content = encoded(pattern(kind, 5000 + 10 * number + seed), "PNG")
            (folder / kind / f"{kind} {seed}.png").write_bytes(content)
    (folder / "dots" / "broken.jpg").write_bytes(b"no")
    Image.new("RGB", (90, 80), "grey").save(folder / "dots" / "no picture.png")
    return folder


def test_a_student_types_it(
    pattern_bundle: Path, others: Path, patterns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my report.html"
    command = ["report", str(pattern_bundle), str(others), "--outside", str(patterns / "dots")]
    assert main([*command, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "Nothing was answered wrongly, of 9 photos." in said.out
    assert f"The report is in {out}." in said.out
    assert "broken.jpg: This is a text file" in said.err
    page = Readable(out.read_text("utf-8"))
    assert page.title == "How good is probe? A report on other photos"
    assert "8 photos of other things" in page.sections["How this was measured"]
    assert "dots/broken.jpg This is a text file" in page.text
    assert "dots/no picture.png There is hardly anything in this picture" in page.text
    assert len(page.images) == 9
    assert main([*command, "--out", str(out), "--no-photos"]) == 0
    assert Readable(out.read_text("utf-8")).images == []


def test_of_what_it_has_learned_from_counts_what_was_said_before(
    pattern_bundle: Path, patterns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def must_not(*_: object) -> None:
        raise AssertionError("the model is asked about photos that it has learned from")

    monkeypatch.setattr("bearclf.reporting.judging.Predictor", must_not)
    page = Readable(report(pattern_bundle, patterns, progress=unseen).html)
    card = read_card(pattern_bundle)
    assert "These are among the model's own training photos." in page.sections["In short"]
    assert f"Log loss {card.metrics['log_loss']:.4f}" in page.sections["How this was measured"]
    assert "24 of them training photos that were held out (5-fold" in page.sections["How this was measured"]


def test_a_label_that_was_changed_since_is_the_one_that_counts(pattern_bundle: Path, folder: Path) -> None:
    (folder / "dots" / "dots_0.jpg").rename(folder / "stripes" / "dots_0.jpg")
    page = Readable(report(pattern_bundle, folder, progress=unseen).html)
    assert "stripes dots 1 of 9" in page.sections["What is taken for what"]
    assert "stripes, taken for dots" in page.sections["Highest losses"]


def test_what_was_never_held_out_is_not_counted(tuned_bundle: Path, patterns: Path) -> None:
    judged = read_card(tuned_bundle).metrics["n"]
    page = Readable(report(tuned_bundle, patterns, progress=unseen).html)
    assert f"{24 - judged} photos are not counted" in page.sections["In short"]
    assert f"{judged} photos of patterns" in page.sections["How this was measured"]


def test_a_folder_of_nothing_but_lessons_is_refused(
    tuned_bundle: Path, patterns: Path, tmp_path: Path
) -> None:
    from bearclf.models.judgement import Judgement
    from bearclf.photos.scan_results import hash_photos

    unasked = Judgement.of(tuned_bundle).unasked
    for photo in hash_photos(patterns)[0]:
        if photo.digest in unasked:
            (tmp_path / photo.label).mkdir(exist_ok=True)
            shutil.copy(photo.path, tmp_path / photo.label)
    with pytest.raises(UserError, match="has learned from all photos"):
        report(tuned_bundle, tmp_path, progress=unseen)


def test_two_models_are_compared_on_what_both_can_be_asked_about(
    pattern_bundle: Path, tuned_bundle: Path, patterns: Path
) -> None:
    judged = read_card(tuned_bundle).metrics["n"]
    made = report(pattern_bundle, patterns, against=tuned_bundle, progress=unseen)
    assert f"of the same {judged} photos" in Readable(made.html).sections["Compared with fine-tune"].lower()


def test_a_model_of_other_classes_is_told_apart_in_a_sentence(
    pattern_bundle: Path, folder: Path, patterns: Path, trained: object
) -> None:
    shutil.rmtree(folder / "dots")
    other = trained(folder, size=32)  # type: ignore[operator]  # the fixture's function
    made = report(pattern_bundle, patterns, against=other, progress=unseen)
    section = Readable(made.html).sections["Compared with probe"]
    assert section == "It knows other classes (checks and stripes), so the two can't be compared."


def test_a_photo_that_vanishes_while_it_runs_is_named(pattern_bundle: Path, others: Path) -> None:
    def deleting(steps: Iterable, total: int, what: str) -> Iterable:
        for number, step in enumerate(steps):
            if number == 0:
                shutil.rmtree(others / "stripes")
                (others / "checks" / "checks 0.png").unlink(missing_ok=True)
            yield step

    made = report(pattern_bundle, others, progress=deleting)
    page = Readable(made.html)
    assert {"stripes 2.png", "broken.jpg"} <= {file.path.name for file in made.unused}
    assert "checks 0.png" in {file.path.name for file in made.unused}, "it was answered, and is gone"
    assert "stripes/stripes 2.png There is no such file." in page.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"folder": "not there"}, "no folder"),
        ({"out": "."}, "is a folder. Please name a file"),
        ({"out": "not there/report.html"}, "no folder"),
        ({"outside": "nothing"}, "no photos below"),
        ({"bundle": "nothing"}, "no model in"),
        ({"against": "nothing"}, "no model in"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    change: dict[str, str], says: str, pattern_bundle: Path, patterns: Path, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    given = {"bundle": pattern_bundle, "folder": patterns}
    given |= {name: tmp_path / path for name, path in change.items()}
    with pytest.raises(UserError, match=says):
        report(**given, progress=unseen)  # type: ignore[arg-type]  # only paths are in it


def test_a_class_that_the_model_does_not_know_is_said(pattern_bundle: Path, others: Path) -> None:
    (others / "dots").rename(others / "spots")
    with pytest.raises(UserError, match="“spots”, which this model doesn't know"):
        report(pattern_bundle, others, progress=unseen)
