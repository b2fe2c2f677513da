from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TRIED = """
import os, socket, sys
from pathlib import Path
from bearclf.adopting.confinement import confine

missing = confine(8 << 30, 60, [Path(sys.prefix), Path(sys.base_prefix)])
tries = {
    "writing files": lambda: open(sys.argv[1], "w"),
    "reading other files": lambda: open(sys.argv[2]).read(),
    "the network": lambda: socket.socket().bind(("127.0.0.1", 0)),
    "starting programs": lambda: os.fork() or os._exit(0),
    "memory and time": lambda: bytearray(100 << 30),
}
for name, attempt in tries.items():
    try:
        attempt()
    except (OSError, MemoryError):
        continue
    if name not in missing:
        print(name)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is limited elsewhere is told")
def test_what_is_said_to_be_limited_is(tmp_path: Path) -> None:
    """Nothing that isn't named as missing can be done."""
    (tmp_path / "secret").write_text("mine")
    command = [sys.executable, "-c", TRIED, str(tmp_path / "made"), str(tmp_path / "secret")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert not (tmp_path / "made").exists()
