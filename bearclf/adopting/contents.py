"""What a file is, and what it would import: from its bytes alone. Nothing is unpickled here."""

from __future__ import annotations

import logging
import zipfile
from typing import BinaryIO

from bearclf.errors import UserError

MOST_UNPACKED = 4 * 2**30
"""Largest sum of the parts of an export, in bytes, once they are unpacked."""

_USUAL_ROOMS = (
    *(
        "torch",
        "torchvision",
        "timm",
        "fastai",
        "fastai2",
        "fastcore",
        "fasttransform",
        "plum",
        "numpy",
        "PIL",
    ),
    *("pathlib", "collections", "typing", "enum", "copyreg", "_codecs", "datetime"),
)
_USUAL = {
    "builtins": "getattr print set frozenset object tuple list dict bytes bytearray str int float bool long "
    "unicode slice complex type range property NoneType reduce",
    "functools": "partial reduce",
    "random": "Random",
    "inspect": "Signature Parameter _ParameterKind _empty",
    "_operator": "or_ itemgetter attrgetter",
    "operator": "itemgetter attrgetter",
    "re": "_compile",
    "types": "FunctionType",
}
# Within the libraries that exports are made of there are functions, too, that fetch, open and run things.
_NOT_USUAL = {
    "load",
    "hub",
    "download",
    "url",
    "save",
    "exec",
    "eval",
    "system",
    "run",
    "open",
    "untar",
    "subprocess",
}
_USUAL_ALL_THE_SAME = ("load_image",)
_OWN_ROOMS = ("__main__", "cloudpickle", "dill", "fastbook", "utils", "src", "app")

_KINDS = (
    ((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*"), "is a photo"),
    ((b"%PDF",), "is a PDF document"),
    ((b"\x89HDF",), "is a model of Keras (HDF5)"),
    (
        (b"version https://git-lfs",),
        "is a pointer to the real one, which Git LFS keeps: run “git lfs pull”",
    ),
    ((b"<!doc", b"<html", b"<!DOC", b"<HTML"), "is a web page, saved in the export's place"),
    ((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh"), "is a packed archive: please unpack it first"),
)


def check_kind(file: BinaryIO) -> None:
    """Raises UserError, with a sentence on what a file is, unless it can be a pickle."""
    file.seek(0)
    start = file.read(4096)
    file.seek(0)
    if not start:
        raise UserError("This file is empty. Please copy or download it again.")
    for beginnings, what in _KINDS:
        if start.startswith(beginnings):
            raise UserError(f"This file {what}. {_WANTED}")
    if start[8:12] in (b"WEBP", b"ftyp") or start[4:8] == b"ftyp":
        raise UserError(f"This file is a photo. {_WANTED}")
    if start[8:9] == b"{" and b'"dtype"' in start:
        raise UserError(
            "This file holds weights alone (safetensors): neither the network that they belong to nor its "
            f"classes. {_WANTED}"
        )
    if start.startswith(b"PK"):
        _check_archive(file)
    elif start[:1] not in (b"\x80", b"(", b"c", b"]", b"}", b"I", b"L", b"N") or start[:2] == b"\x80\x00":
        raise UserError(f"This file isn't an export of fastai, or is damaged. {_WANTED}")
    file.seek(0)


_WANTED = "An export.pkl is written by learn.export() in the notebook where the model was trained."


def _check_archive(file: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UserError(
            "This file was cut short or is damaged: its end is missing. Please copy or download it again."
        ) from error
    names = [member.filename for member in members]
    if any(name.endswith("constants.pkl") for name in names) and any("/code/" in name for name in names):
        raise UserError(
            "This file is a TorchScript program, which has neither classes nor transforms of fastai. "
            + _WANTED
        )
    if not any(name.endswith("data.pkl") for name in names):
        raise UserError(f"This file is a zip archive, but no export of fastai. {_WANTED}")
    if sum(member.file_size for member in members) > MOST_UNPACKED or len(members) > 100_000:
        raise UserError("This file unpacks to more than any export has, so it was put away.")
    pickles = sum(member.file_size for member in members if member.filename.endswith(".pkl"))
    if pickles > 256 * 2**20:
        raise UserError("This file's description is larger than any export's, so it was put away.")


def contents(file: BinaryIO) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The names that a file would import: usual ones in exports, those of somebody's own, and unusual ones.

    Raises UserError, with a sentence on what it is, if it is no pickle.
    """
    from picklescan.scanner import scan_bytes  # type: ignore[import-untyped]

    check_kind(file)
    logging.getLogger("picklescan").setLevel(logging.CRITICAL)  # what is wrong with the file is told here
    found = scan_bytes(file, "export.pkl", ".pkl")
    names = sorted({(one.module.strip(), one.name.strip()) for one in found.globals})
    if not names:
        file.seek(0)
        if b"collections" not in file.read(4096):
            raise UserError(f"This file isn't an export of fastai, or is damaged. {_WANTED}")
    if len(names) > 2000:
        raise UserError("This file would import more than any export does, so it was put away.")
    kinds: dict[str, list[str]] = {"usual": [], "own": [], "unusual": []}
    for module, name in names:
        kinds[_kind(module.replace("__builtin__", "builtins"), name)].append(f"{module}.{name}"[:300])
    usual, own, unusual = (tuple(kinds[kind]) for kind in ("usual", "own", "unusual"))
    return usual, own, unusual


def _kind(module: str, name: str) -> str:
    room = module.partition(".")[0]
    if room in _OWN_ROOMS:
        return "own"
    if name in _USUAL.get(module, "").split():
        return "usual"
    words = {*name.lower().replace(".", "_").split("_"), *module.split(".")[1:2]}
    return (
        "usual"
        if room in _USUAL_ROOMS and (name in _USUAL_ALL_THE_SAME or not words & _NOT_USUAL)
        else "unusual"
    )
