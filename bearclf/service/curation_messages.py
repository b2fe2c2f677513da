"""What the second tab and the curation worker say to each other.

Messages travel as those of :mod:`bearclf.service.messages`: a JSON object, then bytes. A request has a
number, ``id``, and gets one reply with the same number: ``{"kind": "failed", "message": …}`` in a sentence,
or what is said here.

* ``sheet``, with ``label``, ``part``, ``order``, ``focus``, ``page`` (from 0) and ``page_size``: a page of
  photos, ``{"photos": […], "sizes": […], "page": …, "pages": …, "total": …}``, each photo with the fields of
  :class:`bearclf.ui.clean.marks.SheetPhoto`, and their JPEGs, ``sizes`` bytes each. ``focus`` is empty,
  ``{"finding": kind}``, ``{"cell": [true class, predicted class]}`` or ``{"digests": […]}``.
* ``apply``, with ``changes``: ``{"news": …, "problem": …, "left": [digests of what was not done]}``.
* ``open``: nothing; the folder is read again, and everybody told.
* ``stage``, with a ``batch``, ``label`` and ``name`` and a photo's content: nothing.
* ``add``, with the ``batch`` to add as one step; ``undo``, with the number of a ``step``; ``add_archive``,
  with the ``path`` of a zip of class folders: as ``apply``.
* ``retrain``, with ``recipe``; ``cancel``: nothing; the work goes on in the background.
* ``promote``, with the ``number`` of a model: ``{"news": …}``.
* ``download``, with ``number`` and ``name`` (``export.pkl`` or ``card.json``): ``{"name": …}`` and the file.

Without being asked the worker says, to every page:

* ``{"kind": "facts", "facts": …, "steps": […], "versions": […], "looking": …}`` whenever the folder, its
  scores or its models have changed. ``facts`` has ``folder``; ``classes``, photos by class; ``error``,
  ``[share, low, high, photos]`` by the last scoring, or None; ``trained``, when the live model was, or empty
  if that is of other classes; ``findings``, each with ``kind``, ``title``, ``advice`` and ``count``;
  ``imbalance``, a sentence or empty; ``matrix``, ``{"classes": […], "counts": [[…]]}`` by the last scoring,
  or None; ``unscored``, photos that no score speaks of yet; ``cant_train``, a sentence or empty;
  ``fine_tune_seconds``, how long that recipe would take, or None; ``waiting``, visitors' photos.
* ``{"kind": "progress", "progress": {"what": …, "done": …, "total": …}}``, the inner object empty at the end.
* ``{"kind": "compared", "comparison": …, "news": …}``, see :func:`bearclf.curation.comparison.compare`.
* ``{"kind": "problem", "message": …}``.
"""

from __future__ import annotations

from pathlib import Path

from bearclf.service.messages import Meeting, Message
from bearclf.settings import bundle_folder, cache_folder, data_folder

__all__ = ["Message", "curation_meeting"]


def curation_meeting(folder: Path) -> Meeting:
    """Of the worker that looks after a training folder, for one model and one place of data.

    Raises OSError if the folder of sockets can't be made private.
    """
    around = (bundle_folder(), cache_folder(), data_folder())
    identity = "curation\n" + "\n".join(str(path.resolve()) for path in around)
    return Meeting.named(identity.encode(), folder)
