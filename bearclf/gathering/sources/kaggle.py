"""A dataset of Kaggle, fetched as a whole by its own client, with the person's key where it asks for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import kagglehub
from kagglehub.clients import build_kaggle_client
from kagglehub.exceptions import DataCorruptionError
from kagglesdk.datasets.types.dataset_api_service import ApiGetDatasetRequest
from requests import RequestException

from bearclf.errors import UserError
from bearclf.gathering.found import UNKNOWN, FoundPhoto
from bearclf.photos.folders import list_nested_photos


def find(query: str, dataset: str, max_bytes: int | None = None) -> Iterator[FoundPhoto]:
    """The photos in those folders of ``dataset``, of at most ``max_bytes``, whose names contain ``query``.

    See :func:`bearclf.gathering.sources.find_photos`.
    """
    owner, _, name = dataset.partition("/")
    if not re.fullmatch(r"[\w-]+/[\w-]+", dataset):
        raise UserError(
            f"“{dataset}” is no dataset: its name is OWNER/DATASET, as in its address at kaggle.com."
        )
    request = ApiGetDatasetRequest()
    request.owner_slug, request.dataset_slug = owner, name
    try:
        with build_kaggle_client() as client:
            about = client.datasets.dataset_api_client.get_dataset(request)
        if max_bytes is not None and about.total_bytes > max_bytes:
            raise UserError(
                f"The dataset {dataset} is larger than {max_bytes // 2**30} GB, which is too much here. "
                "Whoever runs this server can gather from it on the command line."
            )
        folder = Path(kagglehub.dataset_download(dataset))
    except (RequestException, DataCorruptionError, OSError, ValueError) as error:
        raise UserError(
            f"The dataset {dataset} can't be fetched: {' '.join(str(error).split())} If it asks who you are, "
            "make a token at kaggle.com/settings, and set KAGGLE_API_TOKEN to it."
        ) from error
    page = f"https://www.kaggle.com/datasets/{dataset}"
    photos = [(path, path.relative_to(folder)) for path in list_nested_photos(folder)]
    matching = [(path, inside) for path, inside in photos if _words(query) in _words(str(inside.parent))]
    if not matching:
        folders = sorted({inside.parent.name for _, inside in photos} - {""})
        raise UserError(
            f"{dataset} has no folder “{query}” with photos. It has {', '.join(folders) or 'none'}."
        )
    for path, inside in matching:
        yield FoundPhoto(
            url=f"{page}?select={quote(inside.as_posix())}",
            title=inside.name,
            creator=about.creator_name or about.owner_name or owner,
            licence=about.license_name or UNKNOWN,
            licence_url="",
            landing_page=page,
            source="Kaggle",
            file=path,
        )


def _words(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", text.casefold()))
