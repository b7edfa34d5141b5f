"""An ONNX file inspected before anything runs it: what it may hold, what is refused, and why.

The graph is parsed with `onnx` and walked; no operator is called. Loaded inside the sandbox alone.
Sources: https://github.com/onnx/onnx/blob/main/docs/IR.md, ExternalData.md, Operators.md.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from ecluse.domain.errors import InvalidInput

DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml"})
"""Operators of the standard: all others are code of somebody's own."""
RANDOM: Final = frozenset(
    {
        *("Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike"),
        *("RandomUniform", "RandomUniformLike"),
    }
)
"""Operators that answer otherwise from one time to the next."""
UNREAD: Final = frozenset({"ImageDecoder"})
"""Operators that read a format of files: a second parser of hostile bytes."""
SWELLING: Final = frozenset({"ConstantOfShape", "Expand", "Range", "Resize", "Tile", "Pad"})
"""Operators by which a few bytes of a file ask for any amount of memory."""
MOST_NODES: Final = 100_000
MOST_DEPTH: Final = 8
MOST_ELEMENTS: Final = 50_000_000
"""Elements of one tensor that an operator may be told to make (400 MB of doubles)."""
MOST_WEIGHT_BYTES: Final = 1024 * 1024 * 1024
MOST_NOTE_BYTES: Final = 65_536
_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class OnnxFacts:
    """What a file holds: its operators by name, nodes, bytes of weights, inputs and outputs."""

    operators: tuple[str, ...]
    nodes: int
    weight_bytes: int
    opsets: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def inspect(path: Path) -> OnnxFacts:
    """Return what an ONNX file holds, if it holds nothing that is refused.

    Raises:
        InvalidInput: it is no ONNX model; it names operators of its author's, files beside it,
            sizes that would fill the memory, or what makes it answer at random.
    """
    model = _parsed(path)
    _check_opsets(model)
    nodes = list(_nodes(model.graph, depth=0))
    if len(nodes) > MOST_NODES:
        raise InvalidInput(f"The model has {len(nodes)} operators: {MOST_NODES} at most.")
    for node in nodes:
        _check_operator(node)
    weights = list(_tensors(model.graph))
    for tensor in weights:
        _check_tensor(tensor)
    known = {tensor.name: tensor for tensor in weights if tensor.name}
    for node in nodes:
        _check_swelling(node, known)
    size = sum(_bytes(tensor) for tensor in weights)
    if size > MOST_WEIGHT_BYTES:
        raise InvalidInput(f"The weights take {size} bytes: {MOST_WEIGHT_BYTES} at most.")
    return OnnxFacts(
        operators=tuple(sorted({node.op_type for node in nodes})),
        nodes=len(nodes),
        weight_bytes=size,
        opsets=tuple(f"{one.domain or 'ai.onnx'} {one.version}" for one in model.opset_import),
        inputs=_names(model.graph.input, without=known),
        outputs=_names(model.graph.output, without={}),
    )


def _parsed(path: Path) -> ModelProto:
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError):
        raise InvalidInput("The file is no ONNX model: export it again.") from None
    if not model.graph.node:
        raise InvalidInput("The file holds no operator: it is no ONNX model.")
    if model.functions or model.training_info:
        raise InvalidInput(
            "The model defines functions or training of its own: inline them "
            "(onnx.inliner.inline_local_functions) and export it again."
        )
    notes = len(model.doc_string) + sum(len(p.key) + len(p.value) for p in model.metadata_props)
    if notes > MOST_NOTE_BYTES:
        raise InvalidInput(f"The model bears {notes} characters of notes: remove them.")
    return model


def _check_opsets(model: ModelProto) -> None:
    for opset in model.opset_import:
        if opset.domain not in DOMAINS:
            raise InvalidInput(
                f"The model needs operators of {_shown(opset.domain)}, which are code that is not "
                "of the standard: use those of ai.onnx and ai.onnx.ml."
            )


def _nodes(graph: GraphProto, *, depth: int) -> Iterator[NodeProto]:
    """Yield the nodes of a graph and of the graphs inside it (branches, bodies of loops)."""
    if depth > MOST_DEPTH:
        raise InvalidInput(f"The model nests graphs over {MOST_DEPTH} deep: flatten it.")
    for node in graph.node:
        yield node
        for inner in _graphs(node):
            yield from _nodes(inner, depth=depth + 1)


def _graphs(node: NodeProto) -> Iterator[GraphProto]:
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        elif attribute.type == AttributeProto.GRAPHS:
            yield from attribute.graphs


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """Yield every tensor written in the file: weights, constants, at any depth."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from _written(attribute, node)
        for inner in _graphs(node):
            yield from _tensors(inner)


def _written(attribute: AttributeProto, node: NodeProto) -> Iterator[TensorProto]:
    if attribute.type == AttributeProto.TENSOR:
        if node.op_type == "Constant" and node.output and not attribute.t.name:
            attribute.t.name = node.output[0]
        yield attribute.t
    yield from attribute.tensors
    sparse = [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
    for one in (*sparse, *attribute.sparse_tensors):
        yield from (one.values, one.indices)


def _check_operator(node: NodeProto) -> None:
    if node.domain not in DOMAINS:
        raise InvalidInput(
            f"The operator {_shown(node.op_type)} is of {_shown(node.domain)}: an operator of "
            "one's own is code. Use those of ai.onnx and ai.onnx.ml."
        )
    domain = "" if node.domain == "ai.onnx" else node.domain
    if not onnx.defs.has(node.op_type, domain):
        raise InvalidInput(f"The standard has no operator {_shown(node.op_type)}: it is code.")
    if node.op_type in RANDOM:
        raise InvalidInput(
            f"The operator {node.op_type} draws at random: an evaluation that cannot be repeated "
            "proves nothing. Fix it to its mean."
        )
    if node.op_type in UNREAD:
        raise InvalidInput(
            f"The operator {node.op_type} reads files: give the model numbers or texts."
        )


def _check_tensor(tensor: TensorProto) -> None:
    """Refuse a tensor whose bytes lie elsewhere, or that announces others than it has."""
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise InvalidInput(
            "The model names files beside it for its weights: a path could be any file of the "
            "machine. Save it in one file."
        )
    if any(size < 0 for size in tensor.dims):
        raise InvalidInput("A tensor of the model has a negative size: export it again.")
    elements = math.prod(tensor.dims)
    if elements > MOST_ELEMENTS:
        raise InvalidInput(f"A tensor announces {elements} numbers: {MOST_ELEMENTS} at most.")
    held = _held(tensor)
    if held < elements and not (held == 0 and elements == 0):
        raise InvalidInput(
            f"A tensor announces {elements} numbers and {held} are there: export it again."
        )


def _held(tensor: TensorProto) -> int:
    """Return how many elements are written in the file."""
    if tensor.raw_data:
        kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
        return len(tensor.raw_data) // max(1, kind.itemsize)
    fields = ("float_data", "int32_data", "string_data", "int64_data", "double_data", "uint64_data")
    return max(len(getattr(tensor, name)) for name in fields)


def _bytes(tensor: TensorProto) -> int:
    return int(tensor.ByteSize())


def _check_swelling(node: NodeProto, known: dict[str, TensorProto]) -> None:
    """Refuse an operator told by a constant to make more than the memory holds."""
    if node.op_type not in SWELLING:
        return
    for name in node.input:
        tensor = known.get(name)
        if tensor is None or tensor.data_type not in (TensorProto.INT64, TensorProto.INT32):
            continue
        sizes = [abs(int(one)) for one in onnx.numpy_helper.to_array(tensor).reshape(-1)]
        asked = max(sizes, default=0) if node.op_type in ("Range", "Pad") else math.prod(sizes)
        if asked > MOST_ELEMENTS:
            raise InvalidInput(
                f"The operator {node.op_type} is told to make {asked} numbers out of a few bytes: "
                f"{MOST_ELEMENTS} at most."
            )


def _names(values: Iterator[object], *, without: dict[str, TensorProto]) -> tuple[str, ...]:
    return tuple(name for one in values if (name := str(getattr(one, "name", ""))) not in without)


def _shown(text: str) -> str:
    """Return a name that the file bears, short and in one line."""
    kept = "".join(letter if letter.isprintable() else "?" for letter in text[:_NAME])
    return f"“{kept}”"
