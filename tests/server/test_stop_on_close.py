"""A page that is closed ends its kernel, and nobody else does."""

from __future__ import annotations

from tests.helpers.patience import until
from tests.helpers.probe import ProbeServer


def test_closing_the_page_ends_its_kernel(server: ProbeServer) -> None:
    page = server.open()
    cookie = next(one for one in page.client.cookies.jar if one.name == "_xsrf")
    assert not cookie.has_nonstandard_attr("HttpOnly"), "the page must read it"
    assert server.path.startswith(cookie.path)
    assert server.leave(page).status_code == 204
    until(lambda: not page.is_served())


def test_a_stranger_cant_end_a_kernel(server: ProbeServer) -> None:
    """A foreign web page can make a browser send its cookies, but not read them."""
    page = server.open()
    assert server.leave(page, nothing="at all").status_code == 403
    assert server.leave(page, _xsrf="2|a|b|1").status_code == 403
    assert page.is_served()
    server.leave(page)
