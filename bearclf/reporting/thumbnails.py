"""Photos in a page: small, without metadata, as part of the page itself."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from bearclf.photos.decode import PhotoError, decode, read_photo_file, thumbnail
from bearclf.photos.scan_results import SkippedFile

SIDE, MAX_BYTES = 264, 16_000


class Thumbnails:
    """Makes them, if any are ``shown``, and remembers files that ``vanished`` since they were answered."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self.vanished: list[SkippedFile] = []

    def data_uri(self, path: Path) -> str:
        """For an ``img``; empty where there is nothing to show."""
        if not self._shown:
            return ""
        try:
            jpeg = thumbnail(decode(read_photo_file(path)), SIDE, MAX_BYTES)
        except PhotoError as error:
            if path not in {file.path for file in self.vanished}:
                self.vanished.append(SkippedFile(path, f"It was answered, but can't be shown: {error}"))
            return ""
        return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
