"""A running server of each kind, which all tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.probe import PREFIX, ProbeServer, Settings, probing


@pytest.fixture(scope="package")
def ours(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeServer]:
    """Our own server, which fills its pool at once, so that a test need not wait."""
    settings: Settings = {"Voila": {"base_url": PREFIX}, "VoilaKernelManager": {"fill_delay": 0}}
    with probing("serve", tmp_path_factory.mktemp("ours"), settings) as server:
        yield server


@pytest.fixture(scope="package")
def jupyter(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeServer]:
    with probing("jupyter", tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="package", params=["ours", "jupyter"])
def server(slow: None, request: pytest.FixtureRequest) -> ProbeServer:
    return request.getfixturevalue(request.param)
