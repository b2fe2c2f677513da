"""Where curators work: the folder, what is known of its photos, and the models that are made of it.

One desk serves every page that curates a folder. What takes long goes on in the background, one thing at a
time, and everybody is told how far it is.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bearclf.curation.adoption import Adoptions
from bearclf.curation.arrivals import Arrivals, UnpackedPhotos, unpack
from bearclf.curation.background import BackgroundRunner
from bearclf.curation.catalogue import Catalogue, KnownFiles, compile_catalogue, list_files
from bearclf.curation.file_work.history import Step
from bearclf.curation.file_work.problems import Problem
from bearclf.curation.file_work.training_folder import StepResult, TrainingFolder
from bearclf.curation.finding import Finder, keep_attributions
from bearclf.curation.scores import Scores, load_scores, save_scores
from bearclf.curation.sheet import page_of_folder, page_of_queue
from bearclf.curation.summary import cant_train, summarise, summarise_model, summarise_results, summarise_step
from bearclf.curation.workshop import Workshop
from bearclf.errors import UserError
from bearclf.models.feedback import FeedbackStore, GivenPhoto
from bearclf.photos.folders import check_class_name
from bearclf.photos.store import FeatureStore
from bearclf.protocol.base import Trouble
from bearclf.protocol.curation import (
    Applied,
    CurationAnnouncement,
    FolderChanged,
    Progress,
    SheetPage,
    ShowSheet,
)
from bearclf.protocol.records import Change
from bearclf.settings import cache_folder, data_folder

log = logging.getLogger(__name__)

COVERED = 0.8
"""Share of the photos that scores must speak of; with fewer the folder is another one, and is scored anew."""

LOOKING, RETRAINING, REPORTING = "Looking at the photos", "Retraining", "Making the report"


class Desk:
    """``announce`` is called, from any thread, with what every page should hear.

    A method that can't do what it should raises UserError.
    """

    def __init__(
        self, folder: Path, base_bundle: Path, announce: Callable[[CurationAnnouncement], None]
    ) -> None:
        self._folder = folder
        self._workshop = Workshop(folder, base_bundle, announce)
        self._feedback = FeedbackStore(data_folder(), "")
        self._announce = announce
        self._background = BackgroundRunner(
            self._announce_progress, self._announce_trouble, self._announce_state
        )
        self._changing = threading.RLock()  # held by who changes the folder, or replaces the catalogue
        self._arrivals = Arrivals()
        self.finder = Finder(folder, self._classes, self._add)
        self.adoptions = Adoptions(folder, self._workshop.versions, self._arrivals, self._background)
        self._catalogue: Catalogue | None = None
        self._scores: Scores | None = None
        self._training_folder: TrainingFolder | None = None
        self._warmed_up = False

    def open(self) -> None:
        """Read the folder, again if it was open before, and look at what is new in it."""
        files = self._read_folder()
        if not files.is_complete or self._needs_scores():
            self._background.start_or_wait(LOOKING, self._look)
        self._announce_state()

    def warm_up(self) -> None:
        """In the background, once: import what training needs, so that nobody has to wait for it later."""
        if not self._warmed_up:
            self._warmed_up = True
            threading.Thread(target=self._warm_up, daemon=True).start()

    @property
    def is_busy(self) -> bool:
        """Whether something goes on in the background."""
        return bool(self._background.busy_with)

    def state(self) -> FolderChanged:
        """The folder, its history and its models, as they are now."""
        assert self._catalogue is not None, "the desk is not open"
        versions = self._workshop.versions.all()
        seconds = self._workshop.fine_tune_seconds
        return FolderChanged(
            summary=summarise(self._folder, self._catalogue, versions, len(self._review_queue()), seconds),
            steps=tuple(summarise_step(step) for step in self._steps()),
            models=tuple(summarise_model(version) for version in versions),
            looking=self._background.busy_with == LOOKING,
        )

    def sheet(self, wanted: ShowSheet) -> SheetPage:
        """A page of photos; see :meth:`bearclf.curation.catalogue.Catalogue.select`."""
        catalogue = self._catalogue
        assert catalogue is not None, "the desk is not open"
        if wanted.order == "visitors" and not wanted.focus:
            waiting = [photo for photo in self._review_queue() if wanted.label in ("", photo.visitor_label)]
            return page_of_queue(waiting, wanted.page, wanted.page_size)
        order = "folder" if wanted.order == "visitors" else wanted.order
        selection = catalogue.select(wanted.label, wanted.part, order, wanted.focus)
        with self._store() as store:
            return page_of_folder(catalogue, selection, wanted.page, wanted.page_size, store)

    # Changing the folder

    def apply(self, changes: Sequence[Change]) -> Applied:
        """Move and delete photos, take in or discard those of visitors."""
        with self._changing:
            own = [change for change in changes if change.feedback_id is None]
            results = [self._open_folder().apply(own, self._on_photo)]
            for change in changes:
                if change.feedback_id is not None:
                    results += self._review(change.feedback_id, change.to)
            return self._report(results, changes)

    def undo(self, step: int) -> Applied:
        """Take a step back."""
        with self._changing:
            return self._report([self._open_folder().undo(step, self._on_photo)])

    def stage(self, batch: str, label: str, name: str, content: bytes) -> None:
        """Keep one photo of a batch for :meth:`add`, or the reason why it can't be added."""
        try:
            label = check_class_name(label, self._classes())
        except UserError as error:
            self._arrivals.refuse(batch, Problem(label, name, str(error)))
        else:
            self._arrivals.take(batch, label, name, content)

    def add(self, batch: str, photos: int) -> Applied:
        """Add the ``photos`` of a batch to their class, which is made if need be, as one step."""
        unpacked = self._arrivals.complete(batch, photos)
        try:
            return self._add(unpacked)
        finally:
            for _, _, path in unpacked.photos:
                path.unlink(missing_ok=True)

    def stage_archive(self, batch: str, start: int, content: bytes) -> None:
        """Keep a slice of a zip, which begins at byte ``start``, for :meth:`add_archive`."""
        self._arrivals.take_slice(batch, start, content)

    def add_archive(self, batch: str) -> Applied:
        """Add the photos of a zip of class folders, as one step."""
        with (
            self._arrivals.archive(batch) as archive,
            tempfile.TemporaryDirectory(prefix="bearclf-") as scratch,
        ):
            return self._add(unpack(archive, Path(scratch), self._classes()))

    def _add(self, unpacked: UnpackedPhotos) -> Applied:
        with self._changing:
            folder = self._open_folder()
            keep_attributions(self._folder, unpacked.attributions)  # before the photos: none is there without
            result = folder.add(unpacked.photos, self._on_photo)
            return self._report([replace(result, problems=unpacked.problems + result.problems)])

    # Models

    def retrain(self, recipe: str) -> None:
        """Train in the background; :class:`Retrained` is announced when it is done."""
        self._background.start(RETRAINING, lambda: self._retrain(recipe))

    def cancel(self) -> None:
        """Stop what is going on in the background."""
        self._background.cancel()

    def promote(self, model_number: int) -> str:
        """Make a model live; returns a sentence."""
        sentence = self._workshop.promote(model_number)
        self._announce_state()
        return sentence

    def file_of(self, model_number: int, name: str) -> tuple[str, bytes]:
        """A model's ``export.pkl`` or ``card.json``, and a name to save it under."""
        return self._workshop.file_of(model_number, name)

    def report(self, model_number: int) -> tuple[str, bytes]:
        """How good a model is on the folder as it is: a page, and a name to save it under."""
        progress = self._background.progress
        return self._background.run(REPORTING, lambda: self._workshop.report(model_number, progress))

    def _look(self) -> None:
        """Find out what is not known yet of the photos, and score them if need be; in the background."""
        examiner = self._workshop.examiner(self._classes())
        with self._store() as store:
            files = list_files(self._folder, store)
            progress = self._background.progress
            examiner.fill_cache(files, store, progress)
            self._read_folder()
            if self._needs_scores():
                try:
                    scores = examiner.score(self._folder, files, store, progress)
                except UserError as error:  # too few photos yet: the page says so where it offers to train
                    log.info("Not scored: %s", error)
                else:
                    save_scores(scores, self._folder, store)
            self._read_folder()
            self._announce_state()
            examiner.look_at_variants(files, store, progress)
        self._warm_up()

    def _warm_up(self) -> None:
        try:
            with self._store() as store:
                self._workshop.warm_up(len(list_files(self._folder, store).photos), self._classes())
        except UserError as error:
            log.info("Not warmed up: %s", error)
        self._announce_state()

    def _retrain(self, recipe: str) -> None:
        with self._store() as store:
            retrained = self._workshop.retrain(recipe, self._classes(), store, self._background.progress)
        self._read_folder()
        self._announce(retrained)

    def _review(self, feedback_id: int, to: str | None) -> list[StepResult]:
        """Take a visitor's photo into a class, or discard it (None)."""
        photo = next((photo for photo in self._review_queue() if photo.feedback_id == feedback_id), None)
        if photo is None:
            sentence = "A visitor's photo was reviewed by somebody else meanwhile."
            return [StepResult(None, 0, [Problem("", "", sentence)])]
        results = []
        if to is not None:
            to = check_class_name(to, self._classes())
            results = [self._open_folder().add([(to, f"visitor_{feedback_id}.jpg", photo.jpeg)])]
            if not results[0].done:
                return results
        self._feedback.set_reviewed(feedback_id, to, results[0].step if results else None)
        return results

    def _report(self, results: Sequence[StepResult], changes: Sequence[Change] = ()) -> Applied:
        """Put results into one reply, and announce the folder as it is now."""
        self.open()
        return summarise_results(results, self._steps(), changes)

    # What is known

    def _read_folder(self) -> KnownFiles:
        """Put together anew what is known."""
        with self._changing, self._store() as store:
            files = list_files(self._folder, store)
            self._scores = load_scores(self._folder, store)
            self._catalogue = compile_catalogue(self._folder, files, store, self._scores)
        return files

    def _needs_scores(self) -> bool:
        catalogue = self._catalogue
        if catalogue is None or cant_train(self._folder, catalogue):
            return False
        if self._scores is None:
            return True
        return bool((self._scores.rows([photo.digest for photo in catalogue.photos]) >= 0).mean() < COVERED)

    def _classes(self) -> list[str]:
        return self._catalogue.classes if self._catalogue is not None else []

    def _steps(self) -> list[Step]:
        folder = self._folder_if_there()
        return folder.steps() if folder is not None else []

    def _review_queue(self) -> list[GivenPhoto]:
        return self._feedback.review_queue([step.number for step in self._steps() if step.undone])

    def _folder_if_there(self) -> TrainingFolder | None:
        if self._training_folder is None and self._folder.is_dir():
            self._training_folder = TrainingFolder(self._folder)
            for problem in self._training_folder.recovered:
                self._announce_trouble(problem.sentence)
        return self._training_folder

    def _open_folder(self) -> TrainingFolder:
        """The folder to change, which is made if it isn't there."""
        if not self._folder.is_dir():
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"The folder {self._folder} can't be made: {error.strerror}. Nothing was changed."
                ) from error
        folder = self._folder_if_there()
        assert folder is not None
        return folder

    def _store(self) -> FeatureStore:
        return FeatureStore(cache_folder())

    def _announce_state(self) -> None:
        self._announce(self.state())

    def _announce_progress(self, what: str, done: int, total: int) -> None:
        self._announce(Progress(what, done, total))

    def _on_photo(self, done: int, total: int) -> None:
        if total >= 50 and done % 25 == 0:
            self._announce_progress("Moving photos" if done < total else "", done, total)

    def _announce_trouble(self, sentence: str) -> None:
        self._announce(Trouble(sentence))
