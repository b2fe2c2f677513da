from __future__ import annotations

from pathlib import Path

import pytest

from bearclf import UserError, gather
from bearclf.cli import main
from bearclf.gathering.attribution import read_attributions
from bearclf.photos.progress import unseen
from tests.helpers.other_hosts import Answer, Elsewhere, as_json

START, RESULTS = "https://duckduckgo.com/", "https://duckduckgo.com/i.js"


def test_the_person_is_told_that_nothing_is_known_of_licences(
    elsewhere: Elsewhere, training: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [
        {
            "image": elsewhere.photo(f"{number}.jpg"),
            "url": f"https://a.blog/{number}",
            "title": "A grizzly bear",
            "source": "Bing",
            "thumbnail": "",
            "height": 80,
            "width": 96,
        }
        for number in range(2)
    ]
    elsewhere.answers[START] = [Answer(b'<script>vqd="4-123";</script>')]
    elsewhere.answers[RESULTS] = [as_json(results=results), as_json(results=[])]
    words = ["gather", "grizzly bear", "--class", "grizzly", "--out", str(training), "--source", "ddgs"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "2 new photos" in said
    assert "says nothing of creators and licences" in said
    photos = read_attributions(training).values()
    assert {(photo.licence, photo.creator) for photo in photos} == {("unknown", "unknown")}
    assert {photo.landing_page for photo in photos} == {"https://a.blog/0", "https://a.blog/1"}


def test_being_turned_away_is_a_sentence(elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.answers[START] = [Answer(b"", 403)]
    with pytest.raises(UserError, match="The web search gave no answer"):
        gather("grizzly bear", "grizzly", training, source="ddgs", progress=unseen)
