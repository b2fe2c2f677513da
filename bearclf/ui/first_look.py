"""What the page's template paints before the notebook has run: sentences that need no kernel.

A Jinja filter of Voilà's exporter (``VoilaExporter.filters``), so it is called in the server.
"""

from __future__ import annotations

import re
from typing import Any

from bearclf.errors import UserError
from bearclf.models.card import introduction, read_card
from bearclf.models.versions import Versions
from bearclf.settings import PHOTO_TYPES, bundle_folder
from bearclf.ui.identify.wording import PROMISE

_CALLS_APP = re.compile(r"\bfrom bearclf import (\w+, )*app\b|\bbearclf\.app\(")


def sentences(notebook: Any) -> dict[str, Any] | None:
    """What stands around the drop zone; None for a notebook that doesn't call :func:`bearclf.app`.

    ``lead`` has the sentences on what the live model can tell apart, ``promise`` the one below the zone, and
    ``accept`` is what the browser's dialog offers.
    """
    if not any(cell.cell_type == "code" and _CALLS_APP.search(cell.source) for cell in notebook.cells):
        return None
    try:
        lead = introduction(read_card(Versions(bundle_folder()).live().path))
    except UserError:
        return None  # the notebook itself will say what is wrong
    return {"lead": lead, "promise": PROMISE, "accept": PHOTO_TYPES}
