"""Make changes last through a power cut."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Make names in ``path`` survive a power cut, where the system can do so for folders. Raises OSError."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network drives have no such thing
            raise
    finally:
        os.close(descriptor)
