"""From a folder of class folders to a bundle, by one of the recipes."""

import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it
