from __future__ import annotations

import numpy as np
import pytest

from bearclf.models.paired import mcnemar


def pairs(both: int, better: int, worse: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    kinds = [(True, True)] * both + [(False, True)] * better + [(True, False)] * worse
    before, after = np.array(kinds + [(False, False)] * neither, bool).T
    return before, after


def test_known_answers_worked_out_by_hand() -> None:
    # Of 6 that differ, 5 speak for the second: twice the chance of 5 or 6 heads in 6 throws, (6 + 1) / 64.
    found = mcnemar(*pairs(both=40, better=5, worse=1, neither=4))
    assert (found.better, found.worse) == (5, 1)
    assert found.p_value == pytest.approx(2 * 7 / 64)
    assert found.may_be_chance
    # Eight of eight: 2 / 256.
    found = mcnemar(*pairs(both=10, better=0, worse=8, neither=0))
    assert found.p_value == pytest.approx(2 / 256)
    assert not found.may_be_chance


def test_without_any_difference_there_is_nothing_to_explain() -> None:
    assert mcnemar(*pairs(both=3, better=0, worse=0, neither=2)).p_value == 1
