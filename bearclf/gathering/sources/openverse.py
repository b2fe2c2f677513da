"""Openverse: 800 million openly licensed pictures of Flickr, Wikimedia Commons, museums and others.

Its REST API, version 1, gives anybody 20 results a page, 240 a search, 20 requests a minute and 200 a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bearclf.errors import UserError
from bearclf.gathering.download import Web
from bearclf.gathering.found import UNKNOWN, FoundPhoto, NotFetched, licence_name

ENDPOINT = "https://api.openverse.org/v1/images/"
PAGE_SIZE = 20
MOST_RESULTS = 240


def find(query: str, licences: Sequence[str], web: Web) -> Iterator[FoundPhoto]:
    """See :func:`bearclf.gathering.sources.find_photos`."""
    for page in range(1, MOST_RESULTS // PAGE_SIZE + 1):
        parameters: Mapping[str, str | int] = {
            "q": query,
            "license": ",".join(licences),
            "page_size": PAGE_SIZE,
            "page": page,
        }
        try:
            answer = json.loads(web.get(ENDPOINT, parameters))
        except (NotFetched, ValueError) as error:
            reason = error if isinstance(error, NotFetched) else "what it answered makes no sense"
            raise UserError(f"Openverse can't be searched now: {reason}. Please try again later.") from error
        for result in answer.get("results", []):
            if result.get("url") and not result.get("mature"):
                yield _photo(result)
        if page >= answer.get("page_count", 0):
            return


def _photo(result: dict[str, Any]) -> FoundPhoto:
    return FoundPhoto(
        url=result["url"],
        title=result.get("title") or "",
        creator=result.get("creator") or UNKNOWN,
        licence=licence_name(result.get("license") or UNKNOWN, result.get("license_version") or ""),
        licence_url=result.get("license_url") or "",
        landing_page=result.get("foreign_landing_url") or "",
        source=f"Openverse, {result.get('source') or UNKNOWN}",
    )
