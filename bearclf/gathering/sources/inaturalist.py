"""iNaturalist: sightings of plants and animals whose species others have confirmed; by pyinaturalist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from pyinaturalist.session import ClientSession
from pyinaturalist.v1.observations import get_observations
from requests import RequestException

from bearclf.errors import UserError
from bearclf.gathering.download import USER_AGENT, Web, authorities
from bearclf.gathering.found import UNKNOWN, FoundPhoto, licence_name
from bearclf.settings import cache_folder

PAGE_SIZE = 200
_LICENCE_VERSION = "4.0"  # that of all licences that one can choose there


def find(query: str, licences: Sequence[str], web: Web) -> Iterator[FoundPhoto]:
    """See :func:`bearclf.gathering.sources.find_photos`; one photo of each sighting, as all show the same."""
    codes = {_code_there(licence): licence for licence in licences if licence != "pdm"}
    if not codes:
        raise UserError("iNaturalist has no photos under the licence pdm. Please name another.")
    # Its limits hold for all that run on this machine, so they are counted in one file.
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    session = ClientSession(
        cache_file=str(folder / "inaturalist.sqlite"),
        ratelimit_path=str(folder / "inaturalist_requests.sqlite"),
        lock_path=str(folder / "inaturalist.lock"),
        user_agent=USER_AGENT,
    )
    with session:
        for page in count(1):
            try:
                answer = get_observations(
                    taxon_name=query,
                    photo_license=[code.upper() for code in codes],
                    photos=True,
                    quality_grade="research",
                    page=page,
                    per_page=PAGE_SIZE,
                    session=session,
                    verify=authorities(),
                )
            except (RequestException, ValueError, KeyError) as error:
                raise UserError(
                    f"iNaturalist can't be searched now: {error}. Please try again later."
                ) from error
            for observation in answer["results"]:
                photos = (
                    photo for photo in observation.get("photos", []) if photo.get("license_code") in codes
                )
                if photo := next(photos, None):
                    yield _photo(observation, photo, codes[photo["license_code"]])
            if page * PAGE_SIZE >= answer["total_results"]:
                return


def _code_there(licence: str) -> str:
    return licence if licence == "cc0" else f"cc-{licence}"


def _photo(observation: dict[str, Any], photo: dict[str, Any], licence: str) -> FoundPhoto:
    user, taxon = observation.get("user") or {}, observation.get("taxon") or {}
    public_domain = licence == "cc0"
    return FoundPhoto(
        url=photo["url"].replace("/square.", "/large."),  # 1024 pixels, as large as we look at them
        title=taxon.get("preferred_common_name") or taxon.get("name") or "",
        creator=user.get("name") or user.get("login") or UNKNOWN,
        licence=licence_name(licence, "1.0" if public_domain else _LICENCE_VERSION),
        licence_url="https://creativecommons.org/"
        + ("publicdomain/zero/1.0/" if public_domain else f"licenses/{licence}/{_LICENCE_VERSION}/"),
        landing_page=observation.get("uri") or f"https://www.inaturalist.org/photos/{photo['id']}",
        source="iNaturalist",
    )
