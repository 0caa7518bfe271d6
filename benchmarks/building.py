"""What a large dataset in the making costs: time and memory of each step from votes to an export.

    python -m benchmarks.building --out benchmarks/results/building.json

A collection of 100,000 images in series of five and a table of 300,000 votes by ten simulated
annotators are made; each image is a JPEG file of 64 x 48 px of its own, so that decoding counts
little and everything else as at full size. Then each step runs in a process of its own: the votes
are imported from the table, ranks are calibrated, series are split and exported, and each export is
imported into a new collection. Memory is the most that the process held (resident set).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations, cycle
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from fgaesq.building.collection import create_collection, open_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import Category, NewSeries, SourceImage
from fgaesq.cli import main as fgaesq
from fgaesq.evaluation.provenance import provenance

LENGTH = 5
"""Images of a series."""

ANNOTATORS = 10
_SIZE = (48, 64)
_KINDS: tuple[Category, ...] = ("natural", "natural", "aigc", "cropping")
_AT_ONCE = 5000
_FORMS = ("own", "fgaesthetics", "parquet", "label-studio")


def main() -> None:
    """Measure all steps and print them; with --out also store them with machine and commit."""
    arguments = _arguments()
    if arguments.case:
        print(json.dumps(measured(arguments.case, Path(arguments.folder), arguments)))
        return
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        folder = Path(scratch)
        results = {}
        for case in CASES:
            results[case] = _in_own_process(case, folder, arguments)
            print(f"{case:24} {json.dumps(results[case])}", flush=True)
    if arguments.out:
        sizes = {"images": arguments.images, "votes": arguments.votes}
        content = {**provenance(), **sizes, "results": results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def measured(case: str, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Run a step; return its seconds, those of the processor, and the most memory held, in MB.

    The processor's seconds are those of all threads; on a machine with other work they tell more.
    """
    begun = time.perf_counter()
    CASES[case](folder, arguments)
    seconds = time.perf_counter() - begun
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(time.process_time(), 1),
        "memory_mb": round(held),
    }


def make(folder: Path, arguments: argparse.Namespace) -> None:
    """Write the image files, the collection and the table of votes."""
    rng = np.random.default_rng(1)
    (folder / "photos").mkdir()
    with create_collection(folder / "set") as collection:
        for start in range(0, arguments.images, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, arguments.images))
            ids = add_images(collection, [_image(folder, number) for number in numbers])
            parts = [tuple(ids[k : k + LENGTH]) for k in range(0, len(ids), LENGTH)]
            add_series(collection, map(NewSeries, cycle(_KINDS), parts))
    _write_votes(folder / "votes.csv", arguments, rng)


def import_votes(folder: Path, arguments: argparse.Namespace) -> None:
    """Read the table of votes into the store."""
    _run("data", "import", folder / "set", folder / "votes.csv")


def calibrate(folder: Path, arguments: argparse.Namespace) -> None:
    """Make one rank of each series; all pairs are kept, so that exports are large."""
    _run("data", "calibrate", folder / "set", "--keep-uncertain", "--margin", "0")


def publish(form: str) -> Callable[[Path, argparse.Namespace], None]:
    """Return what splits the series and exports them in a format."""

    def export(folder: Path, arguments: argparse.Namespace) -> None:
        _run("data", "publish", folder / "set", "--out", folder / form, "--format", form)

    return export


def import_again(form: str) -> Callable[[Path, argparse.Namespace], None]:
    """Return what imports an export into a new collection."""

    def again(folder: Path, arguments: argparse.Namespace) -> None:
        _run("data", "import", folder / f"{form}-again", folder / form)
        with open_collection(folder / f"{form}-again") as collection:
            ((images,),) = collection.rows("SELECT count(*) FROM calibrated_images")
        print(f"{images} images again", file=sys.stderr)

    return again


CASES: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "make": make,
    "import votes": import_votes,
    "calibrate": calibrate,
    **{f"publish {form}": publish(form) for form in _FORMS},
    **{f"import {form} again": import_again(form) for form in _FORMS},
}
"""The steps, in order; the first makes what the others need."""


def _image(folder: Path, number: int) -> SourceImage:
    """Write a photo: the members of a series show one scene, more and more blurred."""
    rng = np.random.default_rng(number // LENGTH)
    small = rng.integers(0, 256, (12 - number % LENGTH, 16 - number % LENGTH, 3), dtype=np.uint8)
    image = PILImage.fromarray(small).resize(_SIZE[::-1], PILImage.Resampling.BICUBIC)
    coded = io.BytesIO()
    image.save(coded, "JPEG", quality=80)
    path = folder / "photos" / f"{number:06d}.jpg"
    path.write_bytes(coded.getvalue())
    digest = hashlib.sha256(coded.getvalue()).hexdigest()
    return SourceImage(path, digest, *_SIZE, source="made", licence="CC0-1.0")


def _write_votes(path: Path, arguments: argparse.Namespace, rng: np.random.Generator) -> None:
    """Write votes of annotators who see the truth with noise: the first of a series is the best."""
    pairs = np.array(list(combinations(range(LENGTH), 2)))
    series = rng.integers(0, arguments.images // LENGTH, arguments.votes)
    chosen = pairs[rng.integers(0, len(pairs), arguments.votes)]
    right = rng.random(arguments.votes) < 1 / (1 + np.exp(2 * (chosen[:, 0] - chosen[:, 1])))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["annotator", "winner", "loser", "seconds"])
        for k in range(arguments.votes):
            first, second = (int(series[k]) * LENGTH + chosen[k] + 1).tolist()
            both = (first, second) if right[k] else (second, first)
            table.writerow([f"annotator {k % ANNOTATORS}", *both, 2.5])


def _run(*command: str | Path) -> None:
    fgaesq([os.fspath(one) for one in command], standalone_mode=False)


def _in_own_process(case: str, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.building", "--case", case, "--folder", str(folder)]
    command += ["--images", str(arguments.images), "--votes", str(arguments.votes)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)  # noqa: S603 - ourselves
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--votes", type=int, default=300_000)
    parser.add_argument("--scratch", help="folder for all files, about 3 GB")
    parser.add_argument("--out", help="JSON file for the results")
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
