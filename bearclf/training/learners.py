"""fastai Learners for both recipes: what is exported, and what ``load_learner`` gives back."""

from __future__ import annotations

from fastai.vision.all import (
    BCEWithLogitsLossFlat,
    CrossEntropyLossFlat,
    Learner,
    default_split,
    vision_learner,
)
from torch import nn

from bearclf.features.backbones import Backbone, find_architecture
from bearclf.features.pipeline import frozen_transforms
from bearclf.training.data_block import data_loaders, fine_tuning_transforms, metrics
from bearclf.training.held_out import TrainingPhotos
from bearclf.training.options import Options
from bearclf.training.probe import Head
from bearclf.training.transforms import resizing


def probe_learner(photos: TrainingPhotos, options: Options, backbone: Backbone, head: Head) -> Learner:
    """The frozen backbone with a fitted head, as a Learner that needs no more training."""
    resize = resizing(options.resized, options.input_size)
    dls = data_loaders(photos, options, *frozen_transforms(resize, backbone.mean, backbone.std))
    return Learner(
        dls,
        nn.Sequential(backbone.body, nn.Sequential(backbone.pool(), head.as_linear())),
        loss_func=BCEWithLogitsLossFlat() if head.several else CrossEntropyLossFlat(),
        splitter=default_split,
        metrics=metrics(photos).value,
    )


def fine_tuning_learner(photos: TrainingPhotos, options: Options, size: int, backbone: Backbone) -> Learner:
    """The course's Learner: augmented photos, a pretrained body with the weights of ``backbone`` and a new
    head, ready for ``fine_tune``.
    """
    dls = data_loaders(photos, options, *fine_tuning_transforms(options, size))
    named = find_architecture(options.architecture)
    learner = vision_learner(dls, named, metrics=metrics(photos).value, pretrained=False)
    learner.model[0].load_state_dict(backbone.body.state_dict())
    learner.freeze()
    return learner.to_fp16() if options.fp16 else learner
