"""End a page's kernel when it is closed: for that, the page needs a cookie that Voilà doesn't set.

The page asks for its kernel's end by ``POST BASE/voila/api/shutdown/ID``. Jupyter Server takes a POST only
from a page that can read the cookie ``_xsrf``, and sets it when somebody asks a handler for ``xsrf_token``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_server.base.handlers import JupyterHandler

Hook = Callable[..., Any]


def set_cookie(handler: JupyterHandler) -> None:
    """Set the cookie with what ``handler`` sends, unless the browser has it."""
    _ = handler.xsrf_token


def hook_that_sets_cookie(then: Hook | None) -> Hook:
    """A ``VoilaConfiguration.prelaunch_hook`` which sets the cookie and goes on with another hook."""

    def hook(handler: JupyterHandler, notebook: Any, cwd: str) -> Any:
        set_cookie(handler)
        return then(handler, notebook=notebook, cwd=cwd) if then else None

    return hook
