"""A cable between browser and server that can be pulled out."""

from __future__ import annotations

import contextlib
import socket
import threading


class Cable:
    """Listens on a port of its own and carries what comes to the server's, both ways."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._carries = threading.Event()
        self._carries.set()
        self._refuses = False
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("localhost", 0))
        self.carried = 0
        """Bytes that went to the server."""
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Both sides hear of it, and nobody gets through any more."""
        self._refuses = True
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def go_silent(self) -> None:
        """Nothing comes through any more, and nobody is told."""
        self._carries.clear()

    def mend(self) -> None:
        self._refuses = False
        self._carries.set()

    def close(self) -> None:
        self._listening.close()
        self.cut()
        self._carries.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._refuses:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("localhost", self._server_port))
                except OSError:
                    near.close()  # the server is down
                    continue
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(1 << 16):
                self._carries.wait()
                target.sendall(content)
                if source.getsockname()[1] == self.port:
                    self.carried += len(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
