"""Every callback of a widget passes here once: the traceback goes to the log, a sentence to the page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from bearclf.errors import OUR_FAULT, UserError

log = logging.getLogger(__name__)

Show = Callable[[str], None]


def guard(callback: Callable[..., None], show: Show) -> Callable[..., None]:
    """``callback``, with anything it raises turned into a sentence for ``show``."""

    @wraps(callback)
    def guarded(*arguments: Any, **named: Any) -> None:
        try:
            callback(*arguments, **named)
        except UserError as error:
            show(str(error))
        except Exception:
            log.exception("A callback failed.")
            show(OUR_FAULT)

    return guarded
