"""Photos that show the same picture: copies, other sizes, other compressions, mirror images.

They are found by a perceptual hash (the DCT hash of the ImageHash package), 64 bits a photo. What takes half
a second to import is imported when it is needed: a folder that is known already is opened without.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

MAX_DISTANCE = 6
"""Photos whose hashes differ in at most so many of the 64 bits count as the same picture."""

_ROWS_AT_ONCE = 128


def perceptual_hashes(photo: Image.Image) -> tuple[int, int]:
    """The 64-bit hashes of a photo and of its mirror image."""
    small = photo.convert("L").resize((128, 128), Image.Resampling.BILINEAR)
    return _hash(small), _hash(ImageOps.mirror(small))


def same_picture_groups(hashes: np.ndarray) -> np.ndarray:
    """Number the groups of photos that show the same picture.

    ``hashes`` is a ``uint64`` array of shape (n, 2): each photo's hash and its mirror image's. Returns an
    integer array of shape (n,); equal numbers mean the same picture, also by way of a third photo.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    upright, n = hashes[:, 0], len(hashes)
    rows, columns = [], []
    for start in range(0, n, _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        distance = np.bitwise_count(upright[part, None] ^ upright[None, :])
        mirrored = np.bitwise_count(hashes[part, 1, None] ^ upright[None, :])
        row, column = np.nonzero(np.minimum(distance, mirrored) <= MAX_DISTANCE)
        rows.append(row + start)
        columns.append(column)
    row, column = np.concatenate(rows), np.concatenate(columns)
    links = coo_array((np.ones(len(row), bool), (row, column)), shape=(n, n))
    return connected_components(links, directed=False)[1]


def shows_same_picture(hashes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which photos show the picture that one shows: bools of shape (n,).

    ``hashes`` (2,) are that photo's hash and its mirror image's, ``others`` (n, 2) those of the others; all
    are ``uint64``.
    """
    distance = np.bitwise_count(others[:, 0, None] ^ hashes)
    return distance.min(axis=1) <= MAX_DISTANCE


def _hash(grey: Image.Image) -> int:
    import imagehash

    return int(str(imagehash.phash(grey)), 16)
