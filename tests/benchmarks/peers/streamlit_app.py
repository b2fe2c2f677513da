"""The course's app with Streamlit: photos and their answers."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st  # type: ignore[import-not-found]  # is in the second environment

st.set_page_config(page_title="Which bear?")


@st.cache_resource  # type: ignore[untyped-decorator]
def load() -> Any:
    """fastai's learner, once for all visitors."""
    from bearclf.features.torchvision_operators import ensure_operators

    ensure_operators()  # does nothing where torchvision was made for this torch
    from fastai.vision.all import load_learner

    return load_learner(os.environ["BENCH_EXPORT"])


@st.cache_data(max_entries=500)  # type: ignore[untyped-decorator]
def classify(content: bytes) -> str:
    """The class and its probability: computed once, though the script runs again for every photo."""
    learner = load()
    with learner.no_bar():
        answer, index, probabilities = learner.predict(content)
    return f"{answer}, probability {probabilities[index]:.4f}"


st.title("Which bear?")
for photo in st.file_uploader("Photos", accept_multiple_files=True):
    content = photo.getvalue()
    st.image(content, width=128)
    st.write(f"Answer: {classify(content)}")
