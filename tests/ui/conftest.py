"""A page's line, and what keeps visitors' words, for tests that play both."""

from __future__ import annotations

import pytest

from tests.helpers.fakes import FakeFeedback, FakeLine


@pytest.fixture
def line() -> FakeLine:
    return FakeLine()


@pytest.fixture
def feedback() -> FakeFeedback:
    return FakeFeedback()
