from __future__ import annotations

import logging

import pytest

from bearclf.server.quiet_log import quieten


def test_noise_is_held_back_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("a server")
    quieten(log)
    log.warning("Notebook %s is not trusted", "app.ipynb")
    log.warning("The disk is full.")
    logging.getLogger("tornado.general").warning("Got events for closed stream %s", "x")
    assert [record.getMessage() for record in caplog.records] == ["The disk is full."]


def test_another_librarys_mistake_in_logging_stays_its_own(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("another server")
    quieten(log)
    with caplog.at_level(logging.CRITICAL + 1):  # a handler would complain of it on standard error
        log.warning("%d of %d", "x")
