from __future__ import annotations

import numpy as np
import pytest

from bearclf.photos.folders import content_digest
from bearclf.photos.validation_set import valid_part


def digests_of(count: int) -> list[str]:
    return [content_digest(str(number).encode()) for number in range(count)]


def test_a_photo_stays_on_its_side_whatever_happens_to_others() -> None:
    digests, groups = digests_of(1000), np.arange(1000) // 2
    in_valid = valid_part(digests, groups)
    assert in_valid.mean() == pytest.approx(0.2, abs=0.04)
    assert (in_valid[::2] == in_valid[1::2]).all()  # versions of one picture
    kept = np.random.default_rng(0).permutation(1000)[:500]
    renumbered = np.unique(groups[kept], return_inverse=True)[1] + 7
    alone = np.isin(groups[kept], np.flatnonzero(np.bincount(groups[kept]) == 2))
    again = valid_part([digests[index] for index in kept], renumbered)
    assert (again == in_valid[kept])[alone].all()


@pytest.mark.parametrize("pictures", [2, 3, 4])
def test_even_few_pictures_are_on_both_sides(pictures: int) -> None:
    in_valid = valid_part(digests_of(pictures), np.arange(pictures))
    assert 0 < in_valid.sum() < pictures
