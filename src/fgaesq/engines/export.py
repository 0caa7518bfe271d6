"""From a torch network to the ONNX file that the base install runs, and to a model folder."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from fgaesq.errors import WeightsError
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.reasons_file import ReasonWords, write_reasons
from fgaesq.models.specs import ModelSpec
from fgaesq.models.weights import REASONS_FILE, check_new_folder, save_state, write_manifest
from fgaesq.tokens.naturalness import NATURALNESS_INPUT
from fgaesq.tokens.statistics import TOKEN_STATISTICS

__all__ = ["INPUT_NAMES", "export_onnx", "quantise_weights", "write_model_folder"]

INPUT_NAMES = (
    "patches",
    "position_weights",
    "scales",
    "padded",
    "attended",
    "statistics",
    "naturalness",
)
_OPSET = 18
_EXPORTER_TALK = (
    (r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning),
    (r"# The axis name: batch will not be used", UserWarning),
)
_SMALLEST_QUANTISED = 4096  # elements; smaller tensors cost nothing and hold the delicate values


def write_model_folder(
    model: FGAesQ,
    spec: ModelSpec,
    folder: Path,
    *,
    version: str,
    temperature: float,
    licence: str,
    provenance: Mapping[str, Any],
    reasons: ReasonWords | None = None,
    quantise: bool = False,
) -> None:
    """Write a network as a folder that `find_model` opens.

    Args:
        model: the network; it is left in evaluation mode.
        spec: its row in the table of models.
        folder: must not exist or be empty.
        version: of the weights.
        temperature: of P(A beats B), see `models.weights.ModelFolder`.
        licence: of the weights.
        provenance: where they come from; anything that JSON can hold.
        reasons: the words by which it says why one image is better, if it has any.
        quantise: store the weights as int8 (see `quantise_weights`) and leave out the file for the
            torch engine: a small folder, for shipping.

    Raises:
        WeightsError: the folder is not empty or cannot be written.
    """
    check_new_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        export_onnx(model, spec, folder / "model.onnx")
        if quantise:
            quantise_weights(folder / "model.onnx")
        else:
            save_state(model.state_dict(), folder / "model.safetensors")
        if reasons is not None:
            write_reasons(reasons, folder / REASONS_FILE)
        # The manifest comes last: without it, what an interruption leaves is not a model.
        write_manifest(
            folder,
            spec,
            version=version,
            temperature=temperature,
            licence=licence,
            provenance=provenance,
        )
    except OSError as error:
        raise WeightsError(
            f"{folder}: cannot be written ({error.strerror}); choose another place"
        ) from None


def export_onnx(model: FGAesQ, spec: ModelSpec, path: Path) -> None:
    """Write the network as ONNX with free batch size.

    Outputs are `feature`, `logits` and, of a network that `explains`, `effects`.
    """
    T, G = spec.layout.budget, spec.table_size
    example: tuple[torch.Tensor, ...] = (
        torch.zeros(2, T, 3, 16, 16),
        torch.zeros(2, T, 1 + G * G),
        torch.zeros(2, T, dtype=torch.int64),
        torch.zeros(2, T, dtype=torch.bool),
        torch.ones(2, T, dtype=torch.bool),
    )
    if spec.layout.statistics:
        example = (*example, torch.zeros(2, T, TOKEN_STATISTICS))
    if spec.naturalness:
        example = (*example, torch.zeros(2, NATURALNESS_INPUT))
    outputs = ["feature", "logits", "effects"][: 3 if model.explains else 2]
    batch = torch.export.Dim("batch", min=1, max=4096)
    with _quiet_exporter():
        program = torch.onnx.export(
            _Explained(model).eval() if model.explains else model.eval(),
            example,
            input_names=list(INPUT_NAMES[: len(example)]),
            output_names=outputs,
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


class _Explained(nn.Module):
    """A network whose forward pass also gives the effects of the tokens."""

    def __init__(self, model: FGAesQ) -> None:
        super().__init__()
        self.model = model

    def forward(  # each by name: the exporter does not take free axes for `*inputs`
        self,
        patches: Tensor,
        position_weights: Tensor,
        scales: Tensor,
        padded: Tensor,
        attended: Tensor,
        statistics: Tensor | None = None,
        naturalness: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        parts = self.model.parts(
            patches, position_weights, scales, padded, attended, statistics, naturalness
        )
        return self.model.explain(parts)


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
        names = [f"{tensor.name}.{part}" for part in ("codes", "float", "scale")]
        nodes.append(helper.make_node("Cast", names[:1], names[1:2], to=onnx.TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", names[1:], [tensor.name]))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + body)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Hold back what the exporter says of itself on every run; other warnings stay."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")

    def is_news(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("torchvision is not installed")

    logger.addFilter(is_news)
    try:
        with warnings.catch_warnings():
            for message, category in _EXPORTER_TALK:
                warnings.filterwarnings("ignore", message, category)
            yield
    finally:
        logger.removeFilter(is_news)


def _column_axis(graph: onnx.GraphProto, name: str) -> int:
    """Return the axis along which the outputs of a weight lie: 0 where it is used transposed."""
    for node in graph.node:
        if name in node.input:
            if node.op_type == "Transpose":
                return 0
            if node.op_type == "Gemm":
                return 0 if any(a.name == "transB" and a.i for a in node.attribute) else 1
    return 1


def _int8(values: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
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
