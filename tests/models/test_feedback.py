from __future__ import annotations

from pathlib import Path

from bearclf.models.feedback import NONE_OF_THESE, FeedbackStore


def test_feedback_is_there_after_a_restart_and_photos_wait_for_review(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "data", "digest")
    first = store.record("black", {"black": 0.9, "grizzly": 0.1}, 0.7, "grizzly")
    second = store.record("black", {"black": 0.9, "grizzly": 0.1}, 0.7, NONE_OF_THESE)
    assert first != second
    store.give(second, b"jpeg")
    [waiting] = FeedbackStore(tmp_path / "data", "digest").review_queue()
    assert (waiting.feedback_id, waiting.visitor_label, waiting.jpeg) == (second, NONE_OF_THESE, b"jpeg")
