from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bearclf import UserError, gather


@pytest.mark.parametrize(
    ("source", "package"),
    [("inaturalist", "pyinaturalist"), ("ddgs", "ddgs"), ("kaggle:ana/bears", "kagglehub")],
)
def test_a_package_that_is_not_installed_is_named(
    source: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        UserError, match=rf"needs the package {package}. Install it with: .* -m pip install {package}"
    ):
        gather("bear", "grizzly", tmp_path, source=source)
