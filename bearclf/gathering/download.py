"""Fetch from servers that are not ours: politely, and never from inside the network that we run in.

What is asked of a server passes through :class:`Web`. Addresses come from strangers, so each is checked where
it can't be forged: one that is written out in a URL before it is asked, also after a redirect, and one that a
name led to when the connection stands and nothing was sent over it yet. A proxy that ``HTTPS_PROXY`` or
``HTTP_PROXY`` names is trusted, and has to do the latter itself.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

import httpx

from bearclf.errors import UserError
from bearclf.gathering.found import NotFetched
from bearclf.settings import MAX_PHOTO_BYTES, VERSION

USER_AGENT = f"bearclf/{VERSION} (+https://github.com/bearclf/bearclf)"

_TRY_AGAIN = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Manners:
    """How long servers are waited for, and how much is asked of them; all times in seconds.

    ``silence`` is how long a server may say nothing, ``longest_fetch`` how long a photo may take in all.
    What fails for a moment is asked for ``tries`` times, after ``first_wait``, twice that, and so on, or
    after what the server asks for, unless that is more than ``longest_wait``. ``pause`` waits.
    """

    silence: float = 15
    longest_fetch: float = 120
    per_host: int = 2
    tries: int = 4
    first_wait: float = 1
    longest_wait: float = 90
    max_redirects: int = 5
    pause: Callable[[float], object] | None = None


@dataclass
class _Host:
    turn: threading.Semaphore
    not_before: float = 0


@dataclass
class _TryAgain(Exception):
    reason: str
    after: float | None = None


class Web:
    """A client of other people's servers; :meth:`get` may be called from several threads."""

    def __init__(self, manners: Manners) -> None:
        """Raises UserError if the proxy that the environment names can't be used."""
        self._manners = manners
        self._stopped = threading.Event()
        self._pause = manners.pause or self._stopped.wait
        self._hosts: dict[str, _Host] = {}
        proxies = [url for kind, url in getproxies().items() if kind in ("http", "https", "all")]
        self._proxies = {_ends_at(urlsplit(url if "://" in url else f"http://{url}")) for url in proxies}
        try:
            self._client = httpx.Client(
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
                timeout=manners.silence,
                follow_redirects=True,
                max_redirects=manners.max_redirects,
                event_hooks={"request": [self._check_url]},
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise UserError(f"The proxy that the environment names can't be used: {error}") from error

    def _check_url(self, request: httpx.Request) -> None:
        """Refuse an address that is written out, and the proxy's own, of this request or of one that it was
        redirected to.
        """
        if _ends_at(urlsplit(str(request.url))) in self._proxies:
            raise NotFetched("its address leads into a private network")
        with contextlib.suppress(ValueError):  # it is a name: the guard sees where that leads
            _check_address(request.url.host)

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def stop(self) -> None:
        """Let calls in other threads end soon, with NotFetched."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped.is_set()

    def get(self, url: str, params: Mapping[str, str | int] | None = None) -> bytes:
        """The content at ``url``, at most ``MAX_PHOTO_BYTES``. Raises NotFetched."""
        try:
            name = httpx.URL(url).host
        except httpx.InvalidURL:
            raise NotFetched("its address makes no sense") from None
        host = self._hosts.setdefault(name, _Host(threading.Semaphore(self._manners.per_host)))
        with host.turn:
            wait = self._manners.first_wait
            for _ in range(self._manners.tries):
                self._wait_for(host)
                try:
                    return self._fetch(url, params)
                except _TryAgain as failure:
                    host.not_before = time.monotonic() + (wait if failure.after is None else failure.after)
                    reason, wait = failure.reason, 2 * wait
        raise NotFetched(reason)

    def _wait_for(self, host: _Host) -> None:
        seconds = host.not_before - time.monotonic()
        if seconds > self._manners.longest_wait:
            raise NotFetched(f"its server wants no more requests for {round(seconds / 60)} minutes")
        if seconds > 0:
            self._pause(seconds)
        self._check_not_stopped()

    def _check_not_stopped(self) -> None:
        if self._stopped.is_set():
            raise NotFetched("it was stopped")

    def _fetch(self, url: str, params: Mapping[str, str | int] | None) -> bytes:
        try:
            guard = _Guard(self._proxies)
            with self._client.stream("GET", url, params=params, extensions={"trace": guard}) as response:
                return self._content(response)
        except httpx.TimeoutException:
            raise NotFetched(f"its server said nothing for {self._manners.silence:g} seconds") from None
        except httpx.TooManyRedirects:
            raise NotFetched("it is always said to be somewhere else") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise NotFetched("its address makes no sense") from None
        except httpx.ConnectError:
            raise _TryAgain("its server can't be reached") from None
        except httpx.HTTPError:
            raise _TryAgain("the connection broke off") from None

    def _content(self, response: httpx.Response) -> bytes:
        if response.status_code in _TRY_AGAIN:
            raise _TryAgain(f"its server answered {_status(response)}", _retry_after(response))
        if response.status_code != httpx.codes.OK:
            raise NotFetched(f"its server answered {_status(response)}")
        _check_size(int(response.headers.get("Content-Length", 0)))
        content = bytearray()
        started = time.monotonic()
        for piece in response.iter_bytes():
            content += piece
            _check_size(len(content))
            self._check_not_stopped()
            if time.monotonic() - started > self._manners.longest_fetch:
                raise NotFetched("its server is too slow")
        return bytes(content)


def authorities() -> str | bool:
    """What certificates are checked against: the file that ``SSL_CERT_FILE`` names, or True for the usual.

    For clients that, unlike ours, don't look for themselves.
    """
    return os.environ.get("SSL_CERT_FILE") or True


End = tuple[str | None, int]
"""Host and port."""

_TRANSLATED = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


class _Guard:
    """Told of every connection that a request opens: refuses one whose other end is not in public."""

    def __init__(self, proxies: set[End]) -> None:
        self._proxies = proxies
        self._to_proxy = False

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.started":
            self._to_proxy = (info["host"], info["port"]) in self._proxies
        elif event == "connection.connect_tcp.complete" and not self._to_proxy:
            _check_address(info["return_value"].get_extra_info("server_addr")[0])


def _ends_at(url: SplitResult) -> End:
    return url.hostname, url.port or (443 if url.scheme == "https" else 80)


def _check_address(text: str) -> None:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            raise NotFetched("its address leads into a private network")
        address = _carried(address) or address
    if not address.is_global or address.is_multicast:
        raise NotFetched("its address leads into a private network")


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The older address that a newer one stands for, by any of the ways to pass from the one to the other."""
    if any(address in network for network in _TRANSLATED):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


def _check_size(size: int) -> None:
    if size > MAX_PHOTO_BYTES:
        raise NotFetched(f"it is larger than {MAX_PHOTO_BYTES // 2**20} MB")


def _status(response: httpx.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait, given as a number or as a date; None if it doesn't say."""
    text = response.headers.get("Retry-After", "")
    try:
        return max(0.0, float(text) if text.isdigit() else _seconds_until(parsedate_to_datetime(text)))
    except ValueError:
        return None


def _seconds_until(moment: datetime) -> float:
    return (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()
