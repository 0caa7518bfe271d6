"""From a model folder to the torch network, from whichever of its files holds the weights.

The embedded model is shipped as ONNX alone. Its weights are read back from that, so that training
can go on from them and that it runs on a GPU.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from fgaesq.errors import WeightsError
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.specs import build
from fgaesq.models.weights import ModelFolder, load_state

__all__ = ["read_network"]

_PREFIX = "model."  # of names in the file of a network that explains
_CODES, _SCALE = ".codes", ".scale"
_ALIKE = {"cells.out.bias": "overview.out.bias"}
"""Both are added to the feature and learn alike from zero; of equal tensors, ONNX keeps one."""
_AS_IT_IS = ("scale_embedding",)
"""Loses its name without being turned; all others are matrices of linear layers."""


def read_network(folder: ModelFolder) -> FGAesQ:
    """Return the network of a model folder, in training mode as torch builds it.

    Raises:
        WeightsError: a file is missing, was changed, or does not hold the network.
    """
    path = folder.verified(folder.weights_file("torch"))
    with torch.random.fork_rng(devices=[]):  # the fresh weights are drawn from the global generator
        model = build(folder.spec)
    try:
        if path.suffix == ".safetensors":
            # assign: the loaded tensors replace the fresh ones instead of being copied into them.
            model.load_state_dict(load_state(path), assign=True)
        else:
            _take(model, onnx.load(path).graph)
    except (RuntimeError, LookupError, DecodeError) as error:
        reason = " ".join(str(error).split())
        raise WeightsError(
            f"{path}: does not hold {folder.spec.name} ({reason}); import the model again"
        ) from None
    return model


def _take(model: FGAesQ, graph: onnx.GraphProto) -> None:
    """Give a network the numbers of a file that `engines.export` wrote, int8 or not.

    Most have the names that they have here. What the exporter turned or folded into its place has
    lost its name, but is used in the order in which the network uses it.

    Raises:
        LookupError: something is missing, left over, or of another shape.
    """
    values = _values(graph)
    own = dict(model.named_parameters()) | dict(model.named_buffers())
    prefix = _PREFIX if f"{_PREFIX}class_token" in values else ""
    found = {name: values[prefix + name] for name in own if prefix + name in values}
    lacking = [name for name in own if name not in found]
    for value in _nameless(graph, values, {prefix + name for name in found}):
        place = next((name for name in lacking if _fits(value, own[name], name)), None)
        if place is None:
            raise LookupError(f"no place for a tensor of shape {value.shape}")
        found[place] = value if place in _AS_IT_IS else value.T
        lacking.remove(place)
    for name in lacking:
        if name not in _ALIKE:
            raise LookupError(f"no {name}")
        found[name] = found[_ALIKE[name]]
    with torch.no_grad():
        for name, tensor in own.items():
            if tensor.shape != found[name].shape:
                raise LookupError(f"{name} is of shape {found[name].shape}")
            tensor.copy_(torch.tensor(found[name]))


def _values(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """Return the constants of float by their names; those stored as int8 as they are run."""
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    values = {name: value for name, value in stored.items() if value.dtype == np.float32}
    for name, codes in stored.items():
        if name.endswith(_CODES):
            base = name.removesuffix(_CODES)
            values[base] = codes.astype(np.float32) * values.pop(f"{base}{_SCALE}")
    return values


def _nameless(
    graph: onnx.GraphProto, values: Mapping[str, NDArray[np.float32]], named: Collection[str]
) -> list[NDArray[np.float32]]:
    """Return the matrices that have no name of ours, in the order of their first use."""
    used = dict.fromkeys(name for node in graph.node for name in node.input)
    return [
        values[name]
        for name in used
        if name in values and name not in named and values[name].ndim > 1
    ]


def _fits(value: NDArray[np.float32], tensor: Tensor, name: str) -> bool:
    return value.shape == (tensor.shape if name in _AS_IT_IS else tensor.shape[::-1])
