"""The course's recipe: a pretrained network, trained on augmented photos by ``fine_tune``."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from fastai.vision.all import Callback, CancelFitException, Learner, TrackerCallback, set_seed

from bearclf.errors import UserError
from bearclf.features.backbones import pretrained_backbone
from bearclf.photos.progress import ProgressBar, Stopped
from bearclf.training.data_block import data_loaders, fine_tuning_transforms
from bearclf.training.held_out import TrainingPhotos
from bearclf.training.learners import fine_tuning_learner
from bearclf.training.log import Epoch, Event, LearningRates, TrainingLog, Watch
from bearclf.training.options import AUTO, LR_FIND_STEPS, Options

BASE_LR = 2e-3
"""fastai's, where no other is asked for."""


@dataclass(frozen=True)
class Tuned:
    """A trained learner, its answers to the photos held out (held out, classes), and how it went."""

    learner: Learner
    probabilities: np.ndarray
    log: TrainingLog


class _Halt(BaseException):
    """What a progress bar has raised, past fastai, which puts words of its own into every Exception."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause


class ShowProgress(Callback):
    """Count batches on our progress bar, over all epochs, in place of fastai's bars and tables."""

    def __init__(self, progress: ProgressBar, total: int) -> None:
        self._steps = iter(progress(range(total), total, "Fine-tuning"))

    def after_batch(self) -> None:
        """One step further; whoever wants it stopped is heard here."""
        try:
            next(self._steps, None)
        except Exception as error:
            raise _Halt(error) from None


class KeepBest(TrackerCallback):
    """Tell of each epoch, and keep the weights of the best one by its loss on photos that were held out.

    With ``patience`` a fit ends after so many epochs that were no better, and the best weights are put back,
    as fastai's EarlyStoppingCallback and SaveModelCallback do by way of a file.
    """

    def __init__(self, size: int, patience: int | None, watch: Watch) -> None:
        super().__init__(reset_on_fit=False)
        self.size, self._patience, self._watch = size, patience, watch
        self.weights: dict[str, torch.Tensor] = {}

    def before_fit(self) -> None:
        """Begin to be patient anew."""
        super().before_fit()
        self._waited = 0

    def before_epoch(self) -> None:
        """Take the time."""
        self._began = perf_counter()

    def after_epoch(self) -> None:
        """Keep the weights if they are the best so far."""
        super().after_epoch()
        if self.new_best:
            state = self.learn.model.state_dict()
            self.weights = {name: tensor.detach().clone() for name, tensor in state.items()}
        self._waited = 0 if self.new_best else self._waited + 1
        figures = dict(zip(self.recorder.metric_names[1:], self.recorder.values[-1], strict=False))
        frozen = self.learn.opt.frozen_idx > 0
        self._watch(Epoch(self.epoch, self.size, frozen, figures, perf_counter() - self._began))
        if self._patience is not None and self._waited >= self._patience:
            self._watch(f"No better since {self._waited} epochs: the best one is kept.")
            raise CancelFitException

    def after_fit(self) -> None:
        """Put the best weights back, if patience asks for them."""
        super().after_fit()
        if self._patience is not None and self.weights:
            self.learn.model.load_state_dict(self.weights)


def check_gpu(options: Options) -> None:
    """Raises UserError if a GPU is asked for where there is none."""
    if options.fp16 and not torch.cuda.is_available():
        raise UserError(
            "--fp16 needs a graphics card that PyTorch can use, and there is none here. Leave it out."
        )


def fine_tune(photos: TrainingPhotos, options: Options, progress: ProgressBar, watch: Watch) -> Tuned:
    """Train as these options say; ``watch`` hears of each epoch.

    When it is interrupted, by KeyboardInterrupt or because ``progress`` raises Stopped, the best epoch so
    far is kept; if there is none, that is raised. Raises UserError if the weights can't be had, no
    learning rate can be found, or the loss diverges.
    """
    log = TrainingLog()

    def tell(event: Event) -> None:
        log.take(event)
        watch(event)

    check_gpu(options)
    photos.check_all_are_learned()
    backbone = pretrained_backbone(options.architecture, options.weights_from)
    set_seed(options.seed)  # from here on as the code that we show, draw by draw
    with tempfile.TemporaryDirectory() as scratch:
        learner = fine_tuning_learner(photos, options, options.sizes[0], backbone)
        learner.path = Path(scratch)  # where lr_find puts the weights aside
        best: dict[str, torch.Tensor] = {}
        shown = ShowProgress(progress, _steps(learner, options))
        with learner.no_bar(), learner.no_logging(), learner.added_cbs(shown):
            keep = KeepBest(options.sizes[0], options.patience, tell)
            try:
                base_lr = _learning_rate(learner, options, tell)
                for number, size in enumerate(options.sizes):
                    if number:
                        learner.dls = data_loaders(photos, options, *fine_tuning_transforms(options, size))
                        best, keep = keep.weights, KeepBest(size, options.patience, tell)
                    learner.fine_tune(
                        options.epochs, base_lr, freeze_epochs=options.freeze_epochs, cbs=[keep]
                    )
            except (KeyboardInterrupt, _Halt) as stop:
                cause = stop.cause if isinstance(stop, _Halt) else stop
                best = keep.weights or best
                if not best or not isinstance(cause, KeyboardInterrupt | Stopped):
                    raise cause from None
                learner.model.load_state_dict(best)
                if keep.size != options.input_size:
                    transforms = fine_tuning_transforms(options, options.input_size)
                    learner.dls = data_loaders(photos, options, *transforms)
                tell("Stopped: the best epoch so far is kept.")
    probabilities = _answers(_on_cpu(learner))
    if not np.isfinite(probabilities).all():
        raise UserError(
            "The training came apart: its loss grew beyond all numbers. Name a smaller --lr, such as 0.002."
        )
    return Tuned(learner, probabilities, log)


def _steps(learner: Learner, options: Options) -> int:
    batches = len(learner.dls.train) + len(learner.dls.valid)
    epochs = (options.epochs + options.freeze_epochs) * len(options.sizes)
    return batches * epochs + (LR_FIND_STEPS if options.lr == AUTO else 0)


def _learning_rate(learner: Learner, options: Options, watch: Watch) -> float:
    if options.lr != AUTO:
        return BASE_LR if options.lr is None else float(options.lr)
    try:
        suggested = float(learner.lr_find(num_it=LR_FIND_STEPS, show_plot=False).valley)
    except (IndexError, RuntimeError, ValueError) as error:  # it diverged before there was a valley
        raise UserError(
            "No learning rate could be found: the loss grew at once. Name one with --lr, such as 0.002."
        ) from error
    recorder = learner.recorder
    rates, losses = [float(rate) for rate in recorder.lrs], [float(loss) for loss in recorder.losses]
    watch(LearningRates(rates, losses, suggested))
    return suggested


def _on_cpu(learner: Learner) -> Learner:
    """The learner as it will answer: without half precision, and on the CPU."""
    if hasattr(learner, "mixed_precision"):
        learner.to_fp32()
    learner.model.cpu()
    learner.dls.cpu()
    return learner


def _answers(learner: Learner) -> np.ndarray:
    with learner.no_bar(), learner.no_logging():
        probabilities, _ = learner.get_preds(dl=learner.dls.valid)
    return probabilities.numpy().astype(np.float64)
