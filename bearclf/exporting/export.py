"""A bundle goes where bearclf isn't: into a browser, another program, a notebook, a container."""

from __future__ import annotations

from pathlib import Path

from bearclf.errors import UserError
from bearclf.exporting.places import check_file, check_folder, write_file, write_folder
from bearclf.models.card import read_card
from bearclf.settings import AnyPath

WEB_FOLDER, SPACE_FOLDER = "web", "space"


def export(
    bundle: AnyPath,
    *,
    web: AnyPath | None = None,
    onnx: AnyPath | None = None,
    pkl: AnyPath | None = None,
    space: AnyPath | None = None,
) -> list[Path]:
    """Write what is asked for of a bundle, and return where.

    ``web`` is a folder for a page that needs no server, ``onnx`` a file for the network in one piece, ``pkl``
    a file for fastai's ``load_learner`` where bearclf isn't installed, ``space`` a folder for a container.
    Raises UserError, before anything is written, if nothing is asked for, the bundle isn't one, or there is
    something else at one of these places; if the network can't be exported; and if a model with several
    labels for a photo is to go where each has one.
    """
    bundle = Path(bundle)
    card = read_card(bundle)
    places = {
        name: Path(place)
        for name, place in (("web", web), ("onnx", onnx), ("pkl", pkl), ("space", space))
        if place is not None
    }
    if not places:
        raise UserError("Please say what to write: --web, --onnx, --pkl or --space, each with a place.")
    if card.threshold is not None and {"web", "pkl"} & places.keys():
        raise UserError(
            "This model may say several labels of a photo. --web and --pkl are for one class each; "
            "--onnx and --space take it."
        )
    for name, place in places.items():
        if name in ("onnx", "pkl"):
            check_file(place)
        else:
            check_folder(place, name)
    if "web" in places or "onnx" in places:
        _write_network(bundle, places)
    if "pkl" in places:
        from bearclf.exporting.learner import bare_learner

        write_file(places["pkl"], bare_learner(bundle))
    if "space" in places:
        from bearclf.exporting.space import fill_space

        write_folder(places["space"], SPACE_FOLDER, lambda folder: fill_space(folder, bundle))
    return list(places.values())


def _write_network(bundle: Path, places: dict[str, Path]) -> None:
    from bearclf.exporting.network import standalone
    from bearclf.exporting.web import fill_web

    network = standalone(bundle)
    if "web" in places:
        write_folder(places["web"], WEB_FOLDER, lambda folder: fill_web(folder, network))
    if "onnx" in places:
        write_file(places["onnx"], network.model.SerializeToString())
