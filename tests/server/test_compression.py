"""What is compressed and kept, and that a page begins before its kernel is done."""

from __future__ import annotations

import re
import zlib

from tests.helpers.probe import PREFIX, ProbePage, ProbeServer
from tests.helpers.servers import TOKEN


def static_files(page: ProbePage) -> list[str]:
    return re.findall(r"/[\w/]*/voila/templates/bearclf/static/[\w.]+\?v=\w+", page.answer.text)


def test_files_of_the_template_are_packed_and_kept(server: ProbeServer) -> None:
    page = server.open()
    addresses = static_files(page)
    assert addresses
    for address in addresses:
        packed = page.client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["Content-Type"].startswith(("text/", "application/javascript"))
        assert "Expires" not in packed.headers
        size = int(packed.headers["Content-Length"])
        assert size == packed.num_bytes_downloaded < 0.6 * len(packed.content)
        head = page.client.head(address, headers={"Accept-Encoding": "gzip"})
        same = set(packed.headers) - {"date"}
        assert {name: head.headers[name] for name in same} == {name: packed.headers[name] for name in same}
        assert head.content == b""

        again = page.client.get(
            address, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
        )
        assert (again.status_code, again.num_bytes_downloaded) == (304, 0)

        for refusal in ("identity", "br", ""):
            plain = page.client.get(address, headers={"Accept-Encoding": refusal})
            assert "Content-Encoding" not in plain.headers
            assert plain.content == packed.content
            assert plain.headers["ETag"] != packed.headers["ETag"]

        other = page.client.get(address.partition("?")[0] + "?v=of-another-version")
        assert other.headers["Cache-Control"] == "no-cache"
        assert other.content == packed.content
    assert page.client.get(addresses[0].replace(".", "-")).status_code == 404
    server.leave(page)


def test_the_page_begins_before_its_kernel_is_done_and_is_compressed(server: ProbeServer) -> None:
    """The first bytes are enough to paint; the last come when the notebook has run."""
    unpack = zlib.decompressobj(wbits=31)
    received = b""
    with server.visitor() as client:
        with client.stream("GET", server.address("wait=1"), headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            pieces = answer.iter_raw()
            while b"</h1>" not in received:
                received += unpack.decompress(next(pieces))
            assert b"KERNEL" not in received
            server.gate.touch()
            received += b"".join(unpack.decompress(piece) for piece in pieces)
        assert b"KERNEL" in received
        assert received.rstrip().endswith(b"</html>")
        server.gate.unlink()


def test_nothing_but_the_page_is_compressed_for_a_jupyter_server(jupyter: ProbeServer) -> None:
    """What else runs there is not ours."""
    with jupyter.visitor() as client:
        assert "Content-Encoding" not in client.get(f"{PREFIX}api/spec.yaml?token={TOKEN}").headers
