"""The curation worker: one process that looks after a training folder for every page that curates it.

``python -m bearclf.service.curation FOLDER`` is started by :mod:`bearclf.service.starting`. It imports torch
only when it has to look at new photos or to train, and ends by itself when nobody has been connected for a
while and nothing is left to do.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from multiprocessing.connection import Listener
from pathlib import Path
from time import sleep

from bearclf.curation.desk import Desk
from bearclf.curation.ways_seen import ways_seen
from bearclf.protocol.adopting import AdoptExport, ForgetExport, LookAtExport
from bearclf.protocol.base import Done, Message
from bearclf.protocol.curation import (
    AddArchive,
    AddStaged,
    ApplyChanges,
    CancelWork,
    CurationRequest,
    DownloadFile,
    FileContent,
    MakeReport,
    Promote,
    Promoted,
    Retrain,
    SheetPage,
    ShowSheet,
    ShowWays,
    StageArchive,
    StagePhoto,
    UndoStep,
)
from bearclf.protocol.finding import AddFound, FindPhotos, ForgetFound, Found, StopFinding
from bearclf.service.endpoint import Endpoint
from bearclf.service.host import Caller, Handler, Host
from bearclf.settings import bundle_folder

APART = (
    ShowSheet,
    ShowWays,
    ApplyChanges,
    UndoStep,
    AddStaged,
    AddArchive,
    Retrain,
    CancelWork,
    Promote,
    DownloadFile,
    FindPhotos,
    StopFinding,
    ForgetFound,
    AddFound,
    MakeReport,
    LookAtExport,
    AdoptExport,
)
"""Requests that others don't wait for: a page of photos must not wait for a thousand that are being moved."""


class CurationWorker:
    """Answers the pages that curate one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._desk = Desk(folder, bundle_folder(), lambda message: self._host.broadcast(message))
        handlers: Mapping[type[Message], Handler] = {
            ShowSheet: self._show_sheet,
            ApplyChanges: lambda request, _: self._desk.apply(request.changes),
            UndoStep: lambda request, _: self._desk.undo(request.step),
            StagePhoto: self._stage_photo,
            AddStaged: lambda request, _: self._desk.add(request.batch, request.photos),
            StageArchive: self._stage_archive,
            AddArchive: lambda request, _: self._desk.add_archive(request.batch),
            Retrain: self._retrain,
            ShowWays: self._show_ways,
            CancelWork: self._cancel,
            Promote: lambda request, _: Promoted(self._desk.promote(request.model_number)),
            DownloadFile: lambda request, _: FileContent(
                *self._desk.file_of(request.model_number, request.name)
            ),
            FindPhotos: self._find,
            StopFinding: self._stop_finding,
            ForgetFound: self._forget_found,
            AddFound: lambda request, _: self._desk.finder.add(request.search, request.digests),
            MakeReport: lambda request, _: FileContent(*self._desk.report(request.model_number)),
            LookAtExport: lambda request, _: self._desk.adoptions.look(request.batch),
            AdoptExport: self._adopt,
            ForgetExport: self._forget_export,
        }
        self._host = Host(CurationRequest, handlers, APART, on_join=self._desk.open)

    def run(self, listener: Listener) -> None:
        """Serve until nobody has been connected for a while, and nothing is left to do."""
        self._host.welcome(listener)
        while not self._host.is_idle or self._desk.is_busy:
            sleep(1.0)

    def _show_sheet(self, request: ShowSheet, _: Caller) -> SheetPage:
        page = self._desk.sheet(request)
        self._desk.warm_up()
        return page

    def _show_ways(self, request: ShowWays, caller: Caller) -> None:
        for way in ways_seen(self._folder, request.label, request.seed):
            caller.reply(way, more=way.number < way.total)

    def _stage_photo(self, request: StagePhoto, _: Caller) -> Done:
        self._desk.stage(request.batch, request.label, request.name, request.content)
        return Done()

    def _stage_archive(self, request: StageArchive, _: Caller) -> Done:
        self._desk.stage_archive(request.batch, request.start, request.content)
        return Done()

    def _find(self, request: FindPhotos, caller: Caller) -> Found:
        return self._desk.finder.find(request, lambda found: caller.reply(found, more=True))

    def _stop_finding(self, request: StopFinding, _: Caller) -> Done:
        self._desk.finder.stop(request.search)
        return Done()

    def _forget_found(self, request: ForgetFound, _: Caller) -> Done:
        self._desk.finder.forget(request.search)
        return Done()

    def _adopt(self, request: AdoptExport, caller: Caller) -> None:
        self._desk.adoptions.adopt(request.batch, caller.reply_safely)

    def _forget_export(self, request: ForgetExport, _: Caller) -> Done:
        self._desk.adoptions.forget(request.batch)
        return Done()

    def _retrain(self, request: Retrain, _: Caller) -> Done:
        self._desk.retrain(request.recipe)
        return Done()

    def _cancel(self, _: CancelWork, __: Caller) -> Done:
        self._desk.cancel()
        return Done()


def main() -> None:
    """Listen where the pages of this folder look, and work."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    endpoint = Endpoint.of_folder(Path(sys.argv[1]))
    with endpoint.listen() as listener:
        CurationWorker(endpoint.path).run(listener)


if __name__ == "__main__":
    main()
