from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bearclf import UserError, gather
from bearclf.gathering.attribution import read_attributions
from bearclf.photos.progress import unseen
from tests.helpers.other_hosts import INATURALIST, Answer, Elsewhere, as_json

BUCKET = "https://inaturalist-open-data.s3.amazonaws.com/photos"


def sighting(number: int, elsewhere: Elsewhere, *licences: str | None) -> dict[str, Any]:
    photos = []
    for place, licence in enumerate(licences):
        drawn = elsewhere.answers[elsewhere.photo(f"{number}-{place}.jpg")]
        elsewhere.answers[f"{BUCKET}/{number}{place}/large.jpg"] = drawn
        photos.append(
            {
                "id": int(f"{number}{place}"),
                "license_code": licence,
                "url": f"{BUCKET}/{number}{place}/square.jpg",
                "attribution": "(c) Ana, some rights reserved",
            }
        )
    return {
        "id": number,
        "uri": f"https://www.inaturalist.org/observations/{number}",
        "user": {"login": "ana", "name": "Ana Müller"},
        "taxon": {"name": "Ursus arctos", "preferred_common_name": "Brown Bear"},
        "photos": photos,
    }


def test_each_sighting_gives_one_photo_under_a_licence_that_was_asked_for(
    elsewhere: Elsewhere, training: Path
) -> None:
    results = [
        sighting(1, elsewhere, None, "cc-by-sa", "cc-by"),
        sighting(2, elsewhere, "cc-by-nc"),
        sighting(3, elsewhere, "cc0"),
    ]
    busy = Answer(b"{}", 429, {"Retry-After": "0"})
    elsewhere.answers[INATURALIST] = [busy, as_json(total_results=3, page=1, per_page=200, results=results)]
    gathered = gather("Ursus arctos", "grizzly", training, source="inaturalist", progress=unseen)
    assert len(gathered.kept) == 2
    photos = {photo.url: photo for photo in read_attributions(training).values()}
    first = photos[f"{BUCKET}/11/large.jpg"]
    assert (first.creator, first.licence, first.title) == ("Ana Müller", "CC BY-SA 4.0", "Brown Bear")
    assert first.licence_url == "https://creativecommons.org/licenses/by-sa/4.0/"
    assert first.landing_page == "https://www.inaturalist.org/observations/1"
    assert photos[f"{BUCKET}/30/large.jpg"].licence == "CC0 1.0"
    _, query, headers = elsewhere.asked[0]
    assert query["taxon_name"] == "Ursus arctos"
    assert query["photo_license"].lower() == "cc0,cc-by,cc-by-sa"
    assert "bearclf" in headers["user-agent"]


@pytest.mark.parametrize("answer", [Answer(b'{"error": "no"}', 422), Answer(b"<html>"), as_json(error="no")])
def test_a_refusal_is_a_sentence(answer: Answer, elsewhere: Elsewhere, training: Path) -> None:
    elsewhere.answers[INATURALIST] = [answer]
    with pytest.raises(UserError, match="iNaturalist can't be searched now"):
        gather("a bear", "grizzly", training, source="inaturalist", progress=unseen)
