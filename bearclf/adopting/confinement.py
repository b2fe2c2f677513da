"""Take from this process what reading a file doesn't need, as far as the system allows.

Each limit is asked of the kernel by itself, and may be missing: on Linux from 5.13 on, on x86-64 and ARM, all
of them hold, also for who isn't root; on macOS the limits of memory and time; on Windows none. What couldn't
be limited is told.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

NETWORK, WRITING, PROGRAMS, MEMORY, READING = (
    "the network",
    "writing files",
    "starting programs",
    "memory and time",
    "reading other files",
)
"""What is limited, as people are told of it."""

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000

# Landlock: the same numbers on every architecture. The rights are bits of its ABI.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_WRITING_RIGHTS = 0b1111111110010  # write, remove and make anything
_REFER, _TRUNCATE, _DEVICES = 1 << 13, 1 << 14, 1 << 15
_TCP_BIND, _TCP_CONNECT = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2


def confine(memory_bytes: int, cpu_seconds: int, may_read: Sequence[Path]) -> list[str]:
    """Limit this process for good; returns what of the names above could not be limited.

    Has to be called before there is a second thread. ``may_read`` are folders, and files, that are needed.
    """
    missing = []
    limits: list[tuple[str, Callable[[], object]]] = [
        (MEMORY, lambda: _limit_resources(memory_bytes, cpu_seconds)),
        (NETWORK, _leave_network),
        (READING, lambda: _landlock(may_read)),
        (PROGRAMS, _filter_calls),
    ]
    for name, limit in limits:
        try:
            limit()
        except (OSError, AttributeError, ImportError, KeyError, ValueError):
            missing.append(name)
    if READING in missing and PROGRAMS in missing:
        missing.append(WRITING)  # either of them forbids it
    if NETWORK in missing and PROGRAMS not in missing:
        missing.remove(NETWORK)  # without a namespace of its own, sockets can't be made all the same
    return missing


def _limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _leave_network() -> None:
    """Into namespaces of its own, where there is no network but a loopback that is down."""
    _called(_libc().unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC))


def _landlock(may_read: Sequence[Path]) -> None:
    """Nothing may be written or made from now on, and only what is below ``may_read`` be read."""
    libc = _libc()
    abi = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    _called(abi)
    handled = _EXECUTE | _READ_FILE | _READ_FOLDER | _WRITING_RIGHTS
    handled |= (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_DEVICES if abi >= 5 else 0)
    attributes = struct.pack(
        "QQQ",
        handled,
        _TCP_BIND | _TCP_CONNECT if abi >= 4 else 0,
        _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0,
    )[: 8 if abi < 4 else 16 if abi < 6 else 24]
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    _called(ruleset)
    try:
        for path in may_read:
            if not path.exists():
                continue
            allowed = _EXECUTE | _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", allowed, place)
                _called(libc.syscall(_ADD_RULE, ruleset, 1, rule, 0))
            finally:
                os.close(place)
        _called(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _called(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


# System calls by number: x86-64, and that of ARM and all newer architectures, which lacks some older ones.
_REFUSED = {
    "x86_64": {
        *(41, 53),  # socket, socketpair
        *(57, 58, 59, 322),  # fork, vfork, execve, execveat
        *(62, 200, 234, 101, 310, 311, 424, 434),  # kill and its kind, ptrace, other processes' memory
        *(
            76,
            77,
            82,
            83,
            84,
            85,
            86,
            87,
            88,
            90,
            91,
            92,
            93,
            94,
            132,
            133,
            235,
        ),  # change by path
        *(258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316),  # the same, from an open folder
        *(165, 166, 155, 161, 272, 308, 246, 175, 321, 298, 250),  # mounts, namespaces, kernel
        *(188, 189, 190, 197, 198, 199),  # extended attributes
        *(302, 203, 141, 142, 144, 314, 251, 129, 297),  # limits and turns of other processes, signals
    },
    "aarch64": {
        *(198, 199),
        *(221, 281),
        *(129, 130, 131, 117, 270, 271, 424, 434),
        *(45, 46, 33, 34, 35, 36, 37, 38, 52, 53, 54, 55, 88, 276),
        *(39, 40, 41, 51, 97, 268, 104, 105, 280, 241, 219),
        *(5, 6, 7, 14, 15, 16),
        *(261, 122, 140, 118, 119, 274, 30, 138, 240),
    },
}
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_OPEN_FLAGS = {"x86_64": {2: 1, 257: 2}, "aarch64": {56: 2}}  # open and openat: which argument has the flags
_CLONE = {"x86_64": 56, "aarch64": 220}
_UNKNOWN = (
    435,
    437,
    425,
)  # clone3 and openat2 hide their flags behind a pointer; io_uring goes round filters
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x00010000

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38


def _filter_calls() -> None:
    """No other program, process, socket or open file to write to: such calls fail from now on."""
    if sys.platform != "linux":
        raise OSError("no such filter here")
    machine = platform.machine()
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _AUDIT[machine]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    for number in sorted(_REFUSED[machine]):
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | _EPERM)]
    for number in _UNKNOWN:
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERROR | _ENOSYS)]
    for number, argument in _OPEN_FLAGS[machine].items():
        program += _if_bits(number, argument, _WRITE_FLAGS, _ERROR | _EPERM, _ALLOW)
    program += _if_bits(_CLONE[machine], 0, _CLONE_THREAD, _ALLOW, _ERROR | _EPERM)
    program.append((_RETURN, 0, 0, _ALLOW))
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer)))
    libc = _libc()
    _called(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _called(libc.prctl(_SET_SECCOMP, _FILTER, header, 0, 0))


def _if_bits(
    number: int, argument: int, bits: int, then: int, otherwise: int
) -> list[tuple[int, int, int, int]]:
    """Instructions for the call ``number``: by whether an argument has any of these bits."""
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, 16 + 8 * argument),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, then),
        (_RETURN, 0, 0, otherwise),
    ]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused by the kernel")
