"""Export a learner's network for onnxruntime, with which answers needn't wait for torch."""

from __future__ import annotations

import logging
from pathlib import Path

from bearclf.models.bundle import EXPORT, NETWORK
from bearclf.prediction.learned import LearnedNetwork
from bearclf.prediction.network import ExportedNetwork, assert_same_answers, same_pixels

log = logging.getLogger(__name__)


def write_network(bundle: Path) -> None:
    """Write ``network.onnx`` beside ``export.pkl``, or leave it out, which is logged.

    It is left out if it can't be exported, or sees or answers photos otherwise than the learner, from which
    answers then come.
    """
    pickled = (bundle / EXPORT).read_bytes()
    learned = LearnedNetwork(pickled)
    try:
        content = learned.exported(pickled)
        network = ExportedNetwork(content, pickled)
        if not same_pixels(network, learned):
            raise ValueError("Its photos are resized in a way of its own.")
        assert_same_answers(network, learned)
    except Exception as error:
        log.warning("The model has no %s, so its first answer takes seconds: %r", NETWORK, error)
        return
    (bundle / NETWORK).write_bytes(content)
