"""New training photos: into a class, into a new class, or a zip of class folders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any
from uuid import uuid4

import ipywidgets as widgets

from bearclf.errors import UserError
from bearclf.settings import MAX_BATCH_PHOTOS, PHOTO_TYPES
from bearclf.ui.clean.parts import button, counted, show_if
from bearclf.ui.clean.state import CleanState
from bearclf.ui.drop_zone import MAX_ARCHIVE_BYTES, REFUSALS, TOO_MUCH, DropZone
from bearclf.ui.guard import Show, guard

NEW_CLASS = "a new class…"

ARCHIVE_TOO_LARGE = (
    f"This zip is larger than {MAX_ARCHIVE_BYTES // 2**20} MB, so nothing was sent. "
    "Please make several smaller ones."
)
EMPTY_LEAD = (
    "There are no training photos yet. Give a class a name, drop its photos here or let Find photos look for "
    "some, and do the same for a second class: from two classes with a few photos each, Retrain makes a "
    "classifier of your own."
)


class AddPhotos(widgets.Box):
    """A class to choose, and a place to drop photos or a zip.

    Names and contents come from a browser and may be forged: the worker looks at every file itself.
    """

    def __init__(self, state: CleanState, show_problem: Show, back: Callable[[Any], None]) -> None:
        self._state = state
        self._batches: dict[int, Batch] = {}
        self._archive: Archive | None = None
        guarded = partial(guard, show=show_problem)
        self.back = button("Back to the photos", guarded(back), "bearclf-quiet")
        self.lead = widgets.HTML().add_class("bearclf-soft")
        auto = {"description_width": "auto"}
        self.label = widgets.Dropdown(options=[NEW_CLASS], description="Add to", style=auto)
        self.new_label = widgets.Text(description="Its name", placeholder="panda", style=auto)
        self.choose = widgets.Button(description="Choose photos").add_class("bearclf-choose")
        self.choose_archive = button(
            "Choose a zip", lambda _: None, "bearclf-choose-archive", "bearclf-quiet"
        )
        self.drop_zone = DropZone(accept=PHOTO_TYPES, max_archive_bytes=MAX_ARCHIVE_BYTES)
        self.progress = widgets.HTML().add_class("bearclf-sending")
        which = widgets.Box([self.label, self.new_label]).add_class("bearclf-tools")
        invitation = widgets.HTML("<strong>Drop photos here</strong><span>or paste them, or</span>")
        either = widgets.Box([self.choose, self.choose_archive]).add_class("bearclf-row")
        chooser = widgets.Box([invitation, either, self.drop_zone]).add_class("bearclf-chooser")
        note = (
            "A zip has a folder for each class, with its photos in it, and may be as large as "
            f"{MAX_ARCHIVE_BYTES // 2**20} MB; it doesn't matter which class is chosen above."
        )
        about_zips = widgets.HTML(f'<p class="bearclf-note">{note}</p>')
        heading = widgets.HTML("<h2>Add photos</h2>")
        super().__init__([self.back, heading, self.lead, which, chooser, about_zips, self.progress])
        self.add_class("bearclf-adding").add_class("bearclf-panel")
        self.drop_zone.handle_messages(
            {
                "batch": guarded(self._begin_batch),
                "photo": guarded(self._take_photo),
                "refused": guarded(self._refuse),
                "too_much": guarded(lambda *_: show_problem(TOO_MUCH)),
                "archive": guarded(self._begin_archive),
                "slice": guarded(self._take_slice),
            }
        )
        self.label.observe(guarded(self._show_new_label), "index")
        state.observe(guarded(self._show), "summary")
        self._show()

    def offer_way_back(self, offered: bool) -> None:
        """Show the way back to the photos, or hide it where there are none."""
        show_if(self.back, offered)

    def _show(self, _: Any = None) -> None:
        classes = self._state.classes
        options = [*classes, NEW_CLASS]
        if list(self.label.options) != options:
            # A class that was new a moment ago is the one that more photos go to.
            chosen = self.new_label.value.strip() if self._is_new() else self.label.value
            with self.label.hold_sync():
                self.label.options = options
                self.label.index = classes.index(chosen) if chosen in classes else len(classes)
        self.lead.value = "" if self._state.has_photos else f"<p>{EMPTY_LEAD}</p>"
        show_if(self.lead, not self._state.has_photos)
        self._show_new_label()

    def _is_new(self) -> bool:
        return self.label.index is None or self.label.index == len(self.label.options) - 1

    def _show_new_label(self, _: Any = None) -> None:
        show_if(self.new_label, self._is_new())

    # Photos

    def _begin_batch(self, message: dict[str, Any], _: Any) -> None:
        names = [str(name)[:255] for name in message["names"]]
        if len(names) > MAX_BATCH_PHOTOS:
            raise UserError(TOO_MUCH)
        label = self.new_label.value.strip() if self._is_new() else self._state.classes[self.label.index]
        # Photos of a batch that is not known are thrown away when they come.
        if not label:
            self.new_label.focus()
            raise UserError(
                "Please choose a class, or give the new one a name; then add the photos again. "
                "Nothing was added yet."
            )
        self._batches[message["batch"]] = Batch(label, names)
        self._say_batch(self._batches[message["batch"]])

    def _take_photo(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        batch = self._batches.get(message["batch"])
        if batch is not None:
            self._state.stage(batch.key, batch.label, batch.names[message["index"]], bytes(buffers[0]))
            batch.sent += 1
            self._finish_if_complete(batch, message["batch"])

    def _refuse(self, message: dict[str, Any], _: Any) -> None:
        batch = self._batches.get(message["batch"])
        if batch is not None:
            batch.refused.append(f"{batch.names[message['index']]}: {REFUSALS[message['reason']]}")
            self._finish_if_complete(batch, message["batch"])

    def _finish_if_complete(self, batch: Batch, batch_id: int) -> None:
        """Say how far a batch is, and add it once all of it has come: as one step of the history."""
        self._say_batch(batch)
        if batch.sent + len(batch.refused) == len(batch.names):
            del self._batches[batch_id]
            if batch.sent:
                self._state.add(batch.key, batch.sent)

    def _say_batch(self, batch: Batch) -> None:
        done = f"{batch.sent} of {counted(len(batch.names), 'photo')} sent to “{batch.label}”."
        refused = "".join(f"<li>{escape(reason)}</li>" for reason in batch.refused)
        self.progress.value = f"<p>{escape(done)}</p><ul>{refused}</ul>"

    # Archives

    def _begin_archive(self, message: dict[str, Any], _: Any) -> None:
        self._archive = None
        size = int(message["size"])
        if size > MAX_ARCHIVE_BYTES:
            raise UserError(ARCHIVE_TOO_LARGE)
        if size <= 0:
            raise UserError("This zip is empty. Please choose another; nothing was added.")
        self._archive = Archive(size)
        self._say_archive(self._archive)

    def _take_slice(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        archive = self._archive
        if archive is None or message["start"] != archive.received:
            self.drop_zone.send_got()
            return  # a slice of an archive that was refused, or given up
        if archive.received + buffers[0].nbytes > archive.size:
            self._archive = None
            self.drop_zone.send_got()
            raise UserError("This zip came differently from how it was announced. Please choose it again.")
        content = bytes(buffers[0])
        self._state.stage_archive(archive.key, archive.received, content, self.drop_zone.send_got)
        archive.received += buffers[0].nbytes
        self._say_archive(archive)
        if archive.received == archive.size:
            self._archive = None
            self._state.add_archive(archive.key)

    def _say_archive(self, archive: Archive) -> None:
        far = f'<progress aria-hidden="true" max="{archive.size}" value="{archive.received}"></progress>'
        done = archive.received >= archive.size
        self.progress.value = (
            "<p>The zip is sent and is being unpacked.</p>" if done else f"<p>Sending the zip {far}</p>"
        )


class Batch:
    """Photos that were chosen at once."""

    def __init__(self, label: str, names: list[str]) -> None:
        self.key = uuid4().hex  # other pages have batches, too
        self.label, self.names = label, names
        self.sent = 0
        self.refused: list[str] = []


class Archive:
    """A zip that comes in slices, ``size`` bytes in all."""

    def __init__(self, size: int) -> None:
        self.key = uuid4().hex
        self.size, self.received = size, 0
