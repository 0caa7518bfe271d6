"""What every engine does, and how token sets become the network's input arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import EngineError, MissingExtraError, UnknownNameError
from fgaesq.models.specs import ModelSpec
from fgaesq.tokens.naturalness import NATURALNESS_INPUT
from fgaesq.tokens.positions import position_weights
from fgaesq.types import TokenSet

if TYPE_CHECKING:
    from fgaesq.models.weights import ModelFolder

__all__ = [
    "Engine",
    "EngineOptions",
    "Outputs",
    "input_arrays",
    "no_outputs",
    "open_engine",
    "usable_cores",
]


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """Of N images: features (N, F) and logits over the ten score bins (N, 10), float32.

    `effects` (N, T) is what each token slot adds to its image's score, to first order
    (`FGAesQ.explain`); None from a model that cannot tell.

    Raises:
        EngineError: a number is not finite; no order could be trusted.
    """

    features: NDArray[np.float32]
    logits: NDArray[np.float32]
    effects: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.features).all() and np.isfinite(self.logits).all()):
            raise EngineError(
                "the model gave numbers that are not finite; "
                "its weights are damaged or the device does not compute them"
            )

    @property
    def distributions(self) -> NDArray[np.float64]:
        """Probabilities of the scores 1 to 10, (N, 10); each row sums to 1."""
        logits = self.logits.astype(np.float64)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    @property
    def scores(self) -> NDArray[np.float64]:
        """The expectation of the distribution, 1 to 10, (N,); equal rows have equal scores."""
        # Not a matrix product: that takes the sums of its last rows in another order.
        scores: NDArray[np.float64] = (self.distributions * np.arange(1, 11)).sum(axis=1)
        return scores


def no_outputs(spec: ModelSpec) -> Outputs:
    """Return the outputs of no images."""
    return Outputs(np.zeros((0, spec.feature), np.float32), np.zeros((0, 10), np.float32))


class Engine(Protocol):
    """A loaded network. The result for an image does not depend on what else is in the call."""

    name: str

    def run(self, tokens: Sequence[TokenSet]) -> Outputs:
        """Return the outputs of each token set, in order."""
        ...


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to run a network.

    Attributes:
        engine: `onnx` (base install) or `torch` (`train` extra).
        threads: images (onnx) or cores (torch) worked on at once.
        batch: images per pass of the torch engine; has no meaning for onnx, which takes one image a
            thread.
        device: `cpu` or `cuda`, torch only.
        precision: `fp32` or `bf16`, torch only.

    Raises:
        EngineError: a number is below 1, or the engine has no such device or precision.
    """

    engine: Literal["onnx", "torch"] = "onnx"
    threads: int = 1
    batch: int = 8
    device: str = "cpu"
    precision: Literal["fp32", "bf16"] = "fp32"

    def __post_init__(self) -> None:
        if min(self.threads, self.batch) < 1:
            raise EngineError(
                f"threads is {self.threads} and batch is {self.batch}; give at least 1 of each"
            )
        if self.precision not in ("fp32", "bf16"):
            raise EngineError(f"precision is '{self.precision}'; give fp32 or bf16")
        if self.engine == "onnx" and (self.device, self.precision) != ("cpu", "fp32"):
            raise EngineError(
                f"device is '{self.device}' and precision is '{self.precision}'; "
                "the onnx engine has cpu and fp32 only, use the torch engine"
            )


def open_engine(folder: ModelFolder, options: EngineOptions) -> Engine:
    """Load the network of a model folder.

    Raises:
        UnknownNameError: there is no such engine.
        MissingExtraError: the engine's packages are not installed.
        EngineError: the device is not there.
        WeightsError: the folder lacks the file that the engine needs, or the file is damaged.
    """
    if options.engine == "onnx":
        from fgaesq.engines.onnx_engine import OnnxEngine

        return OnnxEngine(folder, threads=options.threads)
    if options.engine == "torch":
        try:
            from fgaesq.engines.torch_engine import TorchEngine
        except ModuleNotFoundError:
            raise MissingExtraError("the torch engine", "train") from None
        return TorchEngine(folder, options)
    raise UnknownNameError("engine", options.engine, ("onnx", "torch"))


def input_arrays(tokens: Sequence[TokenSet], spec: ModelSpec) -> dict[str, NDArray[np.generic]]:
    """Return the network's inputs for N token sets of T slots each, by name.

    Returns:
        `patches` (N, T, 3, 16, 16) float32 normalised, `position_weights` (N, T, 1 + G * G)
        float32, `scales` (N, T) int64, `padded` (N, T) bool, `attended` (N, T) bool, and for a
        model that needs them `statistics` (N, T, S) float32 and `naturalness` (N, K) float32.
    """
    arrays: dict[str, NDArray[np.generic]] = {
        "patches": np.stack([_normalised(one, spec) for one in tokens]),
        "position_weights": np.stack(
            [position_weights(one, table_size=spec.table_size) for one in tokens]
        ),
        "scales": np.stack([one.scales for one in tokens]).astype(np.int64),
        "padded": np.stack([one.padded for one in tokens]),
        "attended": np.stack([~one.padded | one.attend_padding for one in tokens]),
    }
    if spec.layout.statistics:
        arrays["statistics"] = np.stack([_statistics(one) for one in tokens])
    if spec.naturalness:
        arrays["naturalness"] = np.stack([_naturalness(one) for one in tokens])
    return arrays


def _statistics(tokens: TokenSet) -> NDArray[np.float32]:
    if tokens.statistics is None:
        raise ValueError("this model needs token sets with statistics")
    return tokens.statistics


def _naturalness(tokens: TokenSet) -> NDArray[np.float32]:
    """Return what naturalness says, zeros for an image that is not judged by it."""
    known = tokens.naturalness
    return np.zeros(NATURALNESS_INPUT, np.float32) if known is None else known


def _normalised(tokens: TokenSet, spec: ModelSpec) -> NDArray[np.float32]:
    if tokens.patches.dtype == np.float32:
        return tokens.patches.astype(np.float32, copy=False)
    mean = np.array(spec.normalisation.mean, np.float32).reshape(3, 1, 1) * 255
    std = np.array(spec.normalisation.std, np.float32).reshape(3, 1, 1) * 255
    return ((tokens.patches - mean) / std).astype(np.float32, copy=False)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
