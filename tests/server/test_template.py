"""The template can ask Python, whoever serves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.probe import ProbeServer, probing


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ours", "jupyter", "voila"])
def test_the_template_can_ask_python_whoever_serves(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def told(server: ProbeServer) -> str:
        with server.visitor() as client:
            return client.get(server.address("template=told")).text

    if kind == "voila":
        with probing("voila", tmp_path) as bare:
            assert told(bare) == "filtered: None"
            assert "voila.js" in bare.open().answer.text, "Voilà alone has its own template"
    else:
        assert told(request.getfixturevalue(kind)) == "filtered: None"
