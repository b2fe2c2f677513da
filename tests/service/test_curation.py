"""The curation worker and its client: real processes, as a page has them."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from bearclf.service.curation_client import CurationClient
from bearclf.service.curation_messages import Message

PATIENCE = 120  # seconds until a test gives up; what is waited for comes much sooner


class Page:
    """Says what a kernel would, and hears what it would."""

    def __init__(self, folder: Path) -> None:
        self.told: queue.Queue[Message] = queue.Queue()
        self.client = CurationClient(folder, lambda message, _: self.told.put(message), at_once)
        self.client.start()

    def wait_for(self, kind: str) -> Message:
        while True:
            message = self.told.get(timeout=PATIENCE)
            if message["kind"] == kind:
                return message

    def ask(self, kind: str, content: bytes = b"", **fields: Any) -> tuple[Message, bytes]:
        replies: queue.Queue[tuple[Message, bytes]] = queue.Queue()
        self.client.ask({"kind": kind, **fields}, lambda *reply: replies.put(reply), content)
        return replies.get(timeout=PATIENCE)

    def sheet(self) -> tuple[Message, bytes]:
        return self.ask("sheet", label="", part="all", order="folder", focus={}, page=0, page_size=6)


def at_once(hear: Callable[[Message, bytes], None], message: Message, content: bytes) -> None:
    hear(message, content)


@pytest.fixture
def folder(patterns: Path, pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEARCLF_BUNDLE", str(pattern_bundle))
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(patterns, tmp_path / "training"))


def workers(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "bearclf.service.curation_worker" in (process.info["cmdline"] or ())
        and str(folder.resolve()) in process.info["cmdline"]
    ]


def test_two_pages_share_a_worker_and_hear_of_each_others_changes(folder: Path) -> None:
    one, other = Page(folder), Page(folder)
    assert one.wait_for("facts")["facts"]["classes"] == {"checks": 8, "dots": 8, "stripes": 8}
    other.wait_for("facts")
    assert len(workers(folder)) == 1
    reply, content = one.sheet()
    assert len(content) == sum(reply["sizes"])
    assert [photo["name"] for photo in reply["photos"]] == [f"checks_{number}.jpg" for number in range(6)]
    change = {**reply["photos"][0], "to": "dots"}
    done, _ = one.ask("apply", changes=[change])
    assert done["news"] == "1 photo moved to another class."
    while other.wait_for("facts")["facts"]["classes"]["dots"] != 9:
        pass
    refused, _ = one.ask("undo", step=99)
    assert refused["kind"] == "failed"
    assert refused["message"].endswith(".")


def test_a_worker_that_dies_is_replaced_and_nothing_is_asked_twice(folder: Path) -> None:
    page = Page(folder)
    page.sheet()
    [worker] = workers(folder)
    worker.kill()
    page.wait_for("restarting")
    reply, _ = page.sheet()
    assert reply["total"] == 24
    assert [found.pid for found in workers(folder)] != [worker.pid]
