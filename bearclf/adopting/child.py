"""The confined process: told ``look`` or ``load``, it reads its standard input, and says what that is.

Its only way out is the pipe that it says so through, in :mod:`bearclf.adopting.messages`.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

import msgspec

from bearclf.adopting.confinement import confine
from bearclf.adopting.messages import Contents, Found, Refused, Said
from bearclf.errors import UserError

MEMORY_BYTES = 6 * 2**30
"""Of address space: libraries take some gigabytes that are never touched."""

CPU_SECONDS = 240


def main(task: str) -> None:
    """Read standard input; the answer goes to what was standard output."""
    size = os.fstat(0).st_size if stat.S_ISREG(os.fstat(0).st_mode) else 0
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print
    scratch = Path.cwd()
    tempfile.tempdir = str(scratch)  # else each folder is tried, by writing to it
    paths = {Path(path) for path in sysconfig.get_paths().values()}
    package = Path(__file__).resolve().parents[1]
    links = {path.resolve() for path in paths}  # an environment's libraries may lie elsewhere
    system = (Path(path) for path in ("/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev"))
    readable = [*paths, *links, package, scratch, Path(sys.prefix), Path(sys.base_prefix), *system]
    unlimited = confine(MEMORY_BYTES + 4 * size, CPU_SECONDS, readable)
    network = b""
    said: Said
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            said, network = (_look(file, unlimited), b"") if task == "look" else _load(file, unlimited)
    except UserError as error:
        said = Refused(str(error)[:1500])
    except (MemoryError, RecursionError):
        said = Refused(TOO_MUCH)
    except Exception as error:
        if "magic number" in str(error):
            error = RuntimeError("it is a pickle, but none that fastai or torch has written")
        name = f"{type(error).__name__}: {error}"
        said = Refused(TOO_MUCH if _is_memory(error) else DAMAGED.format(name[:300]))
    header = msgspec.msgpack.encode(said)
    out.write(len(header).to_bytes(4, "big") + header + network)
    out.flush()
    os._exit(0)  # nothing that a file brought gets another turn


TOO_MUCH = (
    "This file asks for more memory or nesting than any network of this size needs, so it was put away. "
    "If it is yours, please export it again."
)
DAMAGED = (
    "This file is damaged or was cut short, so it can't be read ({}). Please copy or download it again, or "
    "export it again."
)


def _is_memory(error: Exception) -> bool:
    return isinstance(error, RuntimeError) and any(
        word in str(error).lower() for word in ("memory", "alloc", "bad_alloc")
    )


def _look(file: io.BufferedReader, unlimited: list[str]) -> Contents:
    from bearclf.adopting.contents import contents

    usual, own, unusual = contents(file)
    return Contents(usual, own, unusual, tuple(unlimited))


def _load(file: io.BufferedReader, unlimited: list[str]) -> tuple[Found, bytes]:
    from bearclf.adopting.contents import check_kind
    from bearclf.adopting.inert import load_inert
    from bearclf.adopting.network import describe, pack
    from bearclf.adopting.reading import the_architecture, the_learner, the_network, the_steps, the_vocab

    check_kind(file)
    loaded, _ = load_inert(file)
    learner = the_learner(loaded)
    vocab = the_vocab(learner)
    if len(vocab) < 2 or len(set(vocab)) < len(vocab):
        raise UserError("This learner has fewer than two classes, so there is nothing to tell apart.")
    items, batches, size = the_steps(learner)
    network = the_network(learner)
    head, weights = describe(network)
    content = pack(weights)
    found = Found(
        vocab=tuple(vocab),
        architecture=the_architecture(learner),
        item_steps=tuple(items),
        batch_steps=tuple(batches),
        input_size=size,
        head=tuple(head),
        unlimited=tuple(unlimited),
        network_bytes=len(content),
    )
    return found, content


if __name__ == "__main__":
    main(sys.argv[1])
