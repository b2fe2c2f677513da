"""Openverse: openly licensed pictures of Flickr, Wikimedia Commons, museums and others.

Its REST API, version 1, gives anybody 20 results a page, 240 a search, 20 requests a minute and 200 a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bearclf.errors import UserError
from bearclf.gathering.download import Web
from bearclf.gathering.found import UNKNOWN, FoundPhoto, NotFetched, licence_name

ENDPOINT = "https://api.openverse.org/v1/images/"
PAGE_SIZE = 20
MOST_RESULTS = 240


class _Result(msgspec.Struct):
    license: str
    url: str | None = None
    title: str | None = None
    creator: str | None = None
    license_version: str | None = None
    license_url: str | None = None
    foreign_landing_url: str | None = None
    source: str | None = None
    mature: bool = False


class _Page(msgspec.Struct):
    page_count: int
    results: list[_Result]


def find(query: str, licences: Sequence[str], web: Web) -> Iterator[FoundPhoto]:
    """See :func:`bearclf.gathering.sources.find_photos`."""
    asked: Mapping[str, str | int] = {"q": query, "license": ",".join(licences), "page_size": PAGE_SIZE}
    for number in range(1, MOST_RESULTS // PAGE_SIZE + 1):
        try:
            page = msgspec.json.decode(web.get(ENDPOINT, {**asked, "page": number}), type=_Page)
        except (NotFetched, msgspec.DecodeError) as error:
            reason = error if isinstance(error, NotFetched) else "what it answered makes no sense"
            raise UserError(f"Openverse can't be searched now: {reason}. Please try again later.") from error
        for result in page.results:
            if result.url and not result.mature:
                yield FoundPhoto(
                    url=result.url,
                    title=result.title or "",
                    creator=result.creator or UNKNOWN,
                    licence=licence_name(result.license, result.license_version or ""),
                    licence_url=result.license_url or "",
                    landing_page=result.foreign_landing_url or "",
                    source=f"Openverse, {result.source or UNKNOWN}",
                )
        if number >= page.page_count:
            return
