"""The curation worker: one process that looks after a training folder for every page that curates it.

``python -m bearclf.service.curation_worker FOLDER`` is started by :mod:`bearclf.service.curation_client`. It
imports torch only when it has to look at new photos or to train, and ends by itself when nobody has been
connected for a while and nothing is left to do.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep

from bearclf.curation.desk import Desk
from bearclf.curation.sheet import SheetPage
from bearclf.errors import OUR_FAULT, UserError
from bearclf.service.curation_messages import Message, curation_meeting
from bearclf.service.visitors import Visitor, Visitors
from bearclf.settings import bundle_folder

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long the worker stays without anybody connected."""

Answer = tuple[Message, bytes]


class CurationWorker:
    """Answers the pages that curate one folder."""

    def __init__(self, folder: Path) -> None:
        self._visitors = Visitors(self._take)
        self.desk = Desk(folder, bundle_folder(), self._visitors.tell_all)
        self._answers: dict[str, Callable[[Message, bytes], Answer]] = {
            "open": self._open,
            "sheet": self._sheet,
            "apply": lambda asked, _: (self.desk.apply(asked["changes"]), b""),
            "undo": lambda asked, _: (self.desk.undo(asked["step"]), b""),
            "stage": self._stage,
            "add": lambda asked, _: (self.desk.add(asked["batch"]), b""),
            "add_archive": self._add_archive,
            "retrain": self._retrain,
            "cancel": self._cancel,
            "promote": lambda asked, _: ({"news": self.desk.promote(asked["number"])}, b""),
            "download": self._download,
        }
        self.welcome = self._visitors.welcome
        self.idle_seconds = self._visitors.idle_seconds

    def _take(self, visitor: Visitor, asked: Message, content: bytes) -> None:
        if asked["kind"] in ("open", "stage"):  # what is asked next may need that it is done
            self._answer(visitor, asked, content)
            return
        # In a thread for each: a page of photos must not wait for a thousand that are being moved.
        threading.Thread(target=self._answer, args=(visitor, asked, content), daemon=True).start()

    def _answer(self, visitor: Visitor, asked: Message, content: bytes) -> None:
        try:
            reply, answer = self._answers[asked["kind"]](asked, content)
            message = {"kind": "reply", "id": asked["id"], **reply}
        except UserError as error:
            message, answer = {"kind": "failed", "id": asked["id"], "message": str(error)}, b""
        except Exception:
            log.exception("“%s” failed.", asked.get("kind"))
            message, answer = {"kind": "failed", "id": asked.get("id"), "message": OUR_FAULT}, b""
        visitor.tell(message, answer)

    def _open(self, _: Message, __: bytes) -> Answer:
        self.desk.open()
        return {}, b""

    def _sheet(self, asked: Message, _: bytes) -> Answer:
        page: SheetPage = self.desk.sheet(
            asked["label"], asked["part"], asked["order"], asked["focus"], asked["page"], asked["page_size"]
        )
        self.desk.warm_up()
        reply = {
            "photos": page.photos,
            "sizes": [len(jpeg) for jpeg in page.jpegs],
            "page": page.page,
            "pages": page.pages,
            "total": page.total,
        }
        return reply, b"".join(page.jpegs)

    def _stage(self, asked: Message, content: bytes) -> Answer:
        self.desk.stage(asked["batch"], asked["label"], asked["name"], content)
        return {}, b""

    def _add_archive(self, asked: Message, _: bytes) -> Answer:
        path = Path(asked["path"])
        try:
            return self.desk.add_archive(path), b""
        finally:
            path.unlink(missing_ok=True)

    def _retrain(self, asked: Message, _: bytes) -> Answer:
        self.desk.retrain(asked["recipe"])
        return {}, b""

    def _cancel(self, _: Message, __: bytes) -> Answer:
        self.desk.cancel()
        return {}, b""

    def _download(self, asked: Message, _: bytes) -> Answer:
        name, content = self.desk.file_of(asked["number"], asked["name"])
        return {"name": name}, content


def main() -> None:
    """Listen where the clients of this folder look, and work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    meeting = curation_meeting(Path(sys.argv[1]))
    with meeting.listen() as listener:
        worker = CurationWorker(meeting.argument)
        worker.welcome(listener)
        while worker.idle_seconds() < IDLE_SECONDS or worker.desk.is_busy:
            sleep(1.0)


if __name__ == "__main__":
    main()
