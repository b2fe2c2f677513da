"""Computed values of photos, kept between runs: one SQLite file, looked up by a photo's content.

A photo that moves, or comes back under another name, is not computed again; several processes may read and
write at once.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

log = logging.getLogger(__name__)

_AT_ONCE = 500  # SQLite's oldest limit on the variables of one statement is 999


class FeatureStore:
    """Arrays by kind and content digest.

    ``kind`` names everything that the value depends on but the photo, such as the architecture and the input
    size. Without a folder that can be written to, values are kept for this run only.
    """

    def __init__(self, folder: Path | None) -> None:
        self._connection = _open(folder)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS computed"
            " (kind TEXT, digest TEXT, dtype TEXT, value BLOB, PRIMARY KEY (kind, digest)) WITHOUT ROWID"
        )

    def get(self, kind: str, digests: Sequence[str]) -> dict[str, np.ndarray]:
        """The values there are, by digest; each a one-dimensional array."""
        values: dict[str, np.ndarray] = {}
        for part, marks in _in_parts(digests):
            rows = self._connection.execute(
                # Only question marks are put in, as many as there are digests.
                f"SELECT digest, dtype, value FROM computed WHERE kind = ? AND digest IN ({marks})",  # noqa: S608
                (kind, *part),
            )
            values |= {digest: np.frombuffer(value, dtype) for digest, dtype, value in rows}
        return values

    def missing(self, kind: str, digests: Sequence[str]) -> set[str]:
        """Those of ``digests`` that there is no value for."""
        stored: set[str] = set()
        for part, marks in _in_parts(digests):
            rows = self._connection.execute(
                f"SELECT digest FROM computed WHERE kind = ? AND digest IN ({marks})",  # noqa: S608 - as above
                (kind, *part),
            )
            stored.update(digest for (digest,) in rows)
        return set(digests) - stored

    def put(self, kind: str, values: Mapping[str, np.ndarray]) -> None:
        """Keep one-dimensional arrays by digest; a value that is there already is replaced."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO computed VALUES (?, ?, ?, ?)",
                [(kind, digest, value.dtype.str, value.tobytes()) for digest, value in values.items()],
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> FeatureStore:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _in_parts(digests: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """Some digests at a time, with a question mark for each."""
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        yield part, ",".join("?" * len(part))


def _open(folder: Path | None) -> sqlite3.Connection:
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(folder / "features.sqlite", timeout=30)
            connection.execute("PRAGMA journal_mode = WAL")
            return connection
        except (OSError, sqlite3.Error) as error:
            log.warning("Features can't be kept in %s (%s): they last for this run only.", folder, error)
    return sqlite3.connect(":memory:")
