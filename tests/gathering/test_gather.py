from __future__ import annotations

import csv
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from PIL import ImageOps

from bearclf import UserError, gather
from bearclf.cli import main
from bearclf.gathering.attribution import read_attributions
from bearclf.gathering.download import Manners
from bearclf.photos.folders import content_digest, list_photos
from bearclf.photos.progress import unseen
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import OPENVERSE, Answer, Elsewhere
from tests.helpers.patience import until


def in_class(folder: Path, label: str = "grizzly") -> list[Path]:
    return [path for path, its_label in list_photos(folder) if its_label == label]


def test_photos_come_with_creator_licence_and_link(
    elsewhere: Elsewhere, training: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(3)))
    assert main(["gather", "grizzly bear", "--class", "grizzly", "--out", str(training)]) == 0
    said = capsys.readouterr().out
    assert f"3 new photos in {training / 'grizzly'}" in said
    assert "ATTRIBUTION.csv" in said
    with (training / "ATTRIBUTION.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    photos = in_class(training)
    assert {row["sha256"] for row in rows} == {content_digest(path.read_bytes()) for path in photos}
    assert {row["creator"] for row in rows} == {"Ana Müller"}
    assert {row["licence"] for row in rows} == {"CC BY 2.0"}
    assert all(row["landing_page"] == f"{row['url']}/page" for row in rows)
    assert sorted(path.name for path in training.iterdir()) == ["ATTRIBUTION.csv", "grizzly"]


def test_the_search_asks_for_what_was_chosen_and_says_who_asks(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"))
    gather("grizzly bear", "grizzly", training, licences=["CC0", "by"], progress=unseen)
    url, query, _ = elsewhere.asked[0]
    assert url == OPENVERSE
    assert query == {"q": "grizzly bear", "license": "cc0,by", "page_size": "20", "page": "1"}
    assert all("bearclf" in headers["user-agent"] for _, _, headers in elsewhere.asked)


def test_it_goes_on_to_the_next_page_until_the_class_is_full(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(45)))
    gathered = gather("bear", "grizzly", training, max_photos=25, progress=unseen)
    assert len(gathered.kept) == len(in_class(training)) == 25
    assert [query["page"] for url, query, _ in elsewhere.asked if url == OPENVERSE] == ["1", "2"]


def test_again_it_goes_on_and_asks_for_nothing_twice(elsewhere: Elsewhere, training: Path) -> None:
    urls = [elsewhere.photo(f"{number}.jpg") for number in range(6)]
    text, copy = elsewhere.photo("text.jpg", b"<html>gone</html>"), elsewhere.photo("copy.jpg")
    elsewhere.answers[copy] = elsewhere.answers[urls[0]]
    elsewhere.found(urls[0], text, copy, *urls[1:])
    gather("bear", "grizzly", training, max_photos=4, progress=unseen)
    again = gather("bear", "grizzly", training, max_photos=6, progress=unseen)
    assert (len(again.kept), again.known) == (2, 4)
    assert all(elsewhere.times(url) == 1 for url in (*urls, text, copy))
    assert "1 near copy" in str(again)
    assert "no photos (1 × This" in str(again)
    full = gather("bear", "grizzly", training, max_photos=6, progress=unseen)
    assert "6 or more already" in str(full)


def test_what_a_curator_moved_keeps_its_attribution_and_what_they_deleted_stays_away(
    elsewhere: Elsewhere, training: Path
) -> None:
    elsewhere.found(
        *(
            elsewhere.photo(
                f"{number}.jpg",
            )
            for number in range(3)
        )
    )
    moved, deleted, _ = gather("bear", "grizzly", training, progress=unseen).kept
    url_of = {digest: photo.url for digest, photo in read_attributions(training).items()}
    (training / "black").mkdir()
    moved = moved.rename(training / "black" / "renamed.jpg")
    deleted.unlink()
    again = gather("bear", "grizzly", training, progress=unseen)
    assert (len(again.kept), again.known) == (0, 3)
    assert read_attributions(training)[content_digest(moved.read_bytes())].url in url_of.values()


def test_near_copies_and_what_another_class_has_are_dropped(elsewhere: Elsewhere, training: Path) -> None:
    picture, other = pattern("stripes", 3).resize((300, 250)), pattern("checks", 4)
    (training / "black").mkdir(parents=True)
    (training / "black" / "own.png").write_bytes(encoded(other, "PNG"))
    elsewhere.found(
        elsewhere.photo("first.jpg", encoded(picture)),
        elsewhere.photo("smaller.jpg", encoded(picture.resize((200, 160)), quality=60)),
        elsewhere.photo("mirrored.jpg", encoded(ImageOps.mirror(picture))),
        elsewhere.photo("of another class.jpg", encoded(other)),
    )
    gathered = gather("bear", "grizzly", training, progress=unseen)
    assert len(in_class(training)) == 1
    assert "2 near copies of what is there, 1 in another class already" in str(gathered)


def test_one_bad_photo_never_ends_the_rest(elsewhere: Elsewhere, training: Path) -> None:
    half = encoded(pattern("dots", 1).resize((400, 300)))
    elsewhere.found(
        elsewhere.photo("half.jpg", half[: len(half) // 2]),
        elsewhere.photo("page.jpg", Answer(b"<html>Sign in</html>", headers={"Content-Type": "image/jpeg"})),
        elsewhere.photo("grey.png", encoded(pattern("dots", 1).point(lambda _: 200), "PNG")),
        elsewhere.photo("gone.jpg", Answer(b"", 404)),
        "http://[nonsense",
        elsewhere.photo("good.jpg"),
    )
    manners = Manners(pause=lambda _: None)
    gathered = gather("bear", "grizzly", training, manners=manners, progress=unseen)
    assert len(in_class(training)) == len(read_attributions(training)) == 1
    said = str(gathered)
    assert "1 new photo in" in said
    assert "3 no photos" in said
    assert "damaged or was cut short" in said
    assert "2 not fetched" in said
    assert "404" in said


def test_a_title_computes_nothing_in_a_spreadsheet(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"), title='=HYPERLINK("http://x")\n, "quoted"', creator=None)
    gather("bear", "grizzly", training, progress=unseen)
    assert "'=HYPERLINK" in (training / "ATTRIBUTION.csv").read_text("utf-8-sig")
    [photo] = read_attributions(training).values()
    assert (photo.title, photo.creator) == ('=HYPERLINK("http://x") , "quoted"', "unknown")


def test_stopping_keeps_what_is_there_and_says_so(elsewhere: Elsewhere, training: Path) -> None:
    def stopped_at_the_third(steps: Iterable, total: int, description: str) -> Iterator:
        for number, step in enumerate(steps):
            yield step
            if description.startswith("Gathering") and number == 2:
                raise KeyboardInterrupt

    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(12)))
    with pytest.raises(KeyboardInterrupt, match=r"^Stopped. 3 new photos .* Start it again to go on.$"):
        gather("bear", "grizzly", training, progress=stopped_at_the_third)
    assert len(in_class(training)) == len(read_attributions(training)) == 3
    assert not list(training.rglob("*.part"))
    gather("bear", "grizzly", training, progress=unseen)
    assert len(in_class(training)) == 12


@pytest.mark.slow
@pytest.mark.parametrize("way", ["wants a minute's rest", "says nothing"])
def test_a_key_press_stops_it(way: str, elsewhere: Elsewhere, training: Path) -> None:
    """At once, whatever the servers do at that moment."""
    speak = threading.Event()
    rest = Answer(b"", 429, {"Retry-After": "60"})
    busy = rest if way == "wants a minute's rest" else Answer(silent=speak)
    photos = [elsewhere.photo(f"{number}.jpg") for number in range(3)]
    waiting = [elsewhere.photo(f"busy {number}.jpg", busy) for number in range(6)]
    elsewhere.found(*photos, *waiting)
    words = [sys.executable, "-m", "bearclf", "gather", "bear", "--class", "grizzly", "--out", str(training)]
    gathering = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        # Who runs the tests in the background has it ignored, and what they start inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        until(lambda: training.is_dir() and len(in_class(training)) == 3 and elsewhere.times(waiting[0]))
        pressed = time.monotonic()
        gathering.send_signal(signal.SIGINT)
        _, said = gathering.communicate(timeout=20)
        took = time.monotonic() - pressed
    finally:
        speak.set()
        gathering.kill()
        gathering.communicate()
    assert gathering.returncode == 130
    assert took < Manners().silence / 2, "no server is waited for"
    assert re.search(r"Stopped\. [23] new photos in", said)  # the last may have come at that moment
    assert "Traceback" not in said
    assert len(in_class(training)) == len(read_attributions(training)) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--source", "flickr"], "no source “flickr”. There are openverse"),
        (["--source", "kaggle"], "no source “kaggle”"),
        (["--licence", "by,cc-by"], "no licence “cc-by”. There are cc0, pdm, by"),
        (["--licence", ""], "name a licence"),
        (["--source", "ddgs", "--licence", "by"], "says nothing of creators and licences"),
        (["--max", "0"], "one photo or more"),
        (["--class", "polar/bear"], "can't contain /"),
    ],
)
def test_a_mistake_is_one_sentence_and_asks_nobody(
    words: list[str], sentence: str, elsewhere: Elsewhere, training: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gather", "bear", "--class", "grizzly", "--out", str(training), *words]) == 1
    assert sentence in capsys.readouterr().err
    assert not elsewhere.asked
    assert not training.exists()


def test_a_table_that_was_changed_beyond_reading_is_left_alone(elsewhere: Elsewhere, training: Path) -> None:
    training.mkdir()
    (training / "ATTRIBUTION.csv").write_text("sha256;title\n1;2\n")
    elsewhere.found(elsewhere.photo("1.jpg"))
    with pytest.raises(UserError, match=r"ATTRIBUTION.csv isn't the table .* rename it"):
        gather("bear", "grizzly", training, progress=unseen)
    assert (training / "ATTRIBUTION.csv").read_text() == "sha256;title\n1;2\n"


def test_a_row_that_a_crash_cut_short_costs_no_other(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"))
    gather("bear", "grizzly", training, progress=unseen)
    with (training / "ATTRIBUTION.csv").open("a") as file:
        file.write("abc,A tit")
    elsewhere.found(elsewhere.photo("2.jpg"))
    gather("bear", "grizzly", training, progress=unseen)
    digests = {content_digest(path.read_bytes()) for path in in_class(training)}
    assert set(read_attributions(training)) == digests
