"""From a torch network to the ONNX file that the base install runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.specs import ModelSpec

__all__ = ["INPUT_NAMES", "export_onnx", "quantise_weights"]

INPUT_NAMES = ("patches", "position_weights", "scales", "padded", "attended")
_OPSET = 18
_SMALLEST_QUANTISED = 4096  # elements; smaller tensors cost nothing and hold the delicate values


def export_onnx(model: FGAesQ, spec: ModelSpec, path: Path) -> None:
    """Write the network as ONNX with free batch size; outputs `feature` and `logits`."""
    T, G = spec.layout.budget, spec.table_size
    example = (
        torch.zeros(2, T, 3, 16, 16),
        torch.zeros(2, T, 1 + G * G),
        torch.zeros(2, T, dtype=torch.int64),
        torch.zeros(2, T, dtype=torch.bool),
        torch.ones(2, T, dtype=torch.bool),
    )
    batch = torch.export.Dim("batch", min=1, max=4096)
    program = torch.onnx.export(
        model.eval(),
        example,
        input_names=list(INPUT_NAMES),
        output_names=["feature", "logits"],
        dynamic_shapes=tuple({0: batch} for _ in example),
        opset_version=_OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise RuntimeError("torch.onnx.export gave no program")
    program.save(str(path))
    _strip(path)


def quantise_weights(path: Path) -> None:
    """Store large weight matrices as int8 with one scale per output column, in place.

    Only storage shrinks (about four times): ONNX Runtime turns the weights back to float32 when it
    loads the file and computes as before. Rounding is to the nearest of 255 steps per column.
    """
    model = onnx.load(path)
    graph = model.graph
    kept, nodes = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < _SMALLEST_QUANTISED:
            kept.append(tensor)
            continue
        axis = _column_axis(graph, tensor.name)
        codes, scale = _int8(values, axis)
        kept.append(numpy_helper.from_array(codes, f"{tensor.name}.codes"))
        kept.append(numpy_helper.from_array(scale, f"{tensor.name}.scale"))
        # Cast and Mul of constants are folded when the file is loaded; DequantizeLinear is not.
        nodes.append(
            helper.make_node(
                "Cast", [f"{tensor.name}.codes"], [f"{tensor.name}.float"], to=onnx.TensorProto.FLOAT
            )
        )
        nodes.append(
            helper.make_node(
                "Mul", [f"{tensor.name}.float", f"{tensor.name}.scale"], [tensor.name]
            )
        )
    del graph.initializer[:]
    graph.initializer.extend(kept)
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + body)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _column_axis(graph: onnx.GraphProto, name: str) -> int:
    """Return the axis along which the outputs of a weight lie: 0 where it is used transposed."""
    for node in graph.node:
        if name in node.input:
            if node.op_type == "Transpose":
                return 0
            if node.op_type == "Gemm":
                return 0 if any(a.name == "transB" and a.i for a in node.attribute) else 1
    return 1


def _int8(
    values: NDArray[np.float32], axis: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return codes and scales with values ~ codes * scale, one scale per index of `axis`."""
    largest = np.abs(values).max(axis=1 - axis, keepdims=True)
    scale = np.maximum(largest / 127, 1e-12).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def _strip(path: Path) -> None:
    """Remove the notes on where in the source each node came from; they name local paths."""
    model = onnx.load(path)
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    model.producer_name, model.producer_version = "fgaesq", ""
    onnx.checker.check_model(model)
    onnx.save(model, path)
