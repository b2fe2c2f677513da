"""The worker process: loads one bundle and answers photos for every visitor of this machine.

``python -m bearclf.service.worker BUNDLE`` is started by :mod:`bearclf.service.client`. It listens before
torch is imported, so that photos are decoded and their thumbnails sent while the model is still loading. It
ends by itself when nobody has been connected for a while.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from bearclf.photos import PhotoError, decode, read_photo_file, thumbnail
from bearclf.service.messages import Meeting, Message, receive, send
from bearclf.settings import WORKING_SIDE, UserError, training_folder

if TYPE_CHECKING:
    from bearclf.prediction.predictor import Predictor

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long the worker stays without anybody connected."""

MAX_WAITING = 16
"""Decoded photos that wait for the model, at most 3 MB each; who sends more waits at the socket."""

NEAREST_SIDE = 112
"""Longest side, in pixels, of the training photos beside an explanation."""

MAX_BATCH = 4
"""Photos that are answered together."""

OUR_FAULT = "Something went wrong on our side while looking at this photo, and was logged. Please try again."


class Visitor:
    """One connected page. Several threads answer it, one message at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def receive(self) -> tuple[Message, bytes]:
        """Wait for the next message; raises EOFError or OSError if the page is gone."""
        return receive(self._connection)

    def tell(self, message: Message, content: bytes = b"") -> None:
        """Send, or forget it: a page that is gone needs no answer."""
        try:
            with self._sending:
                send(self._connection, message, content)
        except OSError:
            log.info("A page left before its answer.")


@dataclass(frozen=True)
class Waiting:
    """A decoded photo and whom to answer."""

    visitor: Visitor
    number: int
    photo: Image.Image
    decode_ms: float


@dataclass(frozen=True)
class Question:
    """An answer to be explained, of a photo's thumbnail."""

    visitor: Visitor
    number: int
    photo: Image.Image
    label: str
    nearest: list[int]


class Worker:
    """Answers photos with the model of one bundle."""

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        self._visitors: set[Visitor] = set()
        self._changing = threading.Lock()  # guards _visitors and _state together
        self._state: Message | None = None  # "ready" or "broken", told to everyone who comes
        self._waiting: queue.Queue[Waiting | Question] = queue.Queue(MAX_WAITING)
        self._last_seen = time.monotonic()
        self._digests: list[str] | None = None  # of the training photos, once somebody asks
        self._at_hand: dict[str, tuple[Path, str]] = {}

    def run(self, listener: Listener) -> None:
        """Serve until nobody has been connected for ``IDLE_SECONDS``."""
        threading.Thread(target=self._welcome, args=(listener,), daemon=True).start()
        predictor = self._load()
        if predictor is not None:  # so that nobody has to wait for it who asks why
            threading.Thread(target=self._training_photos, args=([],), daemon=True).start()
        while not self._is_idle():
            batch = self._take_batch()
            if predictor is None:
                continue
            photos = [waiting for waiting in batch if isinstance(waiting, Waiting)]
            if photos:
                self._guarded(self._answer, predictor, photos)
            for question in batch:
                if isinstance(question, Question):
                    self._guarded(self._explain, predictor, [question])

    def _load(self) -> Predictor | None:
        try:
            from bearclf.prediction.predictor import Predictor

            predictor = Predictor(self._bundle)
            state: Message = {"kind": "ready"}
        except UserError as error:
            predictor, state = None, {"kind": "broken", "message": str(error)}
        with self._changing:
            self._state = state
            visitors = list(self._visitors)
        for visitor in visitors:
            visitor.tell(state)
        return predictor

    def _welcome(self, listener: Listener) -> None:
        while True:
            try:
                visitor = Visitor(listener.accept())
            except Exception:  # a wrong secret, or gone again: the next one may be right
                log.exception("Somebody could not be let in.")
                continue
            threading.Thread(target=self._look_after, args=(visitor,), daemon=True).start()

    def _look_after(self, visitor: Visitor) -> None:
        with self._changing:
            self._visitors.add(visitor)
            state = self._state
        if state is not None:
            visitor.tell(state)
        try:
            while True:
                message, content = visitor.receive()
                self._take(visitor, message, content)
        except (EOFError, OSError):
            pass  # the page was closed
        finally:
            with self._changing:
                self._visitors.discard(visitor)
                self._last_seen = time.monotonic()

    def _take(self, visitor: Visitor, message: Message, content: bytes) -> None:
        if message["kind"] == "why":
            photo = decode(content)  # a thumbnail of our own making
            self._waiting.put(Question(visitor, message["id"], photo, message["label"], message["nearest"]))
        elif message["kind"] == "clean":
            jpeg = thumbnail(decode(content), WORKING_SIDE)
            visitor.tell({"kind": "cleaned", "id": message["id"]}, jpeg)
        else:
            self._look_at(visitor, message["id"], content)

    def _look_at(self, visitor: Visitor, number: int, content: bytes) -> None:
        started = time.perf_counter()
        try:
            photo = decode(content)
        except PhotoError as error:
            log.info("Refused a photo.", exc_info=error)
            visitor.tell({"kind": "refused", "id": number, "message": str(error)})
            return
        decode_ms = 1000 * (time.perf_counter() - started)
        visitor.tell({"kind": "seen", "id": number}, thumbnail(photo))
        self._waiting.put(Waiting(visitor, number, photo, decode_ms))

    def _take_batch(self) -> list[Waiting | Question]:
        """Whatever waits, at most ``MAX_BATCH`` photos; nothing, after a second without any."""
        batch: list[Waiting | Question] = []
        try:
            batch.append(self._waiting.get(timeout=1.0))
            while len(batch) < MAX_BATCH:
                batch.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _guarded(self, work: Callable[..., None], predictor: Predictor, batch: list[Any]) -> None:
        """A fault of ours must not take the answers of everybody else with it."""
        try:
            work(predictor, batch)
        except Exception:
            log.exception("The model failed.")
            for waiting in batch:
                waiting.visitor.tell({"kind": "refused", "id": waiting.number, "message": OUR_FAULT})

    def _answer(self, predictor: Predictor, batch: list[Waiting]) -> None:
        answers = predictor.predict_decoded([waiting.photo for waiting in batch])
        for waiting, answer in zip(batch, answers, strict=True):
            said = answer.as_dict() | {
                "ms": round(answer.ms + waiting.decode_ms, 2),
                "nearest": list(answer.nearest),
            }
            waiting.visitor.tell({"kind": "answer", "id": waiting.number, **said})

    def _explain(self, predictor: Predictor, batch: list[Question]) -> None:
        for question in batch:
            pictures = [thumbnail(predictor.explain(question.photo, question.label))]
            labels = []
            for path, label in self._training_photos(question.nearest):
                with suppress(PhotoError):  # moved or changed meanwhile: one picture less
                    pictures.append(thumbnail(decode(read_photo_file(path)), NEAREST_SIDE))
                    labels.append(label)
            sizes = [len(jpeg) for jpeg in pictures]
            message = {"kind": "because", "id": question.number, "sizes": sizes, "labels": labels}
            question.visitor.tell(message, b"".join(pictures))

    def _training_photos(self, indices: list[int]) -> list[tuple[Path, str]]:
        """Where the training photos of these indices lie, with their labels; those that are at hand."""
        if self._digests is None:
            self._digests, self._at_hand = find_training_photos(self._bundle, training_folder())
        wanted = [self._digests[index] for index in indices if 0 <= index < len(self._digests)]
        return [self._at_hand[digest] for digest in wanted if digest in self._at_hand]

    def _is_idle(self) -> bool:
        with self._changing:
            return not self._visitors and time.monotonic() - self._last_seen > IDLE_SECONDS


def find_training_photos(bundle: Path, folder: Path) -> tuple[list[str], dict[str, tuple[Path, str]]]:
    """The digests of a bundle's training photos, and where in ``folder`` each lies, with its label."""
    from bearclf.bundle import FEATURES, read_checked, training_digests
    from bearclf.card import read_card
    from bearclf.folders import content_digest, list_photos

    digests = training_digests(read_checked(bundle, FEATURES, read_card(bundle)))
    listed = list_photos(folder) if folder.is_dir() else []
    found: dict[str, tuple[Path, str]] = {}
    for path, label in listed:
        with suppress(PhotoError):
            found[content_digest(read_photo_file(path))] = (path, label)
    return digests, found


def main() -> None:
    """Listen where the clients of this bundle look, and work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    meeting = Meeting.for_bundle(Path(sys.argv[1]))
    if meeting.family == "AF_UNIX":
        Path(meeting.address).unlink(missing_ok=True)  # left by a worker that was killed
    with Listener(meeting.address, meeting.family, backlog=64, authkey=meeting.secret()) as listener:
        Worker(meeting.bundle).run(listener)


if __name__ == "__main__":
    main()
