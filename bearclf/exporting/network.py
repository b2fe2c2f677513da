"""A bundle's network in one piece: weights, and what tells whether a photo is one of the classes, inside.

A bundle's own ``network.onnx`` has its weights in ``export.pkl``, and bearclf judges familiarity beside it.
What is exported stands alone: ``pixels``, ``uint8`` (n, 3, height, width), in; ``probabilities`` (n, classes)
and ``familiarity`` (n,) out. Its metadata has what is needed around it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT, NEIGHBOURS, NETWORK, read_checked
from bearclf.models.card import NO_NOVELTY, Card, read_card
from bearclf.models.novelty import NoveltyDetector
from bearclf.prediction.network import SQUISHED, VOCAB, ExportedNetwork, same_pixels
from bearclf.settings import WORKING_SIDE

log = logging.getLogger(__name__)

ALREADY_SMALL = 256
"""Tensors of fewer numbers keep their precision: there is nothing to gain."""

WHOLE_NUMBERS = 2**15 - 1
"""The largest of the whole numbers that stand for weights."""


@dataclass(frozen=True)
class Seen:
    """How a decoded photo becomes pixels.

    It is resized to ``size`` (width, height) by Pillow's ``BILINEAR``: whatever its shape where ``way`` is
    "squish", its middle where it is "crop", with black edges where it is "pad". Of that the middle ``middle``
    (width, height) is seen.
    """

    way: str
    size: tuple[int, int]
    middle: tuple[int, int]

    def as_json(self) -> dict[str, Any]:
        """For metadata, and for what reads it."""
        return asdict(self)


@dataclass(frozen=True)
class Standalone:
    """An ONNX ``model`` (``onnx.ModelProto``) that needs no other file, with what is known of it."""

    card: Card
    seen: Seen
    model: Any


def standalone(bundle: Path) -> Standalone:
    """The network of a bundle, with its weights and its novelty detector inside.

    Raises UserError if the bundle isn't one, is damaged, or its network can't be had.
    """
    import onnx

    card = read_card(bundle)
    pickled = read_checked(bundle, EXPORT, card)
    detector = (
        None if card.novelty == NO_NOVELTY else NoveltyDetector.load(read_checked(bundle, NEIGHBOURS, card))
    )
    content = read_checked(bundle, NETWORK, card) if NETWORK in card.files else _exported(bundle, pickled)
    model = onnx.load_model_from_string(content)
    _take_weights_in(model, pickled)
    seen = _seen(model)
    _add_detector(model, detector, card.known_from)
    metadata = {
        VOCAB: card.classes,
        "resize": seen.as_json(),
        "working_side": WORKING_SIDE,
        "none_below": card.none_below,
        "known_from": card.known_from,
        **({} if card.threshold is None else {"threshold": card.threshold}),
        "noun": card.noun,
    }
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {key: json.dumps(value) for key, value in metadata.items()})
    onnx.checker.check_model(model)
    return Standalone(card, seen, model)


def in_16_bits(model: Any) -> Any:
    """The same model with 16 bits for each weight; it computes in ``float32``, as before.

    A weight becomes a whole number, with a scale for each row (an output's weights), which is some ten times
    as exact as ``float16``. What is exactly ``float16`` becomes that. Whatever runs the model turns them back
    when it loads them, so that answers take no longer.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    small = onnx.ModelProto()
    small.CopyFrom(model)
    steps, scales = [], []
    for tensor in small.graph.initializer:
        if (
            tensor.data_type != TensorProto.FLOAT
            or len(tensor.dims) < 2
            or np.prod(tensor.dims) < ALREADY_SMALL
        ):
            continue
        name, weights = tensor.name, numpy_helper.to_array(tensor)
        packed, full = f"{name}/packed", f"{name}/full"
        with np.errstate(over="ignore"):
            half = weights.astype(np.float16)
        if np.array_equal(half, weights):
            tensor.CopyFrom(numpy_helper.from_array(half, packed))
            steps.append(helper.make_node("Cast", [packed], [name], to=TensorProto.FLOAT))
            continue
        scale = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True) / WHOLE_NUMBERS
        scale[scale == 0] = 1
        tensor.CopyFrom(numpy_helper.from_array(np.round(weights / scale).astype(np.int16), packed))
        scales.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}/scale"))
        steps.append(helper.make_node("Cast", [packed], [full], to=TensorProto.FLOAT))
        steps.append(helper.make_node("Mul", [full, f"{name}/scale"], [name]))
    small.graph.initializer.extend(scales)
    nodes = [*steps, *small.graph.node]
    del small.graph.node[:]
    small.graph.node.extend(nodes)
    return small


def _exported(bundle: Path, pickled: bytes) -> bytes:
    """The network of a bundle that has none for onnxruntime yet, as its learner gives it."""
    from bearclf.prediction.learned import LearnedNetwork

    try:
        learned = LearnedNetwork(pickled)
        content = learned.exported()
        same = same_pixels(ExportedNetwork(content), learned)
    except Exception as error:  # each exporter and backbone has errors of its own
        log.info("No network of %s", bundle, exc_info=error)
        same = False
    if not same:
        raise UserError(
            f"The network of the model in {bundle} can't be taken out of bearclf: it does something that "
            "other programs don't know. Train the model with another --arch, or hand out its bundle."
        )
    return content


def _seen(model: Any) -> Seen:
    """The one place that reads how a network's photos are resized."""
    metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    height, width = (side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim[2:])
    return Seen(metadata.get("resized", "squish"), tuple(metadata[SQUISHED]), (width, height))


def _take_weights_in(model: Any, pickled: bytes) -> None:
    """The opposite of leaving them in ``export.pkl``."""
    from onnx import TensorProto
    from onnx.external_data_helper import ExternalDataInfo, uses_external_data

    for tensor in model.graph.initializer:
        if uses_external_data(tensor):
            where = ExternalDataInfo(tensor)
            start = where.offset or 0
            tensor.raw_data = pickled[start : start + (where.length or 0)]
            tensor.data_location = TensorProto.DEFAULT
            del tensor.external_data[:]


def _add_detector(model: Any, detector: NoveltyDetector | None, known_from: float) -> None:
    """Give ``model`` the output ``familiarity`` in place of ``features``, of which ``detector`` makes it;
    without one, every photo is as familiar as a known one.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    features, familiarity = graph.output[1].name, "familiarity"

    def constant(name: str, array: Any, kind: Any = np.float32) -> str:
        graph.initializer.append(
            numpy_helper.from_array(np.ascontiguousarray(array, kind), f"novelty/{name}")
        )
        return f"novelty/{name}"

    def step(operator: str, *inputs: str, output: str | None = None, **options: Any) -> str:
        name = output or f"novelty/step{len(graph.node)}"
        outputs = [name, f"{name}/indices"] if operator == "TopK" else [name]
        graph.node.append(helper.make_node(operator, inputs, outputs, **options))
        return name

    replaced = helper.make_tensor_value_info(familiarity, TensorProto.FLOAT, ["photos"])
    if detector is None:
        shape = step("Slice", step("Shape", features), *(constant(f"{i}", [i], np.int64) for i in (0, 1)))
        step("Expand", constant("known", [known_from]), shape, output=familiarity)
        graph.output[1].CopyFrom(replaced)
        return
    vectors = features
    if detector.whitening is not None:
        vectors = step("MatMul", vectors, constant("whitening", detector.whitening.T))
    length = step("ReduceL2", vectors, axes=[1], keepdims=1)
    unit = step("Div", vectors, step("Max", length, constant("tiny", [1e-12])))
    similarities = step("MatMul", unit, constant("vectors", detector.vectors.T))
    nearest = step("TopK", similarities, constant("count", [detector.neighbours_compared], np.int64))
    nearness = step("ReduceMean", nearest, axes=[1], keepdims=0)
    if detector.knowledge is None or detector.coefficients is None or detector.ceiling is None:
        step("Identity", nearness, output=familiarity)
    else:
        knowledge = detector.knowledge
        weight, bias = constant("weight", knowledge.weight), constant("bias", knowledge.bias)
        logits = step("Gemm", features, weight, bias, transB=1)
        own, others = (
            step(
                "ReduceMax",
                step("Gather", logits, constant(name, np.flatnonzero(chosen), np.int64), axis=1),
                axes=[1],
                keepdims=0,
            )
            for name, chosen in (("own", knowledge.own), ("others", ~knowledge.own))
        )
        margin = step("Sub", own, others)

        def weighted(name: str, weight: float, evidence: str) -> str:
            return step("Mul", evidence, constant(name, [weight]))

        by_nearness, by_margin = detector.coefficients[1:]
        both = step("Add", weighted("nearness", by_nearness, nearness), weighted("margin", by_margin, margin))
        likely = step("Sigmoid", step("Add", both, constant("intercept", detector.coefficients[:1])))
        limit = weighted("ceiling", detector.ceiling[1], nearness)
        most = step("Sigmoid", step("Add", limit, constant("ceiling intercept", detector.ceiling[:1])))
        step("Min", likely, most, output=familiarity)
    graph.output[1].CopyFrom(replaced)
