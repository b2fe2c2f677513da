"""Debian's Firefox, or any other, by WebDriver BiDi, which it speaks itself; Playwright drives its own."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from tests.helpers.patience import PATIENCE

NAMES = ("firefox-esr", "firefox")
QUIET = {  # it would ask its maker's hosts for this and that
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.region.network.url": "",
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
}


def installed() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """One window, and every address that was asked for in it."""

    def __init__(self, port: int) -> None:
        self._line = websocket.create_connection(
            f"ws://127.0.0.1:{port}/session", timeout=PATIENCE, suppress_origin=True
        )
        self._number = 0
        self.requests: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["network.beforeRequestSent"])
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Have a command of WebDriver BiDi carried out; raises AssertionError with what went wrong."""
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            said = json.loads(self._line.recv())
            if said.get("method") == "network.beforeRequestSent":
                self.requests.append(said["params"]["request"]["url"])
            if said.get("id") == self._number:
                assert said["type"] == "success", said
                result: dict[str, Any] = said["result"]
                return result

    def open(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.context, url=url, wait="interactive")

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self.context, viewport=size)

    def evaluate(self, expression: str) -> Any:
        """The value of JavaScript that gives text, a number, a boolean or nothing; promises are awaited."""
        return self._evaluated(expression).get("value")

    def _evaluated(self, expression: str) -> dict[str, Any]:
        said = self.call(
            "script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True
        )
        assert said["type"] == "success", said
        result: dict[str, Any] = said["result"]
        return result

    def wait_for(self, expression: str) -> None:
        """Until JavaScript gives something true."""
        end = time.monotonic() + PATIENCE
        while not self.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, (
                f"not in time: {expression}\n{self.evaluate('document.body.innerText')}"
            )

    def choose(self, selector: str, *files: Path) -> None:
        """Have these files chosen in an ``input``."""
        input_element = {"sharedId": self._evaluated(f"document.querySelector({selector!r})")["sharedId"]}
        paths = [str(file) for file in files]
        self.call("input.setFiles", context=self.context, element=input_element, files=paths)

    def screenshot(self, path: Path) -> None:
        said = self.call("browsingContext.captureScreenshot", context=self.context)
        path.write_bytes(base64.b64decode(said["data"]))

    def close(self) -> None:
        self._line.close()


@contextmanager
def running(profile: Path) -> Iterator[Firefox]:
    """Firefox with a fresh ``profile``, a folder. There has to be one: see :func:`installed`."""
    program = installed()
    assert program
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in QUIET.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile)]
    log = profile / "said"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        firefox = Firefox(_port(log, process))
        yield firefox
        firefox.close()
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    """Where it listens, once it says so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on ws://[^:]+:(\d+)", log.read_text("utf-8")):
            return int(found[1])
    raise AssertionError(f"Firefox did not start:\n{log.read_text('utf-8')}")
