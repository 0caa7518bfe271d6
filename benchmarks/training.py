"""How fast training and evaluation run, as shares of what the machine can multiply at best.

    python benchmarks/training.py --threads 2 --out benchmarks/results/training.json

A share is the matrix products of the network per second over the fastest plain matrix product of
the same precision in the same run, so that results of different machines can be compared. Tokens
are random: what they hold does not matter for speed. Times are the fastest of a few rounds; with
one thread they are the processor's own time, so that other programs on the machine matter little.
With a GPU, training is measured there too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import numpy as np
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.token_cache import TokenCache
from fgaesq.engines import EngineOptions, open_engine
from fgaesq.engines.export import write_model_folder
from fgaesq.evaluation.provenance import provenance
from fgaesq.models import vit
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.specs import SPECS, ModelSpec, build
from fgaesq.models.weights import find_model
from fgaesq.tokens.statistics import TOKEN_STATISTICS
from fgaesq.training.batches import Batch, read_batch
from fgaesq.training.optimisers import Optimisers
from fgaesq.training.recipe import Loss, Optimiser
from fgaesq.training.tasks import SeriesTask
from fgaesq.types import TokenSet

ROUNDS = 3
SERIES_LENGTH = 2
LARGE = {"cpu": 2048, "cuda": 8192}

Precision = Literal["bf16", "fp32"]
DTYPES: dict[Precision, torch.dtype] = {"bf16": torch.bfloat16, "fp32": torch.float32}


@dataclass(frozen=True, slots=True)
class Training:
    """Steps of training on random images: which model, where, in which precision, how many.

    `fgaesq-b16` learns with AdamW, as in the paper's recipe; Muon's own products would be more than
    those of a small batch.
    """

    model: str
    device: str
    precision: Precision
    images: int
    optimiser: str = "muon"
    fused: bool = False

    @property
    def name(self) -> str:
        """Of the row."""
        attention = ", fused attention" if self.fused else ""
        return f"training {self.model}, {self.device}, {self.precision}{attention}"


ON_CPU = (
    Training("fgaesq-s", "cpu", "bf16", 32),
    Training("fgaesq-s", "cpu", "bf16", 32, fused=True),
    Training("fgaesq-s", "cpu", "fp32", 16),
    Training("fgaesq-b16", "cpu", "bf16", 2, "adamw"),
)
ON_GPU = (
    Training("fgaesq-s", "cuda", "bf16", 256),
    Training("fgaesq-b16", "cuda", "bf16", 64, "adamw"),
    Training("fgaesq-b16", "cuda", "fp32", 64, "adamw"),
)


def main() -> None:
    """Measure all and print it; with --out also store it with machine, date and commit."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
    peaks = {device: matrix_peaks(device) for device in devices}
    for device, peak in peaks.items():
        print(f"matrix products, {device}, GFLOP/s: {json.dumps(peak)}", flush=True)
    results = {}
    for case in ON_CPU + (ON_GPU if "cuda" in devices else ()):
        results[case.name] = measure_training(case, peaks[case.device])
        print(f"{case.name:44} {json.dumps(results[case.name])}", flush=True)
    for name, row in measure_engines(arguments.threads, peaks["cpu"]).items():
        results[name] = row
        print(f"{name:44} {json.dumps(row)}", flush=True)
    if arguments.out:
        content = {**provenance(), "threads": arguments.threads, "peaks": peaks, "results": results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def matrix_peaks(device: str) -> dict[str, float]:
    """Return the GFLOP/s of plain matrix products, by precision and size.

    The sizes are those of each model's widest layer for eight images, and a large square. On the
    CPU, ONNX Runtime's product counts too: on some processors it is faster than torch's.
    """
    sides = {"square": (LARGE[device],) * 3}
    for name in ("fgaesq-s", "fgaesq-b16"):
        spec = SPECS[name]
        sides[name] = (8 * spec.layout.budget, spec.width, 4 * spec.width)
    peaks = {}
    for precision, dtype in DTYPES.items():
        for name, (m, k, n) in sides.items():
            first = torch.randn(m, k, device=device, dtype=dtype)
            second = torch.randn(k, n, device=device, dtype=dtype)
            seconds = fastest(lambda a=first, b=second: a @ b, device)  # type: ignore[misc]
            peaks[f"{precision} {name}"] = round(2 * m * k * n / seconds / 1e9, 1)
    if device == "cpu":
        for name, (m, k, n) in sides.items():
            seconds = fastest(_onnx_product(m, k, n), device)
            peaks[f"fp32 {name}, ONNX Runtime"] = round(2 * m * k * n / seconds / 1e9, 1)
    return peaks


def _onnx_product(m: int, k: int, n: int) -> Callable[[], object]:
    """Return what multiplies an (m, k) by a (k, n) matrix, the second one constant like weights."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(m, k)).astype(np.float32)
    second = numpy_helper.from_array(rng.normal(size=(k, n)).astype(np.float32), "second")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["first", "second"], ["product"])],
        "product",
        [helper.make_tensor_value_info("first", TensorProto.FLOAT, [m, k])],
        [helper.make_tensor_value_info("product", TensorProto.FLOAT, [m, n])],
        [second],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return lambda: session.run(None, {"first": first})


def measure_training(case: Training, peaks: dict[str, float]) -> dict[str, float]:
    """Time forward pass, backward pass and step of the optimiser on a batch in memory."""
    spec = SPECS[case.model]
    task = SeriesTask(build(spec), Loss()).train()
    gflop = training_gflop(task, spec)
    task = task.to(case.device)
    optimiser = Optimisers(task, Optimiser(name=case.optimiser))
    batch = random_batch(spec, case.images).to(torch.device(case.device))

    def step() -> None:
        optimiser.zero_grad()
        with torch.autocast(case.device, dtype=torch.bfloat16, enabled=case.precision == "bf16"):
            total = task(batch)["total"]
        total.backward()
        optimiser.step()

    with mock.patch.object(vit, "_attention", fused_attention if case.fused else vit._attention):
        seconds = fastest(step, case.device)
    return _row(case.images / seconds, gflop, case.precision, peaks)


def measure_engines(threads: int, peaks: dict[str, float]) -> dict[str, dict[str, float]]:
    """Time the engines on the tokens of sixteen images, from token sets to scores."""
    spec = SPECS["fgaesq-s"]
    model = build(spec).eval()
    gflop = forward_gflop(model, spec)
    tokens = random_tokens(spec, 16)
    rows = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / spec.name
        write_model_folder(
            model, spec, place, version="random", temperature=1.0, licence="none", provenance={}
        )
        folder = find_model(place)
        for options in (
            EngineOptions("onnx", threads=threads),
            EngineOptions("torch", threads=threads),
            EngineOptions("torch", threads=threads, precision="bf16"),
        ):
            engine = open_engine(folder, options)
            seconds = fastest(lambda engine=engine: engine.run(tokens), "cpu")  # type: ignore[misc]
            row = _row(len(tokens) / seconds, gflop, options.precision, peaks)
            rows[f"evaluation {spec.name}, {options.engine} engine, {options.precision}"] = row
    return rows


def training_gflop(task: SeriesTask, spec: ModelSpec) -> float:
    """Return the 10^9 operations of the matrix products of an image, forward and backward."""
    batch = random_batch(spec, SERIES_LENGTH)
    with FlopCounterMode(display=False) as counter, torch.autocast("cpu", torch.bfloat16):
        task(batch)["total"].backward()
    return float(counter.get_total_flops()) / SERIES_LENGTH / 1e9


def forward_gflop(model: FGAesQ, spec: ModelSpec) -> float:
    """Return the 10^9 operations of the matrix products of an image, forward alone."""
    # With gradients, so that attention is spelt out: the counter does not know all fused kernels.
    with FlopCounterMode(display=False) as counter:
        model(*random_batch(spec, SERIES_LENGTH).inputs)
    return float(counter.get_total_flops()) / SERIES_LENGTH / 1e9


def fused_attention(q: Tensor, k: Tensor, v: Tensor, seen: Tensor) -> Tensor:
    """Return attention as torch's fused kernel computes it."""
    return functional.scaled_dot_product_attention(q, k, v, attn_mask=seen)


def fastest(work: Callable[[], object], device: str) -> float:
    """Return the seconds of the fastest of `ROUNDS` runs after one that warms up."""
    alone = device == "cpu" and torch.get_num_threads() == 1
    clock = time.process_time if alone else time.perf_counter
    times = []
    for _ in range(1 + ROUNDS):
        began = clock()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(clock() - began)
    return min(times[1:])


def random_batch(spec: ModelSpec, images: int) -> Batch:
    """Return a batch of series of two images with all token slots filled."""
    return read_batch(random_cache(spec, images), np.arange(images), spec)


def random_cache(spec: ModelSpec, images: int) -> TokenCache:
    """Return random tokens and labels, as a cache of constructed series holds them."""
    rng = np.random.default_rng(0)
    layout = spec.layout
    scales = np.zeros((images, layout.budget), np.uint8)
    scales[:, 1 + layout.coarse :] = 1
    shape = (images, layout.budget, 3, 16, 16)
    statistics = rng.normal(size=(images, 1 + layout.coarse, TOKEN_STATISTICS)).astype(np.float16)
    return TokenCache(
        patches=(rng.integers(0, 256, shape, dtype=np.uint8),),
        statistics=(statistics,) if layout.statistics else (),
        centres=rng.random((images, layout.budget, 2), dtype=np.float32),
        scales=scales,
        used=np.full(images, layout.budget, np.int64),
        series=np.arange(images, dtype=np.int64) // SERIES_LENGTH,
        severity=rng.random(images, dtype=np.float32),
        burden=np.zeros(images, np.float32),
        area=np.ones(images, np.float32),
        kind=rng.integers(0, len(EDITS), images // SERIES_LENGTH).repeat(SERIES_LENGTH),
        free=np.ones(images, np.bool_),
        starts=np.zeros(1, np.int64),
        kinds=tuple(EDITS),
    )


def random_tokens(spec: ModelSpec, images: int) -> list[TokenSet]:
    """Return random token sets with all slots filled."""
    cache, budget = random_cache(spec, images), spec.layout.budget
    statistics = np.zeros((images, budget, TOKEN_STATISTICS), np.float32)
    if spec.layout.statistics:
        statistics[:, : 1 + spec.layout.coarse] = cache.read_statistics(np.arange(images))
    return [
        TokenSet(
            patches=cache.patches[0][one],
            centres=cache.centres[one].astype(np.float64),
            scales=cache.scales[one],
            padded=np.zeros(budget, np.bool_),
            attend_padding=False,
            fine_cells=(),
            cell_grid=(1, 1),
            statistics=statistics[one] if spec.layout.statistics else None,
        )
        for one in range(images)
    ]


def _row(
    images_per_s: float, gflop: float, precision: str, peaks: dict[str, float]
) -> dict[str, Any]:
    peak = max(value for name, value in peaks.items() if name.startswith(precision))
    return {
        "images_per_s": round(images_per_s, 2),
        "gflop_per_image": round(gflop, 3),
        "gflop_per_s": round(images_per_s * gflop, 1),
        "share_of_peak": round(images_per_s * gflop / peak, 3),
    }


def _arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
