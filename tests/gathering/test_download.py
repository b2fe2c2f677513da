"""What can go wrong on the way to a photo: each is one sentence in the summary, and the others still come."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from bearclf import UserError, gather
from bearclf.gathering.download import Manners
from bearclf.gathering.gather import Gathered
from bearclf.photos.progress import unseen
from bearclf.settings import MAX_PHOTO_BYTES
from tests.helpers.drawings import encoded, pattern
from tests.helpers.other_hosts import OPENVERSE, PHOTOS, Answer, Elsewhere
from tests.helpers.patience import until

PHOTO = Answer(encoded(pattern("stripes", 1)))


@pytest.fixture
def pauses() -> list[float]:
    """Seconds that servers were given, of which none passed."""
    return []


def fetch(elsewhere: Elsewhere, training: Path, pauses: list[float], *answers: Answer) -> Gathered:
    """Gather a photo that is answered so, and a good one."""
    elsewhere.found(elsewhere.photo("bad.jpg", *answers), elsewhere.photo("good.jpg"))
    manners = Manners(silence=0.3, pause=pauses.append)
    return gather("bear", "grizzly", training, manners=manners, progress=unseen)


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        ([Answer(b"", 429, {"Retry-After": "7"}), PHOTO], [7]),
        ([Answer(b"", 503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), PHOTO], []),
        ([Answer(b"", 500), Answer(b"", 502, {"Retry-After": "soon"}), PHOTO], [1, 2]),
        ([Answer(b"half of it", headers={"Content-Length": "4000"}), PHOTO], [1]),
    ],
    ids=["429", "503", "500", "broken off"],
)
def test_what_fails_for_a_moment_is_asked_for_again_when_the_server_wants(
    answers: list[Answer], waited: list[float], elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    assert len(fetch(elsewhere, training, pauses, *answers).kept) == 2
    assert set(waited) <= {round(seconds) for seconds in pauses}
    assert elsewhere.times(f"{PHOTOS}/bad.jpg") == len(answers)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"", 500), "its server answered 500 Internal Server Error"),
        (Answer(b"", 403), "its server answered 403 Forbidden"),
        (Answer(b"x", headers={"Content-Length": str(2 * 2**30)}), "it is larger than 64 MB"),
        (Answer(b"", 302, {"Location": f"{PHOTOS}/bad.jpg"}), "it is always said to be somewhere else"),
        (Answer(b"", 302, {"Location": "https://169.254.169.254/latest"}), "leads into a private network"),
        (Answer(b"", 301, {"Location": "https://10.0.0.1/router"}), "leads into a private network"),
        (Answer(b"", 307, {"Location": "http://[::ffff:192.168.1.1]/"}), "leads into a private network"),
        (Answer(b"", 302, {"Location": "file:///etc/passwd"}), "its address makes no sense"),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:1/"}), "leads into a private network"),
        (Answer(b"", 302, {"Location": "http://[64:ff9b::7f00:1]/"}), "leads into a private network"),
        (Answer(b"", 302, {"Location": "http://[2002:7f00:1::]/"}), "leads into a private network"),
        (Answer(b"", 302, {"Location": "http://[fec0::1]/"}), "leads into a private network"),
    ],
    ids=[
        "500",
        "403",
        "2 GB",
        "a loop",
        "metadata",
        "10.x",
        "mapped",
        "file",
        "127.0.0.1",
        "NAT64",
        "6to4",
        "site",
    ],
)
def test_what_cannot_be_had_is_named_and_the_rest_comes(
    answer: Answer, reason: str, elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    gathered = fetch(elsewhere, training, pauses, answer)
    assert len(gathered.kept) == 1
    assert "1 not fetched (1 × " in str(gathered)
    assert reason in str(gathered)


def test_a_name_that_leads_to_a_private_address_is_asked_nothing(
    elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    """As with DNS rebinding: nothing is wrong with the name, only with where the connection ends."""
    trap = Answer(b"", 302, {"Location": f"http://localhost:{elsewhere.port}/admin"})
    assert "leads into a private network" in str(fetch(elsewhere, training, pauses, trap))
    assert not [url for url, _, _ in elsewhere.asked if url.endswith("/admin")]


def test_what_never_ends_is_left_off(elsewhere: Elsewhere, training: Path, pauses: list[float]) -> None:
    endless = Answer(b"x" * (MAX_PHOTO_BYTES + 1))
    assert "larger than 64 MB" in str(fetch(elsewhere, training, pauses, endless))


def test_silence_holds_up_nobody(elsewhere: Elsewhere, training: Path, pauses: list[float]) -> None:
    speak = threading.Event()
    try:
        started = time.monotonic()
        gathered = fetch(elsewhere, training, pauses, Answer(silent=speak))
        assert time.monotonic() - started < 10
    finally:
        speak.set()
    assert len(gathered.kept) == 1
    assert "said nothing for 0.3 seconds" in str(gathered)


def test_a_server_that_never_comes_to_an_end_is_left(
    elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    """It is never silent, so only the time that all of it takes tells."""
    end = threading.Event()
    trickle = Answer(headers={"Content-Length": "100000"}, trickling=end)
    elsewhere.found(elsewhere.photo("bad.jpg", trickle), elsewhere.photo("good.jpg"))
    manners = Manners(silence=2, longest_fetch=0.5, pause=pauses.append)
    try:
        gathered = gather("bear", "grizzly", training, manners=manners, progress=unseen)
    finally:
        end.set()
    assert len(gathered.kept) == 1
    assert "1 not fetched (1 × its server is too slow)" in str(gathered)


def test_a_server_that_wants_an_hour_is_left_in_peace(
    elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    urls = [elsewhere.photo(f"{n}.jpg", Answer(b"", 429, {"Retry-After": "3600"})) for n in range(40)]
    elsewhere.found(*urls)
    gathered = gather("bear", "grizzly", training, manners=Manners(pause=pauses.append), progress=unseen)
    assert "no more requests for 60 minutes" in str(gathered)
    assert sum(elsewhere.times(url) for url in urls) <= 2
    assert not pauses


def test_no_host_is_asked_for_more_than_two_photos_at_once(elsewhere: Elsewhere, training: Path) -> None:
    speak = threading.Event()
    urls = [elsewhere.photo(f"{n}.jpg", Answer(PHOTO.body, silent=speak)) for n in range(6)]
    elsewhere.found(*urls)
    gathering = threading.Thread(
        target=gather, args=("bear", "grizzly", training), kwargs={"progress": unseen}
    )
    gathering.start()
    try:
        until(lambda: sum(elsewhere.times(url) for url in urls) == 2)
        assert sum(elsewhere.times(url) for url in urls) == 2
    finally:
        speak.set()
        gathering.join()
    assert sum(elsewhere.times(url) for url in urls) == 6


def test_a_search_that_fails_is_a_sentence_and_one_that_ends_early_keeps_what_came(
    elsewhere: Elsewhere, training: Path, pauses: list[float]
) -> None:
    manners = Manners(pause=pauses.append)
    elsewhere.answers[OPENVERSE] = [Answer(b"", 500)]
    with pytest.raises(UserError, match="Openverse can't be searched now: its server answered 500"):
        gather("bear", "grizzly", training, manners=manners, progress=unseen)
    del elsewhere.answers[OPENVERSE]
    elsewhere.found(*(elsewhere.photo(f"{number}.jpg") for number in range(25)))
    first_page = elsewhere.answer(OPENVERSE, {"page": "1", "page_size": "20"})
    elsewhere.answers[OPENVERSE] = [first_page, Answer(b"[]")]
    gathered = gather("bear", "grizzly", training, manners=manners, progress=unseen)
    assert len(gathered.kept) == 20
    assert "The search ended early" in str(gathered)


def test_nothing_found_is_a_sentence(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.found(elsewhere.photo("not for everybody.jpg"), mature=True)
    with pytest.raises(UserError, match="Nothing was found"):
        gather("bear", "grizzly", training, progress=unseen)
