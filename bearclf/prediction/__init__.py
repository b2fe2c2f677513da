"""The heart: a bundle and a photo give an answer. All of it needs torch."""

import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it
