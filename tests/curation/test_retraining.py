from __future__ import annotations

from pathlib import Path

from bearclf.curation.retraining import options_like
from bearclf.models.card import CARD
from bearclf.settings import DEFAULT_ARCHITECTURE, FORMER_ARCHITECTURE
from tests.helpers.fakes import card


def test_a_model_of_the_former_network_is_trained_anew_on_todays(tmp_path: Path) -> None:
    """The weights of the former one aren't installed any more, and its input size was its own."""
    live = card(["black", "teddy"], "bear")
    for architecture, expected in (
        (FORMER_ARCHITECTURE, (DEFAULT_ARCHITECTURE, None)),
        ("none", ("none", 64)),
    ):
        (tmp_path / CARD).write_text(live.to_json().replace('"none"', f'"{architecture}"'), "utf-8")
        options = options_like(tmp_path, "probe", ["black", "teddy"])
        assert (options.architecture, options.size) == expected
        assert options.noun == "bear"
