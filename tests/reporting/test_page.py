"""What a colleague reads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bearclf.models.card import NO_NOVELTY
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.scan_results import SkippedFile
from bearclf.reporting.page import Against, Outside, Subject, render
from tests.helpers.drawings import encoded, pattern
from tests.helpers.reports import card, judged, read

AB = ("a", "b")
# Ten photos: of five a, one is taken for b; of five b, all are recognised.
TEN = [(0, 0, 0.99), (0, 0, 0.95), (0, 0, 0.9), (0, 0, 0.8), (0, 1, 0.6)]
TEN += [(1, 1, 0.99), (1, 1, 0.95), (1, 1, 0.9), (1, 1, 0.8), (1, 1, 0.7)]


def test_the_first_section_says_what_matters() -> None:
    page = read(judged(AB, TEN))
    assert page.title == "How good is the model? A report on others"
    short = page.sections["In short"]
    assert "9 of 10 photos were answered rightly, 1 wrongly." in short
    assert "from 59.6 % to 98.2 % (95 % interval)" in short
    assert "Most often confused: a was taken for b once, of 5 photos." in short
    assert (
        "Answering the surest 90 % itself, it is right 100 % of the time; 1 photo goes to a person." in short
    )
    assert "These are only 10 photos: little can be said of so few." in short


def test_classes_have_their_figures_with_intervals() -> None:
    text = read(judged(AB, TEN)).sections["Class by class"]
    assert "a 5 80.0 % 37.6–96.4 % 100 % 51.0–100 % 0.889" in text
    assert "b 5 100 % 56.6–100 % 83.3 % 43.6–97.0 % 0.909" in text


def test_what_leaving_photos_to_a_person_brings_stands_in_a_table() -> None:
    text = read(judged(AB, TEN)).sections["What a wrong answer costs"]
    assert "60 % 100 % 90.0 % 1 0" in text
    assert "70 % 90.0 % 100 % 0 1" in text
    assert "95 % 40.0 % 100 % 0 6" in text
    assert "50 %" not in text, "of two classes, every answer is as sure as that"


def test_where_most_are_equally_sure_these_are_spoken_of() -> None:
    page = read(judged(AB, [(0, 0, 1.0)] * 19 + [(0, 1, 0.6)]))
    sentence = "Answering the surest 95 % itself, it is right 100 % of the time; 1 photo goes to a person."
    assert sentence in page.sections["In short"]


def test_each_drawing_says_what_it_shows() -> None:
    page = read(judged(AB, TEN), outside=Outside("elsewhere", np.array([0.1, 0.2, 0.95])))
    assert page.tags["svg"] == len(page.labels) == 3
    curve, diagram, histogram = page.labels
    assert "the share of right answers against the share of photos" in curve
    assert "Reliability diagram" in diagram
    assert (
        "Histogram of familiarity: above the line the photos of others, below it those of elsewhere"
        in histogram
    )
    assert page.tags["figcaption"] == 3


def test_known_and_other_things_are_told_apart() -> None:
    other = Outside("elsewhere", np.array([0.1, 0.2, 0.5, 0.97]))
    text = read(judged(AB, TEN), outside=other).sections["Does it know what it doesn't know?"]
    assert (
        "Of 4 photos of other things, 2 were told that they are none of the classes, and 2 were let" in text
    )
    assert "AUROC 0.7500" in text
    assert re.search(r"elsewhere 4 photos 25\.0 % \S+ % 25\.0 % \S+ % 50\.0 %", text)


def test_without_other_things_it_says_so() -> None:
    text = read(judged(AB, TEN)).sections["Does it know what it doesn't know?"]
    assert "No photos of other things were given" in text


def test_without_any_familiarity_nothing_is_said_of_it() -> None:
    page = read(judged(AB, TEN, familiarity=np.nan))
    assert "Does it know what it doesn't know?" not in page.sections


def test_nothing_wrong_is_said_in_these_words() -> None:
    page = read(judged(AB, [answer for answer in TEN if answer[0] == answer[1]]))
    assert "Nothing was answered wrongly, of 9 photos." in page.sections["In short"]
    assert "Nothing was answered wrongly." in page.sections["What is taken for what"]
    assert "nearest to being wrong" in page.sections["Highest losses"]
    assert "nothing would be gained by leaving any to a person" in page.sections["What a wrong answer costs"]


def test_everything_wrong_is_said_plainly() -> None:
    page = read(judged(AB, [(0, 1, 0.9), (1, 0, 0.8)]))
    assert "All 2 photos were answered wrongly." in page.sections["In short"]
    assert "However sure it was, it was wrong" in page.sections["What a wrong answer costs"]


def test_one_photo_of_a_class_and_none_of_another() -> None:
    page = read(judged(("a", "b", "c"), [(0, 0, 0.9), (1, 0, 0.6)]))
    assert "There are no photos of c: nothing is said of them." in page.sections["In short"]
    assert "c 0 nothing to count nothing to count –" in page.sections["Class by class"]


def test_a_single_photo_is_a_report_too() -> None:
    assert "This is only 1 photo" in read(judged(AB, [(0, 0, 1.0)])).text
    assert "The only photo was answered wrongly." in read(judged(AB, [(0, 1, 1.0)])).text


def test_scarce_classes_are_named_among_many_photos() -> None:
    page = read(judged(("many", "scarce"), [(0, 0, 0.9)] * 120 + [(1, 1, 0.9)]))
    assert "Of some classes there are few photos: scarce (1)." in page.sections["In short"]
    assert "little can be said" not in page.text


def test_many_classes_have_room() -> None:
    names = [f"class {number}" for number in range(37)]
    page = read(judged(names, [(number, (number + number % 2) % 37, 0.5) for number in range(37)] * 3))
    assert page.sections["What is taken for what"].count("class 36") == 2  # its row and its column


def test_names_of_strangers_are_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    other = '"><img src=x onerror=alert(1)>'
    photos = judged((evil, other), [(0, 1, 0.9), (1, 1, 0.8)])
    page = read(
        photos,
        unused=[SkippedFile(Path(evil) / "<b>.jpg", "<i>why</i>")],
        outside=Outside("<u>", np.array([0.1])),
        against=Against("<s>", photos, photos),
    )
    assert not {"script", "b", "i", "u", "s"} & page.tags.keys()
    assert page.images == []
    assert evil in page.sections["In short"]
    assert "<i>why</i>" in page.text


def test_it_asks_nobody_for_anything() -> None:
    subject = Subject("m", card(AB), "f", judged(AB, TEN), "2026-11-28")
    html, _ = render(subject, "names")
    assert "http://" not in html
    assert "https://" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in html
    assert read(judged(AB, TEN)).asks == []


@pytest.mark.parametrize("shows", ["photos", "names", "neither"])
def test_photos_are_shown_named_or_neither(shows: str, tmp_path: Path) -> None:
    photos = judged(AB, TEN[:5], tmp_path)
    for number, photo in enumerate(photos.photos):
        photo.path.parent.mkdir(exist_ok=True)
        photo.path.write_bytes(encoded(pattern("dots", number).resize((600, 500)), exif=b"Exif\0\0SECRET"))
    page = read(photos, shows)
    assert len(page.images) == (5 if shows == "photos" else 0)
    assert all(source.startswith("data:image/jpeg;base64,") for source, _ in page.images)
    assert ("photo 4.jpg" in page.text) == (shows != "neither")
    if shows == "photos":
        assert page.images[0][1] == "Photo a/photo 4.jpg"
        assert "a, taken for b, 60.0 % photo 4.jpg" in page.sections["Highest losses"]


def test_a_photo_that_has_vanished_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    photos = judged(AB, TEN[:5], tmp_path)
    for photo in photos.photos[1:]:
        photo.path.parent.mkdir(exist_ok=True)
        photo.path.write_bytes(encoded(pattern("dots", 1)))
    page = read(photos, "photos")
    assert len(page.images) == 4
    assert "can't be shown any more" in page.sections["Highest losses"]
    assert "a/photo 0.jpg It was answered, but can't be shown: There is no such file." in page.text


def test_five_hundred_photos_make_a_page_that_can_be_sent(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8)  # the worst to compress
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "noise.jpg").write_bytes(encoded(Image.fromarray(noise)))
    before, after = (judged(AB, [(0, answer, 0.9)] * 250 + [(0, 1 - answer, 0.8)] * 250) for answer in (0, 1))
    for photos in (before, after):
        shown = FolderPhoto(tmp_path / "a" / "noise.jpg", "a", "")
        photos.photos[:] = [shown] * 500  # type: ignore[index]  # a list, as the tests make it
    subject = Subject("m", card(AB), "f", after, "2026-11-28", against=Against("old", before, after))
    html, _ = render(subject, "photos")
    assert html.count("<img") == 12 + 24 + 24
    assert len(html) < 2_000_000


def test_what_has_changed_is_told_photo_by_photo() -> None:
    before = judged(AB, [(0, 1, 0.9), (0, 1, 0.8), (0, 0, 0.7), (1, 1, 0.9)])
    after = judged(AB, [(0, 0, 0.9), (0, 1, 0.8), (0, 1, 0.7), (1, 1, 0.9)])
    text = read(after, against=Against("the old one", before, after)).sections["Compared with the old one"]
    assert (
        "Of the same 4 photos, 1 is now right that was wrong, and 1 now wrong that was right: that may"
        in text
    )
    assert "McNemar's exact test, p = 1)" in text
    assert "Now right: 1 photo a: b before, now a, 90.0 % photo 0.jpg" in text
    assert "Now wrong: 1 photo a: a before, now b, 70.0 % photo 2.jpg" in text


def test_what_cannot_be_compared_is_a_plain_sentence() -> None:
    page = read(judged(AB, TEN), against=Against("pets", obstacle="it knows other classes (cat and dog)."))
    assert page.sections["Compared with pets"] == "It knows other classes (cat and dog)."
    assert "Against pets: it knows other classes (cat and dog)." in page.sections["In short"]


def test_files_that_could_not_be_used_are_named_at_the_end() -> None:
    unused = [SkippedFile(Path("/home/me/photos/a/broken.jpg"), "This photo is damaged.")]
    text = read(judged(AB, TEN), unused=unused).text
    assert text.endswith("Files that could not be used a/broken.jpg This photo is damaged.")
    assert "/home" not in text


def test_training_photos_are_said_to_be_such() -> None:
    from dataclasses import replace

    page = read(replace(judged(AB, TEN), held_out=4, left_out=2))
    assert "4 of these are among the model's own training photos." in page.sections["In short"]
    assert "2 photos are not counted: the model has learned from them" in page.sections["In short"]


def test_a_model_that_cannot_tell_other_things_says_so_and_claims_nothing() -> None:
    page = read(judged(("a", "b"), [(0, 0, 0.9)] * 6), card=card(("a", "b"), novelty=NO_NOVELTY))
    assert "It can't tell what is none of its classes" in page.sections["In short"]
    assert "Does it know what it doesn't know?" not in page.sections
    assert "turned away" not in page.sections["In short"]
