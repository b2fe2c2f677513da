from __future__ import annotations

import os
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from bearclf.service.endpoint import Endpoint
from tests.helpers.drawings import encoded, pattern
from tests.helpers.pages import Page


def test_who_does_not_know_the_secret_is_not_let_in(
    open_page: Callable[..., Page], pattern_bundle: Path
) -> None:
    page = open_page()
    page.answer(encoded(pattern("dots", 2)))
    endpoint = Endpoint.of_bundle(pattern_bundle)
    with pytest.raises(AuthenticationError):
        Client(endpoint.address, endpoint.family, authkey=b"a guess")
    page.answer(encoded(pattern("dots", 3)))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs Unix permissions")
def test_a_folder_that_others_can_open_is_not_used(
    pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    monkeypatch.setenv("BEARCLF_RUN", str(open_to_all))
    with pytest.raises(PermissionError):
        Endpoint.of_bundle(pattern_bundle)
