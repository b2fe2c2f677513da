"""The composition root: puts the lines to the workers, state and widgets together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.access.policy import Capability
from bearclf.errors import UserError
from bearclf.models.card import read_card, read_examples
from bearclf.models.feedback import FeedbackStore
from bearclf.models.versions import Versions
from bearclf.service.line import Callback, Line, curation_line, prediction_line
from bearclf.settings import AnyPath, bundle_folder, choose_folders, data_folder, training_folder
from bearclf.ui.clean.state import CleanState
from bearclf.ui.clean.tab import CleanTab
from bearclf.ui.guard import guard
from bearclf.ui.identify.state import IdentifyState
from bearclf.ui.identify.tab import IdentifyTab
from bearclf.ui.stock_page import StockPage
from bearclf.ui.tabs import AppTabs


def app(
    bundle: AnyPath | None = None,
    training: AnyPath | None = None,
    title: str | None = None,
) -> widgets.Widget:
    """The page, in any notebook.

    ``bundle`` is the folder of the model (else that of ``BEARCLF_BUNDLE``, or the bears), ``training`` that
    of the training photos (else ``BEARCLF_TRAINING``, or ``training`` beside the notebook's folder), and
    ``title`` a heading for notebooks that have none.
    """
    choose_folders(bundle, training)
    _log_to_the_server()
    heading = [widgets.HTML(f"<h1>{escape(title)}</h1>")] if title else []
    try:
        content = _tabs()
    except UserError as error:
        content = widgets.Label(str(error)).add_class("bearclf-problem")
    return widgets.Box([StockPage(), *heading, content]).add_class("bearclf")


def _tabs() -> AppTabs:
    """Both tabs; the line to the curation worker is made only when a curator opens the second."""
    live = Versions(bundle_folder()).live().path
    card = read_card(live)
    examples = read_examples(live, card)
    in_kernel = _call_in_kernel()

    def to_prediction(on_announcement: Callback) -> Line:
        def deliver(callback: Callback, message: Any) -> None:
            in_kernel(guard(callback, identify.show_problem), message)

        return prediction_line(bundle_folder(), on_announcement, deliver)

    def to_curation(on_announcement: Callback) -> Line:
        def deliver(callback: Callback, message: Any) -> None:
            in_kernel(guard(callback, clean.show_problem), message)

        return curation_line(training_folder(), on_announcement, deliver)

    state = IdentifyState(to_prediction, card, lambda of: FeedbackStore(data_folder(), of.training_sha256))
    identify = IdentifyTab(state, examples)
    clean = CleanTab(CleanState(to_curation, Capability()))
    state.open()
    return AppTabs(identify, clean)


def _call_in_kernel() -> Callable[[Callback, Any], None]:
    """A function for other threads, which has a callback called in ours, between two messages."""
    loop = asyncio.get_event_loop()

    def call(callback: Callback, message: Any) -> None:
        loop.call_soon_threadsafe(callback, message)

    return call


def _log_to_the_server() -> None:
    """Log where the kernel itself does: standard error of a kernel would land on the visitor's page."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is not None:
        logger = logging.getLogger("bearclf")
        logger.handlers = list(kernel.log.handlers)
        logger.propagate = False
