"""The Voilà template of the page: where it is, and the filters that it uses."""

from __future__ import annotations

import os

from bearclf.static import JUPYTER_DATA

TEMPLATE = "bearclf"
"""Its name; "lab" is Voilà's own."""

FILTERS = {"bearclf_sentences": "bearclf.ui.first_look.sentences"}
"""Jinja filters for Voilà's exporter, by name; the template does without them, too."""

_PATHS = "JUPYTER_PATH"


def offer_template() -> None:
    """Have Voilà, in this process, take the template from the package: nothing of it is copied at install.

    To be called before Voilà is configured. Voilà looks for templates in Jupyter's data folders, anew for
    each file, and this environment variable names those that come before all others.
    """
    before = [path for path in os.environ.get(_PATHS, "").split(os.pathsep) if path]
    if str(JUPYTER_DATA) not in before:
        os.environ[_PATHS] = os.pathsep.join([str(JUPYTER_DATA), *before])
