from __future__ import annotations

import pytest

from bearclf.models.wilson import wilson_interval


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    assert list(wilson_interval(81, 263)) == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert wilson_interval(10, 10)[1] == pytest.approx(1)
