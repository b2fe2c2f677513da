"""The composition root: puts model, state and tabs together. ``app.ipynb`` calls :func:`app`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib.resources import files

import ipywidgets as widgets

from bearclf.card import read_card, read_examples
from bearclf.feedback import FeedbackStore
from bearclf.service.client import PredictionClient
from bearclf.service.messages import Message
from bearclf.settings import UserError, bundle_folder, data_folder
from bearclf.state import IdentifyState
from bearclf.tabs.guard import guard
from bearclf.tabs.identify import IdentifyTab


def app() -> widgets.Widget:
    """The page, for the model that is served."""
    _log_to_the_server()
    style = widgets.HTML(f"<style>{files('bearclf').joinpath('page/style.css').read_text('utf-8')}</style>")
    try:
        card = read_card(bundle_folder())
        examples = read_examples(bundle_folder(), card)
    except UserError as error:
        problem = widgets.Label(str(error)).add_class("bearclf-problem")
        return widgets.Box([style, problem]).add_class("bearclf")

    client = PredictionClient(bundle_folder(), lambda *said: in_kernel(hear, *said))
    state = IdentifyState(client, card, FeedbackStore(data_folder(), card.training_sha256))
    tab = IdentifyTab(state, examples)
    in_kernel = _call_in_kernel()
    hear = guard(state.hear, tab.show_problem)
    client.start()
    return widgets.Box([style, tab]).add_class("bearclf")


def _call_in_kernel() -> Callable[[Callable[[Message, bytes], None], Message, bytes], None]:
    """How another thread has something done between two messages from the browser."""
    loop = asyncio.get_event_loop()

    def call(function: Callable[[Message, bytes], None], message: Message, content: bytes) -> None:
        loop.call_soon_threadsafe(function, message, content)

    return call


def _log_to_the_server() -> None:
    """Log where the kernel itself does: standard error of a kernel would land on the visitor's page."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        logger = logging.getLogger("bearclf")
        logger.handlers = list(kernel.log.handlers)
        logger.propagate = False
