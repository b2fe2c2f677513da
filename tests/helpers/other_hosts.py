"""The servers that photos come from, played by one on loopback.

It is a proxy that answers for every host itself, with certificates of an authority of its own. So whatever
asks is real, and so are the addresses that it asks; environment variables name the proxy and the authority.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zlib import crc32

import pytest
import trustme

from tests.helpers.drawings import encoded, pattern

OPENVERSE = "https://api.openverse.org/v1/images/"
INATURALIST = "https://api.inaturalist.org/v1/observations"
PHOTOS = "https://photos.example.org"
HOSTS = (
    *("api.openverse.org", "api.inaturalist.org", "duckduckgo.com", "www.bing.com", "api.kaggle.com"),
    *("photos.example.org", "inaturalist-open-data.s3.amazonaws.com"),
)


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: threading.Event | None = None
    """Nothing is said until it is set."""
    trickling: threading.Event | None = None
    """A byte now and then, until it is set."""


@dataclass
class Elsewhere:
    """What each URL, without its query, answers: the first of several answers is given once.

    ``asked`` has what came: URL, query, headers in lower case.
    """

    port: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    search: Callable[[dict[str, str]], Answer] | None = None
    """Answers Openverse's searches, if there is nothing for them in ``answers``."""

    def photo(self, name: str, *answers: Answer | bytes) -> str:
        """Let a photo be at an address, which is returned: a drawing unless ``answers`` say otherwise."""
        url = f"{PHOTOS}/{name}"
        drawn = encoded(pattern("dots", crc32(name.encode())))
        self.answers[url] = [one if isinstance(one, Answer) else Answer(one) for one in answers or (drawn,)]
        return url

    def found(self, *urls: str, **fields: Any) -> None:
        """Let Openverse know these photos, and show them twenty a page as its documentation says."""
        results = [openverse_result(url, **fields) for url in urls]

        def search(query: dict[str, str]) -> Answer:
            page, size = int(query["page"]), int(query["page_size"])
            if size > 20 or page * size > 240:
                return Answer(b'{"detail": "page_size may not exceed 20 for anonymous requests"}', 401)
            part = results[(page - 1) * size : page * size]
            pages = -(-len(results) // size)
            return as_json(
                result_count=len(results), page_count=pages, page_size=size, page=page, results=part
            )

        self.search = search

    def times(self, url: str) -> int:
        """How often an address was asked for."""
        return [asked for asked, _, _ in self.asked].count(url)

    def answer(self, url: str, query: dict[str, str]) -> Answer:
        waiting = self.answers.get(url)
        if waiting:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if url == OPENVERSE and self.search:
            return self.search(query)
        return Answer(b"not here", 404)


def as_json(**fields: Any) -> Answer:
    return Answer(json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def openverse_result(url: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "4bc43a04-ef46-4544-a0c1-63c63f56e276",
        "title": "A photo",
        "creator": "Ana Müller",
        "license": "by",
        "license_version": "2.0",
        "license_url": "https://creativecommons.org/licenses/by/2.0/",
        "foreign_landing_url": f"{url}/page",
        "source": "flickr",
        "mature": False,
        "url": url,
        **fields,
    }


@contextmanager
def played(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Play all hosts; ``folder`` gets the authority's certificate."""
    elsewhere, authority = Elsewhere(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        origin = ""

        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.close_connection = False  # of clients that ask for a tunnel in HTTP/1.0
            self.origin = f"https://{self.path.removesuffix(':443')}"
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            url = f"{self.origin or f'http://127.0.0.1:{elsewhere.port}'}{unquote(parts.path)}"
            query = {name: ",".join(values) for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            elsewhere.asked.append((url, query, headers))
            answer = elsewhere.answer(url, query)
            if answer.silent:
                answer.silent.wait(30)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            while answer.trickling and not answer.trickling.wait(0.05):
                self.wfile.write(b"x")
            self.wfile.write(answer.body)
            self.close_connection = "Content-Length" in answer.headers or answer.silent is not None

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are expected
        server.daemon_threads = True
        elsewhere.port = server.server_port
        for name in ("HTTPS_PROXY", "https_proxy"):
            patch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
            patch.delenv(name, raising=False)
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            patch.setenv(name, str(folder / "authority.pem"))
        patch.setenv("BEARCLF_CACHE", str(folder / "cache"))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield elsewhere
        finally:
            server.shutdown()
            thread.join()
