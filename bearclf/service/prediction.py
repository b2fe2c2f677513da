"""The prediction worker: one process that answers photos for every page, with the model that is live.

``python -m bearclf.service.prediction BUNDLE`` is started by :mod:`bearclf.service.starting`. It listens
before anything slow is imported, so that photos are decoded and their thumbnails sent while the model is
still loading. What answers don't need, torch above all, is loaded in the first quiet second. It ends by
itself when nobody has been connected for a while.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Listener
from pathlib import Path

import msgspec
from PIL import Image

from bearclf.errors import OUR_FAULT, UserError
from bearclf.models.versions import LiveVersion, Versions
from bearclf.photos.decode import PhotoError, decode, read_photo_file, thumbnail
from bearclf.protocol.base import Message, Refused, Trouble
from bearclf.protocol.prediction import (
    Answered,
    AnswerPhoto,
    Cleaned,
    CleanPhoto,
    ExplainAnswer,
    Explained,
    ModelReady,
    PredictionRequest,
    Seen,
    SimilarPhoto,
)
from bearclf.service.endpoint import Endpoint
from bearclf.service.host import Caller, Handler, Host
from bearclf.service.live_model import LiveModel, follow, load
from bearclf.settings import WORKING_SIDE

log = logging.getLogger(__name__)

MAX_WAITING = 16
"""Decoded photos that wait for the model, at most 3 MB each; who sends more waits at the socket."""

QUIET_SECONDS = 1.0
"""Without a photo to answer, after which torch may be loaded, which slows answers down."""

LATEST_SECONDS = 20.0
"""After which it is loaded at the latest, however much is asked."""

NEAREST_SIDE = 112
"""Longest side, in pixels, of the training photos beside an explanation."""

MAX_DECODING = max(2, os.cpu_count() or 1)
"""Photos that are decoded at once: the largest take some hundred MB while they are."""

MAX_BATCH = 4
"""Photos that are answered together."""

ANSWER_FIRST_SECONDS = 0.1
"""How long a photo's thumbnail waits for its answer, which then has the cores to itself."""

NOT_AT_HAND = (
    "This answer came from an earlier model, which is not at hand any more. Choose the photo again: then the "
    "present model answers it, and shows why."
)


class WaitingPhoto:
    """A decoded photo, and its caller, who gets two messages: answer and thumbnail, in either order."""

    def __init__(self, caller: Caller, photo: Image.Image, decode_ms: float) -> None:
        self.photo = photo
        self.decode_ms = decode_ms
        self.answered = threading.Event()
        self._caller = caller
        self._messages_left = 2
        self._telling = threading.Lock()

    def tell(self, message: Message) -> None:
        """Send one of the two."""
        with self._telling:
            self._messages_left -= 1
            self._caller.reply(message, more=self._messages_left > 0)


class PredictionWorker:
    """Answers photos with the live version of one bundle."""

    def __init__(self, bundle: Path) -> None:
        self._versions = Versions(bundle)
        handlers: Mapping[type[Message], Handler] = {
            AnswerPhoto: self._take_photo,
            ExplainAnswer: self._take_question,
            CleanPhoto: self._clean,
        }
        self._host = Host(PredictionRequest, handlers)
        self._decoding = threading.Semaphore(MAX_DECODING)
        # New models go through the queue of photos: the switch happens between batches, never within one.
        self._waiting: queue.Queue[WaitingPhoto | LiveModel] = queue.Queue(MAX_WAITING)
        self._models: list[LiveModel] = []  # the live one, and the one before it for who asks why
        self._quiet = threading.Event()
        # Answers wait neither for thumbnails nor for explanations, which may have to wait for torch.
        self._showing = ThreadPoolExecutor(1, "bearclf showing")
        self._explaining = ThreadPoolExecutor(1, "bearclf explaining")
        self._questions = threading.Semaphore(MAX_WAITING)

    def run(self, listener: Listener) -> None:
        """Serve until nobody has been connected for a while."""
        self._host.welcome(listener)
        version = self._versions.live()
        try:
            model = load(version, self._versions)
        except UserError as error:
            self._host.broadcast_and_remember(Trouble(str(error)))
            self._wait_for_another(version)
            return
        self._go_live(model)
        threading.Thread(target=self._follow, args=(version, model), daemon=True).start()
        while not self._host.is_idle:
            self._work_through(self._next_batch())

    def _follow(self, version: LiveVersion, model: LiveModel) -> None:
        self._quiet.wait(LATEST_SECONDS)
        follow(self._versions, version, model, self._waiting.put)

    def _wait_for_another(self, version: LiveVersion) -> None:
        """Stay until there is something else to load: pages then ask the next worker what they asked here."""
        while not self._host.is_idle and self._versions.live() == version:
            self._next_batch()  # nobody can answer it here

    def _go_live(self, model: LiveModel) -> None:
        self._models = [model, *self._models[:1]]
        self._host.broadcast_and_remember(model.announcement, ModelReady())

    def _next_batch(self) -> list[WaitingPhoto | LiveModel]:
        """Whatever waits, at most ``MAX_BATCH`` photos; nothing, after ``QUIET_SECONDS`` without any."""
        batch: list[WaitingPhoto | LiveModel] = []
        try:
            batch.append(self._waiting.get(timeout=QUIET_SECONDS))
            while len(batch) < MAX_BATCH:
                batch.append(self._waiting.get_nowait())
        except queue.Empty:
            if not batch:
                self._quiet.set()
        return batch

    def _work_through(self, batch: list[WaitingPhoto | LiveModel]) -> None:
        for model in batch:
            if isinstance(model, LiveModel):
                self._go_live(model)
        photos = [waiting for waiting in batch if isinstance(waiting, WaitingPhoto)]
        if not photos:
            return
        try:
            self._answer(photos)
        except Exception:  # one photo's fault must not take the answers of everybody else with it
            log.exception("The model failed.")
            for waiting in photos:
                if not waiting.answered.is_set():
                    waiting.tell(Refused(OUR_FAULT))

    def _answer(self, batch: list[WaitingPhoto]) -> None:
        model = self._models[0]
        answers = model.predictor.predict_decoded([waiting.photo for waiting in batch])
        for waiting, answer in zip(batch, answers, strict=True):
            whole = msgspec.structs.replace(answer, ms=round(answer.ms + waiting.decode_ms, 2))
            waiting.tell(Answered(whole, model.version.card_sha256))
            waiting.answered.set()

    # What pages ask

    def _take_photo(self, request: AnswerPhoto, caller: Caller) -> None:
        started = time.perf_counter()
        with self._decoding:
            photo = decode(request.photo)
        waiting = WaitingPhoto(caller, photo, 1000 * (time.perf_counter() - started))
        self._showing.submit(self._show, waiting)
        self._waiting.put(waiting)

    def _show(self, waiting: WaitingPhoto) -> None:
        if self._models:
            waiting.answered.wait(ANSWER_FIRST_SECONDS)
        try:
            waiting.tell(Seen(thumbnail(waiting.photo)))
        except Exception:
            log.exception("A thumbnail could not be made.")
            waiting.tell(Refused(OUR_FAULT))

    def _take_question(self, request: ExplainAnswer, caller: Caller) -> None:
        with self._decoding:
            photo = decode(request.photo)
        self._questions.acquire()  # who asks more waits at the socket
        explained = self._explaining.submit(caller.reply_safely, lambda: self._explain(request, photo))
        explained.add_done_callback(lambda _: self._questions.release())

    def _explain(self, request: ExplainAnswer, photo: Image.Image) -> Explained:
        model = next((model for model in self._models if model.version.card_sha256 == request.card), None)
        if model is None:
            raise UserError(NOT_AT_HAND)
        spotlight = thumbnail(model.predictor.explain(photo, request.label))
        similar = []
        for path, label in model.training_photos(request.nearest):
            with suppress(PhotoError):  # moved or changed meanwhile: one picture less
                jpeg = thumbnail(decode(read_photo_file(path)), NEAREST_SIDE)
                similar.append(SimilarPhoto(label=label, jpeg=jpeg))
        return Explained(spotlight, tuple(similar))

    def _clean(self, request: CleanPhoto, _: Caller) -> Cleaned:
        with self._decoding:
            return Cleaned(thumbnail(decode(request.photo), WORKING_SIDE))


def main() -> None:
    """Listen where the pages of this bundle look, and work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    endpoint = Endpoint.of_bundle(Path(sys.argv[1]))
    with endpoint.listen() as listener:
        PredictionWorker(endpoint.path).run(listener)


if __name__ == "__main__":
    main()
