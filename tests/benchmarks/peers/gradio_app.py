"""The course's app with Gradio: an image and its label; and many photos on a page of their own.

``gr.Image`` takes one photo. Several come through ``gr.File``; their answers are shown as they are found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import gradio as gr  # type: ignore[import-not-found]  # is in the second environment

from bearclf.features.torchvision_operators import ensure_operators

ensure_operators()  # does nothing where torchvision was made for this torch

from fastai.vision.all import load_learner  # noqa: E402  # torchvision must find its operators

learner = load_learner(os.environ["BENCH_EXPORT"])


def classify(photo: str) -> dict[str, float]:
    """Each class and its probability."""
    with learner.no_bar():
        *_, probabilities = learner.predict(photo)
    return dict(zip(learner.dls.vocab, map(float, probabilities), strict=True))


def classify_many(photos: list[str]) -> Iterator[str]:
    """A list of photos and their classes, one longer each time."""
    lines = ""
    for photo in photos:
        found = classify(photo)
        lines += f'<li class="answer">{Path(photo).name}: {max(found, key=lambda name: found[name])}</li>'
        yield f"<ol>{lines}</ol>"


with gr.Blocks(title="Which bear?") as page:
    image = gr.Image(type="filepath")
    label = gr.Label()
    image.upload(classify, image, label)

with page.route("Many photos", "/many"):
    files = gr.File(file_count="multiple", file_types=["image"])
    answers = gr.HTML()
    files.upload(classify_many, files, answers)

if __name__ == "__main__":
    page.launch(server_port=int(os.environ["BENCH_PORT"]))
