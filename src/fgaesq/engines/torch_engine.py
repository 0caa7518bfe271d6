"""The engine of the `train` extra: PyTorch, on the CPU or a GPU, in fp32 or bf16."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from fgaesq.engines.base import EngineOptions, Outputs, input_arrays, no_outputs
from fgaesq.engines.networks import read_network
from fgaesq.errors import EngineError
from fgaesq.models.weights import ModelFolder
from fgaesq.types import TokenSet

__all__ = ["TorchEngine"]


class TorchEngine:
    """Runs batches; an image's score may change in the last digits with its batch mates."""

    name = "torch"

    def __init__(self, folder: ModelFolder, options: EngineOptions) -> None:
        self._spec = folder.spec
        self._batch = options.batch
        self._threads = options.threads
        self._device = _device(options.device)
        self._dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[options.precision]
        self._model = read_network(folder).eval().to(self._device)
        if self._dtype is torch.bfloat16:
            # Cast once: autocast would cast 86 million weights anew for every batch.
            self._model.blocks.to(dtype=self._dtype)
            for block in self._model.blocks:
                block.norm_1.float()
                block.norm_2.float()
        self._lock = threading.Lock()

    def run(self, tokens: Sequence[TokenSet]) -> Outputs:
        """Return the outputs of each token set, in order; calls from several threads take turns."""
        with self._lock:
            return self._run_batches(tokens)

    def _run_batches(self, tokens: Sequence[TokenSet]) -> Outputs:
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            starts = range(0, len(tokens), self._batch)
            results = [self._run_batch(tokens[start : start + self._batch]) for start in starts]
        finally:
            torch.set_num_threads(before)
        if not results:
            return no_outputs(self._spec)
        return Outputs(*(np.concatenate(column) for column in zip(*results, strict=True)))

    def _run_batch(self, tokens: Sequence[TokenSet]) -> list[NDArray[np.float32]]:
        """Return feature, logits and, from a model that has them, the effects of the tokens."""
        model = self._model
        arrays = input_arrays(tokens, self._spec)
        inputs = [torch.from_numpy(array).to(self._device) for array in arrays.values()]
        low = self._dtype is not torch.float32
        with torch.inference_mode():
            with torch.autocast(self._device.type, dtype=self._dtype, enabled=low):
                encoded = model.parts(*inputs) if model.explains else model.encode(*inputs)
            # In bf16 the scores of near-identical images would be rounded to the same value.
            encoded = encoded.float()
            explained = model.explains
            outputs = model.explain(encoded) if explained else (encoded, model.head(encoded))
        return [output.cpu().numpy() for output in outputs]


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise EngineError(f"device '{name}' is not known; use cpu or cuda")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise EngineError(f"device '{name}': there is no such usable GPU here; use cpu")
    return device
