from __future__ import annotations

from pathlib import Path

import numpy as np

from bearclf.curation.catalogue import KnownFiles, compile_catalogue
from bearclf.curation.sheet import page_of_folder
from bearclf.photos.scan_results import SkippedFile
from bearclf.photos.store import FeatureStore


def test_of_files_that_could_not_be_read_each_shows_its_own_picture(
    folder: Path, store: FeatureStore
) -> None:
    paths = [folder / label / f"{label}_1.jpg" for label in ("dots", "stripes")]
    busy = KnownFiles([], [SkippedFile(path, "It was busy.") for path in paths], is_complete=True)
    catalogue = compile_catalogue(folder, busy, store, None)
    pages = [page_of_folder(catalogue, np.array([index]), 0, 1, store) for index in (0, 1)]
    assert pages[0].photos[0].thumbnail != pages[1].photos[0].thumbnail
