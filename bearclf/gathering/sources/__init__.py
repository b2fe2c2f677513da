"""Where photos come from: each module here asks one source, and yields what it finds."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec

from bearclf.errors import UserError
from bearclf.gathering.download import Web
from bearclf.gathering.found import USUAL_LICENCES, FoundPhoto, check_licences

MAX_QUERY = 200
"""Longest query, in characters."""

SOURCES = ("openverse", "inaturalist", "ddgs", "kaggle:OWNER/DATASET")

NOTES = {
    "ddgs": "A web search says nothing of creators and licences: these photos are for trying things out, "
    "and not to be shown or passed on.",
    "kaggle": "A Kaggle dataset has one licence as a whole, which need not be right for each photo in it.",
}
"""What a person must know of a source's licences, a sentence each."""

_PACKAGES = {"inaturalist": "pyinaturalist", "ddgs": "ddgs", "kaggle": "kagglehub"}


def check_query(query: str) -> None:
    """Raises UserError if there are no words to search for, or far too many."""
    if not query.strip():
        raise UserError("Please say what the photos should show, such as “grizzly bear”.")
    if len(query) > MAX_QUERY:
        raise UserError(f"These are too many words. Please use at most {MAX_QUERY} characters.")


def find_photos(
    source: str,
    query: str,
    licences: Sequence[str] | None,
    web: Web,
    max_dataset_bytes: int | None = None,
) -> Iterator[FoundPhoto]:
    """Photos of ``query`` under one of ``licences``, the best matches first, fetched page by page.

    None stands for the usual licences. A dataset of more than ``max_dataset_bytes`` isn't fetched. Raises
    UserError if there is no such source, its package isn't installed, or it can't search by licence; and,
    when a photo is asked for, if it can't be reached.
    """
    name, _, dataset = source.partition(":")
    if name not in {known.partition(":")[0] for known in SOURCES} or bool(dataset) != (name == "kaggle"):
        raise UserError(f"There is no source “{source}”. There are {', '.join(SOURCES)}.")
    if licences is not None and name in NOTES:
        raise UserError(f"{NOTES[name]} It can't be searched by licence: please leave --licence out.")
    chosen = check_licences(USUAL_LICENCES if licences is None else licences)
    package = _PACKAGES.get(name)
    if package and find_spec(package) is None:
        raise UserError(
            f"The source {name} needs the package {package}. Install it with: "
            f"{sys.executable} -m pip install {package}"
        )
    module = import_module(f"bearclf.gathering.sources.{name}")
    if name == "kaggle":
        return module.find(query, dataset, max_dataset_bytes)
    return module.find(query) if name == "ddgs" else module.find(query, chosen, web)
