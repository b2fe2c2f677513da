"""The page behind nginx, with the very lines that the operator's page gives."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, visiting
from tests.conftest import ROOT
from tests.helpers.servers import Server, free_port, serving

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(NGINX).exists(), reason="there is no nginx here"),
]

AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {lines}
}}
"""


@pytest.fixture
def behind_nginx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Without a certificate; under a name that is not localhost, but which browsers look for here."""
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    page = (ROOT / "docs" / "operator.md").read_text("utf-8")
    [lines] = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    lines = re.sub(r"\n *ssl_certificate.*", "", lines)
    port = free_port()
    with serving("voila", tmp_path / "server.log") as server:
        lines = lines.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
        lines = lines.replace("localhost:8866", httpx.URL(server.url).netloc.decode())
        (tmp_path / "nginx.conf").write_text(AROUND.format(folder=tmp_path, lines=lines), "utf-8")
        command = [NGINX, "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")]
        nginx = subprocess.Popen(command)
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
                client.get(f"http://127.0.0.1:{port}/voila/static/none")
            yield Server("voila", f"http://bears.localhost:{port}/", server.process)
        finally:
            nginx.terminate()
            nginx.wait(30)


@pytest.fixture
def visit(browser: Browser, behind_nginx: Server) -> Iterator[Callable[..., Visit]]:
    with visiting(browser, behind_nginx) as open_page:
        yield open_page


def test_a_photo_is_answered_through_nginx_and_nobody_may_clean(
    visit: Callable[..., Visit], teddy_file: Path
) -> None:
    here = visit()
    here.choose(teddy_file)
    assert here.wait_for_answers(1) == ["Teddy bear"]
    here.page.get_by_role("tab", name="Clean the training photos").click()
    expect(here.page.get_by_text("Cleaning is closed")).to_be_visible()
