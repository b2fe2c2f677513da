"""Where models are made of a training folder, kept, and made live.

What needs torch is imported when it is needed: to leaf through photos takes none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bearclf.curation.scores import save_scores
from bearclf.curation.ways_seen import DICE
from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT
from bearclf.models.card import CARD
from bearclf.models.versions import Versions
from bearclf.photos.progress import ProgressBar
from bearclf.photos.store import FeatureStore
from bearclf.protocol.curation import Retrained, Training
from bearclf.settings import DEFAULT_EPOCHS

if TYPE_CHECKING:
    from bearclf.curation.examiner import Examiner


class Workshop:
    """The models of one training folder; ``base_bundle`` is the configured one.

    ``fine_tune_seconds`` is how long the course's recipe would take, or None as long as nobody knows.
    ``announce`` hears of the epochs of a training.
    """

    def __init__(self, folder: Path, base_bundle: Path, announce: Callable[[Training], None]) -> None:
        self._announce = announce
        self._folder = folder
        self.versions = Versions(base_bundle)
        self.fine_tune_seconds: float | None = None
        self._examiner: Examiner | None = None

    def examiner(self, classes: list[str]) -> Examiner:
        """An examiner that looks at photos as a retraining for these classes would just now.

        Raises UserError if the weights of its network can't be had.
        """
        from bearclf.curation.examiner import Examiner
        from bearclf.curation.retraining import options_like

        options = options_like(self.versions.live().path, "probe", classes)
        if self._examiner is None or self._examiner.options != options:
            self._examiner = Examiner(options)
        return self._examiner

    def warm_up(self, photos: int, classes: list[str]) -> None:
        """Import what takes seconds, and find out how fast this machine is."""
        examiner = self.examiner(classes)
        self.fine_tune_seconds = examiner.fine_tune_seconds(photos, DEFAULT_EPOCHS)

    def retrain(
        self, recipe: str, classes: list[str], store: FeatureStore, progress: ProgressBar
    ) -> Retrained:
        """Train a new model and set it beside the live one.

        Raises UserError for what the person can mend; then, or when it is cancelled, nothing is left behind.
        """
        from bearclf.curation.retraining import options_like, retrain

        live = self.versions.live().path
        model_number, bundle = self.versions.new_folder()
        try:
            options = options_like(live, recipe, classes)
            with DICE:
                outcome = retrain(self._folder, bundle, live, options, store, progress, self._announce)
        except BaseException:
            self.versions.discard(model_number)
            raise
        if outcome.scores is not None:
            save_scores(outcome.scores, self._folder, store)
        news = f"Model {model_number} is trained: compare it with the live one, then decide."
        return Retrained(model_number, outcome.comparison, news)

    def promote(self, model_number: int) -> str:
        """Make a model live; returns a sentence. Raises UserError if it is not what it should be."""
        self.versions.promote(model_number)
        which = f"Model {model_number}" if model_number else "The model that the server was started with"
        return f"{which} is live now, in every open page."

    def report(self, model_number: int, progress: ProgressBar) -> tuple[str, bytes]:
        """How good a model is on the training folder: a page, and a name to save it under.

        Raises UserError if there is no such model, or it can't be judged on this folder.
        """
        from bearclf.reporting.report import report

        paths = {version.number: version.path for version in self.versions.all()}
        if model_number not in paths:
            raise UserError("There is no such model any more. Please reload the page and try again.")
        name = f"model {model_number}" if model_number else "the original model"
        made = report(paths[model_number], self._folder, progress=progress, name=name)
        return f"report on {name}.html", made.html.encode()

    def file_of(self, model_number: int, name: str) -> tuple[str, bytes]:
        """A model's ``export.pkl`` or ``card.json``, and a name to save it under.

        Raises UserError if there is no such file.
        """
        paths = {version.number: version.path for version in self.versions.all()}
        if name not in (EXPORT, CARD) or model_number not in paths:
            raise UserError("There is no such file any more. Please reload the page and try again.")
        return f"model {model_number} {name}", (paths[model_number] / name).read_bytes()
