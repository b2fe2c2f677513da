"""What people say of answers, kept in one SQLite file outside any served folder.

A photo is kept only if its owner gives it: then it waits, re-encoded and without metadata, to be reviewed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NONE_OF_THESE = ""
"""What is stored for "none of these": no class folder can have this name."""


_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
  id INTEGER PRIMARY KEY, time TEXT NOT NULL, bundle TEXT NOT NULL, label TEXT NOT NULL,
  probabilities TEXT NOT NULL, known_score REAL NOT NULL, said TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS review (
  feedback INTEGER PRIMARY KEY REFERENCES feedback (id), said TEXT NOT NULL, jpeg BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS reviewed (
  feedback INTEGER PRIMARY KEY REFERENCES review (feedback), taken TEXT, step INTEGER);
"""


@dataclass(frozen=True)
class GivenPhoto:
    """A photo in the review queue: a JPEG, the class that its owner says it shows, and the model's answer."""

    feedback_id: int
    visitor_label: str
    jpeg: bytes
    label: str
    probability: float


class FeedbackStore:
    """One file for all visitors; several kernels write to it at once."""

    def __init__(self, folder: Path, bundle: str) -> None:
        """``bundle`` is the SHA-256 of the model's training set, so that old words are not taken for new."""
        self._path = folder / "feedback.sqlite"
        self._bundle = bundle

    def record(
        self, label: str, probabilities: Mapping[str, float], familiarity: float, visitor_label: str
    ) -> int:
        """Keep what a visitor said of an answer; returns its number.

        ``visitor_label`` is a class or ``NONE_OF_THESE``. Raises OSError or sqlite3.Error if that fails.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (now, self._bundle, label, json.dumps(dict(probabilities)), familiarity, visitor_label)
        with closing(self._open()) as connection, connection:
            cursor = connection.execute(
                "INSERT INTO feedback (time, bundle, label, probabilities, known_score, said)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            return int(cursor.lastrowid or 0)

    def give(self, feedback_id: int, jpeg: bytes) -> None:
        """Put a photo into the review queue, with what was said of it under ``feedback_id``."""
        with closing(self._open()) as connection, connection:
            connection.execute(
                "INSERT OR REPLACE INTO review SELECT id, said, ? FROM feedback WHERE id = ?",
                (jpeg, feedback_id),
            )

    def review_queue(self, undone: Collection[int] = ()) -> list[GivenPhoto]:
        """Photos that were given and not yet reviewed, the oldest first.

        ``undone`` are steps of the folder that are not in force: what they had taken in waits again. That is
        asked and not kept, for a step that was undone may be done again.
        """
        query = (
            "SELECT review.feedback, review.said, jpeg, label, probabilities FROM review"
            " JOIN feedback ON feedback.id = review.feedback"
            " LEFT JOIN reviewed ON reviewed.feedback = review.feedback"
            " WHERE reviewed.feedback IS NULL OR reviewed.step IN (SELECT value FROM json_each(?))"
            " ORDER BY review.feedback"
        )
        steps = json.dumps(list(undone))
        with closing(self._open()) as connection:
            return [
                GivenPhoto(feedback_id, visitor_label, jpeg, label, json.loads(probabilities).get(label, 0.0))
                for feedback_id, visitor_label, jpeg, label, probabilities in connection.execute(
                    query, (steps,)
                )
            ]

    def set_reviewed(self, feedback_id: int, taken: str | None, step: int | None = None) -> None:
        """A photo waits no longer: a ``step`` of the folder has ``taken`` it into a class, or not (None)."""
        with closing(self._open()) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO reviewed VALUES (?, ?, ?)", (feedback_id, taken, step))

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self._path, timeout=10)
        connection.executescript(_SCHEMA)
        return connection
