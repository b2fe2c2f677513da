"""The worker process: answers photos for every visitor of this machine, with the version that is live.

``python -m bearclf.service.worker BUNDLE`` is started by :mod:`bearclf.service.starting`. It listens before
anything slow is imported, so that photos are decoded and their thumbnails sent while the model is still
loading. What answers don't need, torch above all, is loaded in the first quiet second. It ends by itself when
nobody has been connected for a while.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

from PIL import Image

from bearclf.errors import UserError
from bearclf.models.versions import Live, Versions
from bearclf.photos.decode import PhotoError, decode, read_photo_file, thumbnail
from bearclf.service.live_model import LiveModel, follow, load
from bearclf.service.messages import Meeting, Message
from bearclf.service.visitors import Visitor, Visitors
from bearclf.settings import WORKING_SIDE

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long the worker stays without anybody connected."""

MAX_WAITING = 16
"""Decoded photos that wait for the model, at most 3 MB each; who sends more waits at the socket."""

QUIET_SECONDS = 1.0
"""Without a photo to answer; then what slows answers down may be done."""

LATEST_SECONDS = 20.0
"""When that is done at the latest, however much is asked."""

NEAREST_SIDE = 112
"""Longest side, in pixels, of the training photos beside an explanation."""

MAX_DECODING = max(2, os.cpu_count() or 1)
"""Photos that are decoded at once: the largest take some hundred MB while they are."""

MAX_BATCH = 4
"""Photos that are answered together."""

ANSWER_FIRST_SECONDS = 0.1
"""How long a photo's thumbnail waits for its answer, which then has the cores to itself."""

OUR_FAULT = "Something went wrong on our side while looking at this photo, and was logged. Please try again."
NOT_AT_HAND = (
    "This answer came from an earlier model, which is not at hand any more. Choose the photo again: then the "
    "present model answers it, and shows why."
)


@dataclass(frozen=True)
class Waiting:
    """A decoded photo and whom to answer."""

    visitor: Visitor
    number: int
    photo: Image.Image
    decode_ms: float
    answered: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Question:
    """An answer to be explained, of a photo's thumbnail."""

    visitor: Visitor
    number: int
    photo: Image.Image
    label: str
    nearest: list[int]
    card: str


class Worker:
    """Answers photos with the live version of one bundle."""

    def __init__(self, bundle: Path) -> None:
        self._versions = Versions(bundle)
        self._visitors = Visitors(self._take)
        self._decoding = threading.Semaphore(MAX_DECODING)
        # A model that was loaded waits like a photo, so that it takes over between two of them.
        self._waiting: queue.Queue[Waiting | Question | LiveModel] = queue.Queue(MAX_WAITING)
        self._models: list[LiveModel] = []  # the live one, and the one before it for who asks why
        self._quiet = threading.Event()
        # Answers wait neither for thumbnails nor for explanations, which may have to wait for torch.
        self._showing = ThreadPoolExecutor(1, "bearclf showing")
        self._explaining = ThreadPoolExecutor(1, "bearclf explaining")

    def run(self, listener: Listener) -> None:
        """Serve until nobody has been connected for ``IDLE_SECONDS``."""
        self._visitors.welcome(listener)
        version = self._versions.current()
        try:
            model = load(version, self._versions)
        except UserError as error:
            self._visitors.announce({"kind": "broken", "message": str(error)})
            self._wait_for_another(version)
            return
        self._go_live(model)
        threading.Thread(target=self._follow, args=(version, model), daemon=True).start()
        while not self._is_idle():
            self._work_through(self._take_batch())

    def _follow(self, version: Live, model: LiveModel) -> None:
        self._quiet.wait(LATEST_SECONDS)
        follow(self._versions, version, model, self._waiting.put)

    def _wait_for_another(self, version: Live) -> None:
        """Stay until there is something else to load: pages then ask the next worker what they asked here."""
        while not self._is_idle() and self._versions.current() == version:
            self._take_batch()  # nobody can answer it here

    def _go_live(self, model: LiveModel) -> None:
        self._models = [model, *self._models[:1]]
        self._visitors.announce(model.said_of_it(), {"kind": "ready"})

    def _work_through(self, batch: list[Waiting | Question | LiveModel]) -> None:
        for one in batch:
            if isinstance(one, LiveModel):
                self._go_live(one)
        photos = [one for one in batch if isinstance(one, Waiting)]
        if photos:
            self._guarded(self._answer, photos)
        for one in batch:
            if isinstance(one, Question):
                self._explaining.submit(self._guarded, self._explain, [one])

    def _take(self, visitor: Visitor, message: Message, content: bytes) -> None:
        if message["kind"] == "why":
            photo = decode(content)  # a thumbnail of our own making
            asked = (message["label"], message["nearest"], message["card"])
            self._waiting.put(Question(visitor, message["id"], photo, *asked))
        elif message["kind"] == "clean":
            jpeg = thumbnail(decode(content), WORKING_SIDE)
            visitor.tell({"kind": "cleaned", "id": message["id"]}, jpeg)
        else:
            self._look_at(visitor, message["id"], content)

    def _look_at(self, visitor: Visitor, number: int, content: bytes) -> None:
        started = time.perf_counter()
        try:
            with self._decoding:
                photo = decode(content)
        except PhotoError as error:
            log.info("Refused a photo.", exc_info=error)
            visitor.tell({"kind": "refused", "id": number, "message": str(error)})
            return
        decode_ms = 1000 * (time.perf_counter() - started)
        waiting = Waiting(visitor, number, photo, decode_ms)
        self._showing.submit(self._guarded, self._show, [waiting])
        self._waiting.put(waiting)

    def _show(self, photos: list[Waiting]) -> None:
        for waiting in photos:
            if self._models:
                waiting.answered.wait(ANSWER_FIRST_SECONDS)
            waiting.visitor.tell({"kind": "seen", "id": waiting.number}, thumbnail(waiting.photo))

    def _take_batch(self) -> list[Waiting | Question | LiveModel]:
        """Whatever waits, at most ``MAX_BATCH`` photos; nothing, after ``QUIET_SECONDS`` without any."""
        batch: list[Waiting | Question | LiveModel] = []
        try:
            batch.append(self._waiting.get(timeout=QUIET_SECONDS))
            while len(batch) < MAX_BATCH:
                batch.append(self._waiting.get_nowait())
        except queue.Empty:
            if not batch:
                self._quiet.set()
        return batch

    def _guarded(self, work: Callable[[list[Any]], None], batch: list[Any]) -> None:
        """A fault of ours must not take the answers of everybody else with it."""
        try:
            work(batch)
        except Exception:
            log.exception("The model failed.")
            for waiting in batch:
                waiting.visitor.tell({"kind": "refused", "id": waiting.number, "message": OUR_FAULT})

    def _answer(self, batch: list[Waiting]) -> None:
        model = self._models[0]
        answers = model.predictor.predict_decoded([waiting.photo for waiting in batch])
        for waiting, answer in zip(batch, answers, strict=True):
            said = answer.as_dict() | {
                "ms": round(answer.ms + waiting.decode_ms, 2),
                "nearest": list(answer.nearest),
                "version": model.version.number,
                "card": model.version.card_sha256,
            }
            waiting.visitor.tell({"kind": "answer", "id": waiting.number, **said})
            waiting.answered.set()

    def _explain(self, batch: list[Question]) -> None:
        for question in batch:
            model = self._model_of(question)
            if model is None:
                refusal: Message = {"kind": "refused", "id": question.number, "message": NOT_AT_HAND}
                question.visitor.tell(refusal)
                continue
            pictures = [thumbnail(model.predictor.explain(question.photo, question.label))]
            labels = []
            for path, label in model.training_photos(question.nearest):
                with suppress(PhotoError):  # moved or changed meanwhile: one picture less
                    pictures.append(thumbnail(decode(read_photo_file(path)), NEAREST_SIDE))
                    labels.append(label)
            sizes = [len(jpeg) for jpeg in pictures]
            message = {"kind": "because", "id": question.number, "sizes": sizes, "labels": labels}
            question.visitor.tell(message, b"".join(pictures))

    def _model_of(self, question: Question) -> LiveModel | None:
        return next((one for one in self._models if one.version.card_sha256 == question.card), None)

    def _is_idle(self) -> bool:
        return self._visitors.idle_seconds() > IDLE_SECONDS


def main() -> None:
    """Listen where the clients of this bundle look, and work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    meeting = Meeting.for_bundle(Path(sys.argv[1]))
    with meeting.listen() as listener:
        Worker(meeting.argument).run(listener)


if __name__ == "__main__":
    main()
