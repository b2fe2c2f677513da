"""Compress text: pages as they are sent, the template's static files once."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_server.utils import url_path_join
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import GZipContentEncoding, OutputTransform
from voila.static_file_handler import TemplateStaticFileHandler

from bearclf.server.template import TEMPLATE

A_YEAR = 365 * 24 * 60 * 60
"""Seconds for which a browser keeps a file whose address names its content."""


def template_route(base_url: str) -> tuple[str, type[TemplateFileHandler]]:
    """The route of our template's static files, to be put before Voilà's of the same address."""
    return url_path_join(base_url, rf"/voila/templates/({TEMPLATE}/static/.*)"), TemplateFileHandler


class TemplateFileHandler(TemplateStaticFileHandler):
    """Sends a template's static files as Voilà does, but compressed, and for browsers to keep."""

    # Tornado asks these methods for everything that it sends of a file.

    def get_content_size(self) -> int:
        """Bytes of what is sent."""
        return len(self._sent())

    def get_content(  # not of the class: what is sent depends on the request
        self, abspath: str, start: int | None = None, end: int | None = None
    ) -> bytes:
        """What is sent, or the part of it that was asked for."""
        return self._sent()[start:end]

    def compute_etag(self) -> str:
        """A name for the content as it is sent: a compressed file is another one."""
        version, _, packed = self._file()
        return f'"{version}{"-gzip" if packed and self._takes_gzip() else ""}"'

    def get_cache_time(self, *_: Any) -> int:
        """Zero, so that Tornado sets no header of its own: it would trust any ``?v=``."""
        return 0

    def set_extra_headers(self, path: str) -> None:
        """Say how it is packed and how long it may be kept."""
        version, _, packed = self._file()
        if GZipContentEncoding not in self.application.transforms:  # which says so itself
            self.set_header("Vary", "Accept-Encoding")
        if packed and self._takes_gzip():
            self.set_header("Content-Encoding", "gzip")
        # An address with another hash is of a page from before an update, or after it.
        named = self.get_query_argument("v", None) == version
        self.set_header("Cache-Control", f"public, max-age={A_YEAR}, immutable" if named else "no-cache")

    def _sent(self) -> bytes:
        _, content, packed = self._file()
        return packed if packed and self._takes_gzip() else content

    def _file(self) -> tuple[str, bytes, bytes]:
        path = Path(self.absolute_path or "")
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)

    def _takes_gzip(self) -> bool:
        return "gzip" in self.request.headers.get("Accept-Encoding", "")  # as Tornado looks at it, too


@lru_cache(maxsize=32)
def _read(path: Path, modified: int, size: int) -> tuple[str, bytes, bytes]:
    """The hash that Voilà puts into a file's address, its content, and that compressed if it is worth it."""
    content = path.read_bytes()
    packed = gzip.compress(content, 9, mtime=0)
    worth = len(packed) < 0.9 * len(content)
    return TemplateStaticFileHandler.get_content_version(str(path)), content, packed if worth else b""


def compress_below(path: str) -> type[OutputTransform]:
    """A Tornado transform that compresses the answers to requests below ``path``, and no others."""

    class Compression(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            below = (request.path or "").startswith(path)
            self._transform = GZipContentEncoding(request) if below else OutputTransform(request)

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            return self._transform.transform_first_chunk(status_code, headers, chunk, finishing)

        def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
            return self._transform.transform_chunk(chunk, finishing)

    return Compression
