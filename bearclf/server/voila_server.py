"""Voilà's own server, with what this package adds to it."""

from __future__ import annotations

import sys
from typing import Any

from tornado.httputil import split_host_and_port
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from bearclf.access.policy import access, record_bind_address
from bearclf.server.compression import template_route
from bearclf.server.kernels import PageKernelManager
from bearclf.server.quiet_log import quieten
from bearclf.server.stop_on_close import set_cookie


class VoilaServer(Voila):
    """Voilà, which tells its kernels where it listens; a voila.json may name another address."""

    def start(self) -> None:
        """Serve until interrupted."""
        quieten(self.log)
        record_bind_address(self.ip)  # first, since Voilà starts the kernels of its pool before it listens
        if (current := access()).kind == "closed":
            print(current.sentence, file=sys.stderr, flush=True)
        super().start()

    def init_settings(self) -> dict[str, Any]:
        """What Tornado is told when its application is made; Voilà's ``tornado_settings`` come later."""
        if self.voila_configuration.prelaunch_hook or self.voila_configuration.progressive_rendering:
            self.voila_configuration.preheat_kernel = False  # else Voilà would refuse to start
        return {**super().init_settings(), "compress_response": True}

    def init_handlers(self) -> list[Any]:
        """Voilà's routes, two of them with a handler of ours."""
        ours = {TornadoVoilaHandler: PageHandler}
        handlers = [(route[0], ours.get(route[1], route[1]), *route[2:]) for route in super().init_handlers()]
        return [template_route(self.server_url), *handlers]


class PageHandler(TornadoVoilaHandler):
    """Serves the page, with a kernel from the pool if that is as good as a fresh one."""

    kernel_manager: PageKernelManager

    async def get(self, path: str | None = None) -> None:
        """Send the page, piece by piece."""
        set_cookie(self)
        await self.kernel_manager.renew_pool(self.notebook_path)
        await super().get(path)

    def should_use_rendered_notebook(
        self, notebook_data: dict, pool_size: int, template_name: str, theme: str, request_args: dict
    ) -> bool:
        """Whether a kernel from the pool will do, in place of one that is started for this request.

        A kernel is told of its request when it is started, so one of the pool knows of none. It serves where
        that makes no difference: without a query, which a notebook may read, and under a host name that
        doesn't change who may curate.
        """
        host, _ = split_host_and_port(self.request.host.lower())
        return (
            not request_args
            and access(host) == access()
            and self.kernel_manager.has_warm(self.notebook_path)
            and super().should_use_rendered_notebook(
                notebook_data, pool_size, template_name, theme, request_args
            )
        )
