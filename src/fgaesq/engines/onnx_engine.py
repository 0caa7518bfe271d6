"""The engine of the base install: ONNX Runtime on the CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fgaesq.engines.base import Outputs, input_arrays, no_outputs
from fgaesq.errors import WeightsError
from fgaesq.models.weights import ModelFolder
from fgaesq.types import TokenSet

# From version 1.29 on, the builds of ONNX Runtime report its use over the network and leave an
# identifier in the user's cache folder, unless this is set before it is loaded. Photos and what is
# done with them are nobody's business: whoever wants the reports sets the variable to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime  # noqa: E402 - see above

__all__ = ["OnnxEngine"]


class OnnxEngine:
    """Runs one image at a time on each of `threads` threads.

    An image is never put into a batch with others and never split over threads: its sums are then
    always taken in the same order, so that its score is the same bit for bit however many images or
    threads there are. On CPUs this costs nothing, since one image fills a core.
    """

    name = "onnx"

    def __init__(self, folder: ModelFolder, *, threads: int = 1) -> None:
        self._spec = folder.spec
        self._threads = threads
        self._session = _session(folder.verified("model.onnx"))

    def run(self, tokens: Sequence[TokenSet]) -> Outputs:
        """Return the outputs of each token set, in order."""
        if not tokens:
            return no_outputs(self._spec)
        with ThreadPoolExecutor(max(1, min(self._threads, len(tokens)))) as threads:
            results = list(threads.map(self._run_one, tokens))
        columns = [np.concatenate(column) for column in zip(*results, strict=True)]
        return Outputs(*columns)

    def _run_one(self, tokens: TokenSet) -> list[NDArray[np.float32]]:
        """Return feature, logits and, from a model that has them, the effects of the tokens."""
        outputs: list[NDArray[np.float32]] = self._session.run(
            None, input_arrays([tokens], self._spec)
        )
        return outputs


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises a dozen unrelated types here
        raise WeightsError(
            f"{path}: ONNX Runtime {onnxruntime.__version__} cannot load it "
            f"({str(error).splitlines()[0]}); import or export the model again"
        ) from error
