"""Why an answer came out as it did: where in the photo the evidence lies."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn

FADED = 0.75
"""How far parts without evidence are faded towards light grey."""


def evidence(body: nn.Module, head: nn.Module, images: torch.Tensor, label: int) -> np.ndarray:
    """Where the score of class ``label`` comes from: (h, w) of the body's feature map, from 0 to 1.

    Grad-CAM (Selvaraju and others, 2017) on the last feature maps; for a linear head it is the class
    activation map. ``images`` is (1, 3, height, width). A body without feature maps gives all ones.
    """
    with torch.no_grad():
        maps = body(images)
    if maps.ndim != 4:
        return np.ones((1, 1), np.float32)
    maps = maps.detach().requires_grad_(True)
    with torch.enable_grad():
        score = head(maps)[0, label]
        [gradient] = torch.autograd.grad(score, maps)
    heat = (gradient.mean(dim=(2, 3), keepdim=True) * maps.detach()).sum(dim=1)[0].clamp(min=0).numpy()
    return heat / heat.max() if heat.max() > 0 else np.zeros_like(heat)


def spotlight(photo: Image.Image, heat: np.ndarray, seen: tuple[int, int, int, int]) -> Image.Image:
    """The photo with everything faded that ``heat`` (h, w), from 0 to 1, has no evidence in.

    ``seen`` are left, top, right and bottom of what the heat lies over, which may reach beyond the photo.
    """
    left, top, right, bottom = seen
    warm = Image.fromarray((255 * np.sqrt(heat)).astype(np.uint8))
    mask = Image.new("L", photo.size)
    mask.paste(warm.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    grey = ImageOps.grayscale(photo).convert("RGB")
    faded = Image.blend(grey, Image.new("RGB", photo.size, (225, 225, 220)), FADED)
    return Image.composite(photo, faded, mask)
