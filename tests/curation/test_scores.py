from __future__ import annotations

from pathlib import Path

import numpy as np

from bearclf.curation.catalogue import compile_catalogue, list_files
from bearclf.curation.scores import Scores, load_scores, save_scores
from bearclf.photos.store import FeatureStore


def test_scores_outlive_a_restart(folder: Path, tmp_path: Path, scores: Scores) -> None:
    with FeatureStore(tmp_path / "store") as store:
        save_scores(scores, folder, store)
    with FeatureStore(tmp_path / "store") as store:
        kept = load_scores(folder, store)
        assert load_scores(tmp_path, store) is None
    assert kept is not None
    np.testing.assert_array_equal(kept.probabilities, scores.probabilities)
    with FeatureStore(None) as store:
        catalogue = compile_catalogue(folder, list_files(folder, store), store, kept)
    assert catalogue.mislabelled.sum() == 0


def test_digests_that_end_in_zeros_are_found(scores: Scores) -> None:
    digest = scores.digests[5].ljust(32, b"\0").hex()
    assert scores.rows([digest, "00" * 32]).tolist() == [5, -1]
