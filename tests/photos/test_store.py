from __future__ import annotations

from pathlib import Path

import numpy as np

from bearclf.photos.store import FeatureStore


def test_what_is_stored_is_there_in_the_next_run(tmp_path: Path) -> None:
    values = {f"{n:064x}": np.arange(n, n + 5, dtype=np.float32) for n in range(1200)}
    with FeatureStore(tmp_path / "cache") as store:
        store.put("kind", values)
    with FeatureStore(tmp_path / "cache") as store:
        found = store.get("kind", [*values, "missing"])
        assert store.get("another kind", list(values)) == {}
    assert found.keys() == values.keys()
    assert all(np.array_equal(found[digest], value) for digest, value in values.items())


def test_a_cache_that_cannot_be_written_costs_time_but_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with FeatureStore(tmp_path / "file") as store:
        store.put("kind", {"a": np.ones(2)})
        assert np.array_equal(store.get("kind", ["a"])["a"], np.ones(2))
