"""Photos that curators search for: the real client, the hosts played on loopback, a folder of one's own."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bearclf.curation import finding
from bearclf.curation.background import BackgroundRunner
from bearclf.curation.desk import Desk
from bearclf.curation.finding import MAX_SEARCHES
from bearclf.errors import UserError
from bearclf.gathering.attribution import read_attributions
from bearclf.gathering.download import Manners
from bearclf.protocol.curation import ShowSheet
from bearclf.protocol.finding import FindPhotos, Found
from bearclf.protocol.records import Attribution, Change, Focus, FoundPhoto, SheetPhoto
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import OPENVERSE, Answer, Elsewhere, played
from tests.helpers.pages import Heard
from tests.helpers.patience import until


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    (tmp_path / "elsewhere").mkdir()
    with played(tmp_path / "elsewhere", monkeypatch) as servers:
        yield servers


class Curator:
    """Somebody who searches at a desk; ``told`` is what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = Desk(folder, folder, Heard().put)
        self.finder = self.desk.finder
        self.finder._manners = Manners(silence=2, pause=lambda _: None)
        self.told: list[Found] = []
        self.desk.open()

    def hear(self, found: Found) -> bool:
        self.told.append(found)
        return True

    def find(self, words: str = "grizzly bear", label: str = "grizzly", name: str = "one") -> Found:
        asked = FindPhotos(search=name, words=words, label=label, source="openverse", licences=None)
        self.hear(last := self.finder.find(asked, self.hear))
        return last

    @property
    def photos(self) -> list[FoundPhoto]:
        return [photo for found in self.told for photo in found.photos]

    def sheet(self) -> tuple[SheetPhoto, ...]:
        wanted = ShowSheet(label="", part="all", order="folder", focus=Focus(), page=0, page_size=50)
        return self.desk.sheet(wanted).photos

    def undo_newest(self) -> None:
        self.desk.undo(self.desk.state().steps[0].number)


@pytest.fixture
def curator(elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Curator:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    # What a model makes of the photos is no matter here, and takes torch.
    monkeypatch.setattr(BackgroundRunner, "start_or_wait", lambda *_: None)
    return Curator(tmp_path / "new" / "training")


def attributions(curator: Curator) -> dict[str, Attribution | None]:
    return {photo.digest: photo.attribution for photo in curator.sheet()}


def test_what_is_found_waits_and_what_is_chosen_comes_in_as_one_step(
    elsewhere: Elsewhere, curator: Curator
) -> None:
    """From nothing: the class is made of it."""
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(4)))
    last = curator.find(label=" grizzly ")
    assert last.label == "grizzly"
    assert len(curator.photos) == 4
    assert not curator.folder.exists(), "nothing comes in before somebody has looked"
    assert all(photo.thumbnail.startswith(b"\xff\xd8") for photo in curator.photos)
    assert {(photo.attribution.creator, photo.attribution.licence) for photo in curator.photos} == {
        ("Ana Müller", "CC BY 2.0")
    }
    chosen = [photo.digest for photo in curator.photos[1:]]
    assert curator.finder.add("one", chosen).news == "3 photos added."
    assert {photo.digest: photo.label for photo in curator.sheet()} == dict.fromkeys(chosen, "grizzly")
    assert attributions(curator) == {photo.digest: photo.attribution for photo in curator.photos[1:]}
    with pytest.raises(UserError, match="no longer there"):
        curator.finder.add("one", chosen)


def test_the_attribution_stays_with_a_photo_through_moves_and_undo(
    elsewhere: Elsewhere, curator: Curator
) -> None:
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(2)))
    curator.find()
    curator.finder.add("one", [photo.digest for photo in curator.photos])
    credit = attributions(curator)
    [first, second] = curator.sheet()
    curator.desk.apply([Change(first.label, first.name, first.digest, "black")])
    assert attributions(curator) == credit
    curator.undo_newest()
    curator.desk.apply([Change(second.label, second.name, second.digest, None)])
    assert list(attributions(curator)) == [first.digest]
    curator.undo_newest()
    assert attributions(curator) == credit
    adding = curator.desk.state().steps[-1]
    curator.desk.undo(adding.number)
    assert attributions(curator) == {}
    curator.undo_newest()
    assert attributions(curator) == credit, "the undoing undone"


def test_what_was_taken_out_is_offered_again_and_told_so(elsewhere: Elsewhere, curator: Curator) -> None:
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(3)))
    curator.find()
    curator.finder.add("one", [photo.digest for photo in curator.photos[:2]])
    first = curator.sheet()[0]
    curator.desk.apply([Change(first.label, first.name, first.digest, None)])
    rows = len(read_attributions(curator.folder))
    curator.told = []
    last = curator.find(name="two")
    assert {photo.digest == first.digest: photo.taken_out for photo in curator.photos} == {
        True: True,
        False: False,
    }
    assert "1 gathered before" in last.said
    curator.finder.add("two", [first.digest])
    assert first.digest in attributions(curator)
    assert len(read_attributions(curator.folder)) == rows
    lines = (curator.folder / "ATTRIBUTION.csv").read_text("utf-8").strip().splitlines()
    assert len(lines) == 1 + rows, "no row is written twice"


def test_a_crash_after_the_attribution_leaves_no_lie(
    elsewhere: Elsewhere, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is there, the photo isn't: it is shown nowhere, and right as soon as the photo comes."""
    elsewhere.found(elsewhere.photo("1.jpg"))
    curator.find()
    [photo] = curator.photos

    def dies(*_: object) -> None:
        raise UserError("Somebody else is changing these photos just now.")

    with monkeypatch.context() as patch:
        patch.setattr("bearclf.curation.file_work.training_folder.TrainingFolder.add", dies)
        with pytest.raises(UserError, match="Somebody else"):
            curator.finder.add("one", [photo.digest])
    assert set(read_attributions(curator.folder)) == {photo.digest}
    later = Curator(curator.folder)
    assert attributions(later) == {}
    assert curator.finder.add("one", [photo.digest]).news == "1 photo added.", "it has waited"
    assert attributions(curator) == {photo.digest: photo.attribution}


def test_photos_come_while_others_are_on_their_way_and_stopping_keeps_them(
    elsewhere: Elsewhere, curator: Curator
) -> None:
    speak = threading.Event()
    slow = Answer(encoded(pattern("dots", 9)), silent=speak)
    elsewhere.found(elsewhere.photo("quick.jpg"), elsewhere.photo("slow.jpg", slow))
    searching = threading.Thread(target=curator.find)
    searching.start()
    try:
        until(lambda: curator.photos)
        assert curator.sheet() == (), "others go on meanwhile"
        curator.finder.stop("one")
        searching.join(10)
        assert not searching.is_alive()
        assert "not fetched" not in curator.told[-1].said
        assert curator.finder.add("one", [curator.photos[0].digest]).news == "1 photo added."
    finally:
        speak.set()
        searching.join()


def test_a_page_that_is_gone_is_searched_for_no_longer(elsewhere: Elsewhere, curator: Curator) -> None:
    speak = threading.Event()
    elsewhere.found(elsewhere.photo("slow.jpg", Answer(b"", silent=speak)))
    asked = FindPhotos(search="one", words="bear", label="b", source="openverse", licences=None)
    try:
        curator.finder.find(asked, lambda _: False)
    finally:
        speak.set()
    with pytest.raises(UserError, match="no longer there"):
        curator.finder.add("one", ["0" * 64])


def test_only_what_was_found_can_be_added(elsewhere: Elsewhere, curator: Curator) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"))
    curator.find()
    digest = curator.photos[0].digest
    for name, digests in (("one", [digest, "0" * 64]), ("two", [digest]), ("one", ["../../etc/passwd"])):
        with pytest.raises(UserError, match="no longer there"):
            curator.finder.add(name, digests)
    with pytest.raises(UserError, match="No photo is ticked"):
        curator.finder.add("one", [])
    curator.finder.forget("one")
    with pytest.raises(UserError, match="no longer there"):
        curator.finder.add("one", [digest])
    assert not curator.folder.exists()


def test_what_nobody_adds_is_dropped_in_the_end(
    elsewhere: Elsewhere, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "KEPT_SECONDS", 0.2)
    monkeypatch.setattr(tempfile, "tempdir", str(curator.folder.parent))
    curator.folder.parent.mkdir()
    elsewhere.found(elsewhere.photo("1.jpg"))
    curator.find()
    until(lambda: not list(curator.folder.parent.iterdir()))
    with pytest.raises(UserError, match="no longer there"):
        curator.finder.add("one", [curator.photos[0].digest])


def test_no_more_bytes_wait_than_there_is_room_for(
    elsewhere: Elsewhere, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = encoded(pattern("dots", 1))
    monkeypatch.setattr(finding, "MAX_BYTES", 2 * len(photo))
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(9)))
    assert "as much as can wait here" in curator.find().said
    assert 0 < len(curator.photos) < 4
    added = curator.finder.add("one", [photo.digest for photo in curator.photos])
    assert "added" in added.news


def test_the_oldest_search_is_given_up_for_another(elsewhere: Elsewhere, curator: Curator) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"))
    for number in range(MAX_SEARCHES + 1):
        curator.find(name=str(number))
    digest = curator.photos[0].digest
    with pytest.raises(UserError, match="no longer there"):
        curator.finder.add("0", [digest])
    assert curator.finder.add("1", [digest]).news == "1 photo added."


@pytest.mark.parametrize(
    ("words", "label", "sentence"),
    [
        ("  ", "grizzly", "say what the photos should show"),
        ("bear", "polar/bear", "can't contain /"),
        ("bear " * 100, "grizzly", "too many words"),
    ],
)
def test_a_mistake_is_a_sentence_and_asks_nobody(
    words: str, label: str, sentence: str, elsewhere: Elsewhere, curator: Curator
) -> None:
    with pytest.raises(UserError, match=sentence):
        curator.find(words, label)
    assert not elsewhere.asked


def test_who_runs_the_server_can_switch_it_off(
    elsewhere: Elsewhere, curator: Curator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_FIND", "off")
    with pytest.raises(UserError, match="switched off"):
        curator.find()
    assert not elsewhere.asked


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(b"", 500), "Openverse can't be searched now: its server answered 500"),
        (Answer(b"", 429, {"Retry-After": "7200"}), "wants no more requests for 120 minutes"),
        (Answer(b'{"page_count": 0, "results": []}'), "Nothing was found"),
    ],
    ids=["500", "429", "nothing"],
)
def test_a_host_that_gives_nothing_is_a_sentence(
    answer: Answer, sentence: str, elsewhere: Elsewhere, curator: Curator
) -> None:
    elsewhere.answers[OPENVERSE] = [answer]
    with pytest.raises(UserError, match=sentence):
        curator.find()


def test_what_is_passed_over_is_told(elsewhere: Elsewhere, curator: Curator) -> None:
    elsewhere.found(
        elsewhere.photo("good.jpg"),
        elsewhere.photo("gone.jpg", Answer(b"", 404)),
        elsewhere.photo("page.jpg", b"<html>Sign in</html>"),
    )
    said = curator.find().said
    assert "1 no photos" in said
    assert "1 not fetched" in said
    assert "404" in said


def test_a_strangers_link_leads_to_the_web_or_nowhere(elsewhere: Elsewhere, curator: Curator) -> None:
    elsewhere.found(
        elsewhere.photo("1.jpg"), foreign_landing_url="javascript:alert(1)", license_url="data:text/html,x"
    )
    curator.find()
    [photo] = curator.photos
    assert (photo.attribution.landing_page, photo.attribution.licence_url) == ("", "")


def test_a_table_that_cannot_be_read_stops_nobody_from_cleaning_but_from_adding(
    elsewhere: Elsewhere, curator: Curator
) -> None:
    elsewhere.found(elsewhere.photo("1.jpg"))
    curator.find()
    (curator.folder / "grizzly").mkdir(parents=True)
    (curator.folder / "ATTRIBUTION.csv").write_text("sha256;title\n1;2\n")
    (curator.folder / "grizzly" / "own.jpg").write_bytes(encoded(pattern("dots", 5)))
    curator.desk.open()
    assert [photo.attribution for photo in curator.sheet()] == [None]
    with pytest.raises(UserError, match=r"ATTRIBUTION.csv isn't the table"):
        curator.finder.add("one", [curator.photos[0].digest])
    with pytest.raises(UserError, match=r"ATTRIBUTION.csv isn't the table"):
        curator.find()
