"""Several labels of one photo as one text, where elsewhere a class stands. No label has a line feed in it."""

from __future__ import annotations

from collections.abc import Iterable


def joined(labels: Iterable[str]) -> str:
    """Labels, in their order by name, as one text; none as an empty one."""
    return "\n".join(sorted(labels))


def apart(text: str) -> list[str]:
    """The labels of what :func:`joined` has made; of a class, itself."""
    return text.split("\n") if text else []
