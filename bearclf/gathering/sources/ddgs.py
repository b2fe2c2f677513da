"""A web search, as in the course; by ddgs. It knows neither creators nor licences."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import getproxies

from ddgs import DDGS
from ddgs.exceptions import DDGSException

from bearclf.errors import UserError
from bearclf.gathering.download import authorities
from bearclf.gathering.found import UNKNOWN, FoundPhoto

MOST_PAGES = 5


def find(query: str) -> Iterator[FoundPhoto]:
    """See :func:`bearclf.gathering.sources.find_photos`."""
    search = DDGS(proxy=getproxies().get("https"), verify=authorities())
    for page in range(1, MOST_PAGES + 1):
        try:
            results = search.images(query, safesearch="on", max_results=None, page=page)
        except DDGSException as error:
            if page > 1 or "No results" in str(error):
                return
            raise UserError(
                f"The web search gave no answer: {error}. It turns programs away now and then: please "
                "try again later, or take another source."
            ) from error
        for result in results:
            if result.get("image"):
                yield FoundPhoto(
                    url=result["image"],
                    title=result.get("title") or "",
                    creator=UNKNOWN,
                    licence=UNKNOWN,
                    licence_url="",
                    landing_page=result.get("url") or "",
                    source="Web search",
                )
