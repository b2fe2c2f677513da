"""The terminal of a healthy server is quiet: libraries' noise is filtered out.

Whoever runs a server should read each line that it prints. Each of these comes with every start or visit,
tells nobody what to do, and is about something that is as it should be.
"""

from __future__ import annotations

import logging

NOISE = (
    # Of Jupyter's trust in a notebook's stored outputs: ours has none, and its page shows none.
    "is not trusted",
    # Jupyter Server tells Tornado milliseconds where it takes seconds; Jupyter's own pings are not affected.
    "The websocket_ping_timeout",
    # A kernel's last words arrive after its page was closed, and the socket with it.
    "Got events for closed stream",
)


class _OnlyNews(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # another library's mistake in logging is for logging to tell
            return True
        return not any(noise in message for noise in NOISE)


def quieten(server_log: logging.Logger) -> None:
    """Keep noise, and nothing else, from a server's log and from Tornado's."""
    for logger in (server_log, logging.getLogger("tornado.general")):
        logger.addFilter(_OnlyNews())
