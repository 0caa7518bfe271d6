"""How fast and how large: one run, every figure that the documents state about speed.

    python benchmarks/speed.py --out benchmarks/results/speed.json

Each case runs in a process of its own, so that its peak memory is its own. Ten JPEG files of
2048 x 1365 are made from one picture: frames of a hand-held burst, with film grain so that they
are as large as camera files of that size. `fgaesq-b16` runs with seeded random weights in the
imported format, which cost the same time as the released ones.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZE = (1365, 2048)
ROUNDS = 5


def main() -> None:
    """Run all cases and print a table; with --out also store it with machine, date and commit."""
    arguments = _arguments()
    if arguments.case:
        print(json.dumps(CASES[arguments.case](Path(arguments.folder), arguments.threads)))
        return
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_frames(folder / "frames", 100)
        if "torch" in "".join(arguments.cases):
            make_b16(folder / "b16")
        for case in arguments.cases:
            results[case] = _in_own_process(case, folder, arguments.threads)
            print(f"{case:24} {json.dumps(results[case])}", flush=True)
    if arguments.out:
        from fgaesq.evaluation.provenance import provenance

        content = {**provenance(), "threads": arguments.threads, "results": results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def difference_map(folder: Path, threads: int) -> dict[str, float]:
    """Time the difference map of two decoded 2048 x 1365 images on one core."""
    del threads
    from fgaesq.images import read_photo
    from fgaesq.series import align_series, cell_difference, series_difference

    first, second = (read_photo(path).pixels for path in sorted((folder / "frames").iterdir())[:2])
    frame = align_series([first, second])
    return {
        "aligned_pair_ms": _median_ms(lambda: cell_difference(first, second)),
        "series_of_two_ms": _median_ms(lambda: series_difference([first, second], frame)),
        "alignment_ms": _median_ms(lambda: align_series([first, second])),
    }


def decoding(folder: Path, threads: int) -> dict[str, float]:
    """Time the decoding of ten files: the floor under everything else."""
    from concurrent.futures import ThreadPoolExecutor

    from fgaesq.images import read_photo

    paths = sorted((folder / "frames").iterdir())[:10]

    def run() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(read_photo, paths))

    return {"seconds": _median_ms(run) / 1000}


def embedded(folder: Path, threads: int) -> dict[str, float]:
    """Time ranking ten files with the embedded model (ONNX Runtime)."""
    return _ranking(folder, 10, model="fgaesq-s", threads=threads)


def embedded_by_length(folder: Path, threads: int) -> dict[str, float]:
    """Time per image in series of 2 to 100 images with the embedded model."""
    rows = {}
    for number in (2, 5, 10, 20, 50, 100):
        seconds = _ranking(folder, number, model="fgaesq-s", threads=threads, rounds=3)["seconds"]
        rows[f"ms_per_image_of_{number}"] = round(1000 * seconds / number, 1)
    return {**rows, "peak_mb": peak_mb()}


def b16_torch_bf16(folder: Path, threads: int) -> dict[str, float]:
    """Time ranking ten files with fgaesq-b16, torch engine, bf16."""
    return _ranking(
        folder, 10, model=folder / "b16", threads=threads, engine="torch", precision="bf16", batch=5
    )


def b16_onnx(folder: Path, threads: int) -> dict[str, float]:
    """Time ranking ten files with fgaesq-b16, ONNX engine, fp32."""
    return _ranking(folder, 10, model=folder / "b16", threads=threads, rounds=2)


CASES: dict[str, Callable[[Path, int], dict[str, float]]] = {
    "difference map": difference_map,
    "decoding": decoding,
    "fgaesq-s": embedded,
    "fgaesq-s by length": embedded_by_length,
    "fgaesq-b16 torch bf16": b16_torch_bf16,
    "fgaesq-b16 onnx": b16_onnx,
}


def make_frames(folder: Path, number: int) -> None:
    """Write frames of a burst: one textured picture, shifted, each with its own grain."""
    from PIL import Image

    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    height, width = SIZE
    base = np.zeros((height + 40, width + 40, 3), np.float32)
    for cells in (6, 24, 96, 384):
        coarse = rng.uniform(0, 255, (cells * 2 // 3, cells, 3)).astype(np.uint8)
        layer = Image.fromarray(coarse).resize((width + 40, height + 40), Image.Resampling.BICUBIC)
        base += np.asarray(layer, np.float32) / 4
    for index in range(number):
        top, left = rng.integers(0, 40, 2)
        frame = base[top : top + height, left : left + width]
        grain = rng.normal(0, 4, (height, width, 1)).astype(np.float32)
        pixels = np.clip(frame + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"frame-{index:03d}.jpg", quality=90)


def make_b16(folder: Path) -> None:
    """Write fgaesq-b16 with seeded random weights as a model folder."""
    import torch

    from fgaesq.engines.export import export_onnx
    from fgaesq.models.specs import SPECS, build
    from fgaesq.models.weights import save_state, write_manifest

    torch.manual_seed(0)
    spec = SPECS["fgaesq-b16"]
    model = build(spec)
    folder.mkdir(parents=True)
    save_state(model.state_dict(), folder / "model.safetensors")
    export_onnx(model, spec, folder / "model.onnx")
    write_manifest(folder, spec, version="random", temperature=1.0, licence="none", provenance={})


def _ranking(
    folder: Path,
    number: int,
    *,
    model: str | Path,
    threads: int,
    rounds: int = ROUNDS,
    **options: Any,  # noqa: ANN401 - of EngineOptions
) -> dict[str, float]:
    """Time ranking the first frames from files, model loaded: what a second series costs."""
    from fgaesq.engines import EngineOptions
    from fgaesq.ranking.ranker import load

    began = time.perf_counter()
    ranker = load(model, options=EngineOptions(threads=threads, **options))
    loading = time.perf_counter() - began
    paths = sorted((folder / "frames").iterdir())[:number]
    milliseconds = _times_ms(lambda: ranker.rank(paths), rounds)
    return {
        "seconds": round(statistics.median(milliseconds) / 1000, 3),
        "slowest": round(max(milliseconds) / 1000, 3),
        "loading_seconds": round(loading, 2),
        "peak_mb": peak_mb(),
    }


def _times_ms(work: Callable[[], object], rounds: int) -> list[float]:
    """Return the times of `rounds` runs after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - began))
    return times


def _median_ms(work: Callable[[], object]) -> float:
    return round(statistics.median(_times_ms(work, 9)), 2)


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in 10^6 bytes.

    From /proc where there is one: `getrusage` also counts what the parent held when it forked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return round(int(lines["VmHWM"].split()[0]) * 1024 / 1e6, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


def _in_own_process(case: str, folder: Path, threads: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--case", case, "--folder", str(folder)]
    command += ["--threads", str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", help="JSON file for the results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
