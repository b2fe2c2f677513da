"""The composition root: puts model, state and tabs together. ``app.ipynb`` calls :func:`app`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from bearclf.access.policy import Capability
from bearclf.errors import UserError
from bearclf.models.card import read_card, read_examples
from bearclf.models.feedback import FeedbackStore
from bearclf.models.versions import Versions
from bearclf.service.client import PredictionClient
from bearclf.service.curation_client import CurationClient
from bearclf.service.messages import Message
from bearclf.settings import bundle_folder, data_folder, training_folder
from bearclf.ui.clean.state import CurateState
from bearclf.ui.clean.tab import CurateTab
from bearclf.ui.guard import guard
from bearclf.ui.identify.state import IdentifyState
from bearclf.ui.identify.tab import IdentifyTab
from bearclf.ui.stock_page import StockPage
from bearclf.ui.tabs import AppTabs

Hear = Callable[[Message, bytes], None]
InKernel = Callable[[Hear, Message, bytes], None]


def app() -> widgets.Widget:
    """The page, for the model that is served."""
    _log_to_the_server()
    stock = StockPage()
    try:
        live = Versions(bundle_folder()).live()
        card = read_card(live)
        examples = read_examples(live, card)
    except UserError as error:
        problem = widgets.Label(str(error)).add_class("bearclf-problem")
        return widgets.Box([stock, problem]).add_class("bearclf")

    client = PredictionClient(bundle_folder(), lambda *said: in_kernel(hear, *said))
    state = IdentifyState(client, card, lambda of: FeedbackStore(data_folder(), of.training_sha256))
    tab = IdentifyTab(state, examples)
    in_kernel = _call_in_kernel()
    hear = guard(state.hear, tab.show_problem)
    client.start()
    tabs = AppTabs(tab, _curate_tab(in_kernel))
    return widgets.Box([stock, tabs]).add_class("bearclf")


def _curate_tab(in_kernel: InKernel) -> CurateTab:
    """The second tab; the line to its worker is made once somebody opens it who may."""

    def line(hear: Hear) -> CurationClient:
        def guarded(heard: Hear, *said: Any) -> None:
            in_kernel(guard(heard, tab.show_problem), *said)

        return CurationClient(training_folder(), hear, guarded)

    tab = CurateTab(CurateState(line, Capability()))
    return tab


def _call_in_kernel() -> InKernel:
    """How another thread has something done between two messages from the browser."""
    loop = asyncio.get_event_loop()

    def call(function: Hear, message: Message, content: bytes) -> None:
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
