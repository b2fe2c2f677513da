from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from bearclf.photos.duplicates import perceptual_hashes, same_picture_groups
from tests.helpers.drawings import pattern, teddy


def test_versions_of_one_picture_are_one_group() -> None:
    picture = teddy()
    versions = [
        picture,
        picture.resize((150, 150)),
        ImageOps.mirror(picture),
        picture.point(lambda level: min(255, level + 12)),
        pattern("dots", 1),
        pattern("stripes", 2),
        picture.rotate(180),
    ]
    hashes = np.array([perceptual_hashes(version) for version in versions], np.uint64)
    groups = same_picture_groups(hashes)
    assert len(set(groups[:4])) == 1
    assert len(set(groups[3:])) == 4


def test_groups_reach_across_blocks_of_a_large_folder() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**63, (1500, 2), dtype=np.uint64)
    hashes[1400, 0] = hashes[3, 0] ^ np.uint64(0b10110)
    groups = same_picture_groups(hashes)
    assert groups[1400] == groups[3]
    assert len(set(groups)) == 1499


def test_an_upright_photo_and_its_turned_copy_are_two_pictures() -> None:
    assert perceptual_hashes(teddy())[0] != perceptual_hashes(teddy().transpose(Image.Transpose.ROTATE_90))[0]
