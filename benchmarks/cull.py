"""How fast a shoot is culled, against decoding its files and nothing else.

    python -m benchmarks.cull --photos 1000 --out benchmarks/results/cull.json

Writes a shoot of 24-megapixel JPEG files: scenes cut from the photos in ../shared/photos (drawn
ones where that folder is absent), one to eight frames each, enlarged to 6000 x 4000, shifted a
little and with grain of their own, so that the files are as large as those of cameras. Then
measures, each in a process of its own: decoding all files, culling them, and culling them again.
The files are read once before, so that all cases find them in the system's cache alike.

With --fast the shoot is culled with the fast reading, and then, with a catalogue of its own, with
the normal one, to say how far both agree. The frames of a scene are equally good, so that their
order is a matter of chance; with --flaws some are out of focus, darker or lighter, as those of
cameras are, which is what agreement is to be judged on:

    python -m benchmarks.cull --photos 200 --fast --flaws
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from benchmarks.speed import peak_mb
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFilter

if TYPE_CHECKING:
    from fgaesq.desk.records import DeskGroup

WIDTH, HEIGHT = 6000, 4000
QUALITY = 93
POOL = Path(__file__).resolve().parents[2] / "shared" / "photos"
_FRAMES = (1, 1, 3, 4, 5, 5, 6, 8)
_EXIF, _ORIGINAL, _SUBSECOND = 34665, 36867, 37521


def main() -> None:
    """Run all cases and print them; with --out also store them with machine, date and commit."""
    arguments = _arguments()
    if arguments.case:
        print(json.dumps(CASES[arguments.case](Path(arguments.folder), arguments)))
        return
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as name:
        folder = Path(name)
        make_shoot(folder / "shoot", arguments.photos, arguments.threads, flaws=arguments.flaws)
        sizes = [path.stat().st_size for path in _files(folder)]
        results: dict[str, Any] = {
            "photos": len(sizes),
            "megapixels": WIDTH * HEIGHT / 1e6,
            "mean_file_mb": round(float(np.mean(sizes)) / 1e6, 2),
        }
        for path in _files(folder):
            path.read_bytes()
        cases = [case for case in CASES if arguments.fast or case != "normal cull"]
        for case in cases:
            results[case] = _in_own_process(case, folder, arguments)
            print(f"{case:12} {json.dumps(results[case])}", flush=True)
        if arguments.fast:
            results |= {"reading": "fast", "flaws": arguments.flaws}
            results["agreement"] = agreement(
                _groups(folder, "cull"), _groups(folder, "normal cull")
            )
            print(f"{'agreement':12} {json.dumps(results['agreement'])}", flush=True)
    ratio = results["cull"]["seconds"] / results["decode"]["seconds"]
    results["cull_by_decode"] = round(ratio, 2)
    print(f"cull / decode: {ratio:.2f}")
    if arguments.out:
        from fgaesq.evaluation.provenance import provenance

        content = {**provenance(), "threads": arguments.threads, "results": results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def decode(folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Time decoding all files at full size with Pillow: the floor under everything else."""

    def load(path: Path) -> None:
        with PILImage.open(path) as image:
            image.load()

    began = time.perf_counter()
    with ThreadPoolExecutor(arguments.threads) as pool:
        for _ in pool.map(load, _files(folder)):
            pass
    return {"seconds": round(time.perf_counter() - began, 2), "peak_mb": peak_mb()}


def cull_once(folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Time culling the folder with the catalogue in its present state, model loading included."""
    from fgaesq.desk.catalogue import Catalogue
    from fgaesq.desk.culling import cull
    from fgaesq.desk.memory import share_arenas
    from fgaesq.desk.records import Reading
    from fgaesq.engines import EngineOptions
    from fgaesq.ranking.ranker import load

    fast = arguments.fast and arguments.case != "normal cull"
    reading: Reading = "fast" if fast else "normal"
    share_arenas()  # as the command does
    began = time.perf_counter()
    ranker = load(arguments.model, options=EngineOptions(threads=arguments.threads))
    with Catalogue(_catalogue(folder, arguments.case)) as catalogue:
        culled = cull(
            [folder / "shoot"], catalogue, ranker, reading=reading, threads=arguments.threads
        )
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "peak_mb": peak_mb(),
        "decoded": culled.read,
        "groups": len(culled.groups),
        "failures": len(culled.failures),
    }


CASES: dict[str, Callable[[Path, argparse.Namespace], dict[str, float]]] = {
    "decode": decode,
    "cull": cull_once,
    "second run": cull_once,
    "normal cull": cull_once,
}
"""The last one is for `--fast` only."""


def agreement(fast: Sequence[DeskGroup], normal: Sequence[DeskGroup]) -> dict[str, float | None]:
    """Return how far two readings of a shoot agree.

    Returns:
        series: how many are ranked in both, of the same photos.
        same_series: share of the normal reading's series that they are.
        same_pick: share of them in which the same photo is first.
        clear_series: those in which the normal reading prefers the first to the next with at least
            60 %, and so does not call it too close.
        same_clear_pick: `same_pick` of these.
        correlation: Pearson's, of the scores of all photos that both scored.
        correlation_in_series: of the scores in these series, less their mean.
        None stands where there is nothing to count.
    """
    known, other = _series(normal), _series(fast)
    both = [(other[photos], known[photos]) for photos in known if photos in other]
    clear = [(one, two) for one, two in both if (two.margin or 0) >= 0.6]
    pairs = _score_pairs(fast, normal)
    centred = [
        pair - pair.mean(axis=0) for one, two in both if len(pair := _score_pairs([one], [two]))
    ]
    return {
        "series": len(both),
        "same_series": _share(len(both), len(known)),
        "same_pick": _share(sum(map(_same_pick, both)), len(both)),
        "clear_series": len(clear),
        "same_clear_pick": _share(sum(map(_same_pick, clear)), len(clear)),
        "correlation": _correlation(pairs),
        "correlation_in_series": _correlation(np.concatenate(centred) if centred else pairs[:0]),
    }


def _series(groups: Sequence[DeskGroup]) -> dict[frozenset[str], DeskGroup]:
    """Return the ranked series by the paths of their photos."""
    ranked = [one for one in groups if one.kind == "series" and one.photos[0].rank is not None]
    return {frozenset(photo.path for photo in one.photos): one for one in ranked}


def _same_pick(pair: tuple[DeskGroup, DeskGroup]) -> bool:
    return pair[0].photos[0].path == pair[1].photos[0].path


def _score_pairs(fast: Sequence[DeskGroup], normal: Sequence[DeskGroup]) -> NDArray[np.float64]:
    """Return the two scores of each photo that has both, (n, 2)."""
    first, second = (
        {photo.path: photo.score for group in groups for photo in group.photos}
        for groups in (fast, normal)
    )
    both = [(first[path], second[path]) for path in first if path in second]
    return np.array([pair for pair in both if None not in pair], np.float64).reshape(-1, 2)


def _correlation(pairs: NDArray[np.float64]) -> float | None:
    if len(pairs) < 2 or not pairs.std(axis=0).all():
        return None
    return round(float(np.asarray(np.corrcoef(pairs.T))[0, 1]), 4)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def make_shoot(folder: Path, number: int, threads: int, *, flaws: bool = False) -> None:
    """Write the JPEG files of a shoot, named and dated in the order of time."""
    folder.mkdir(parents=True)
    rng, flaw_rng = np.random.default_rng(0), np.random.default_rng(1)
    grain = rng.normal(0, 4, (HEIGHT + 256, WIDTH + 256, 1)).astype(np.int16)
    taken = datetime(2026, 5, 1, 9, 0, 0)
    jobs: list[tuple[PILImage.Image, NDArray[np.int64], _Flaw, datetime, Path]] = []
    for scene in _scenes(rng):
        for _ in range(int(rng.choice(_FRAMES))):
            taken += timedelta(milliseconds=200)
            flaw = _Flaw.drawn(flaw_rng) if flaws else _Flaw()
            path = folder / f"DSC{len(jobs):05d}.JPG"
            jobs.append((scene, rng.integers(0, 256, 4), flaw, taken, path))
            if len(jobs) == number:
                break
        taken += timedelta(seconds=int(rng.integers(20, 200)))
        if len(jobs) == number:
            break
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda job: _write_frame(grain, *job), jobs))


@dataclass(frozen=True, slots=True)
class _Flaw:
    """What is wrong with a frame: blur (sigma, in px of 6000) and exposure (factor of levels)."""

    blur_px: float = 0.0
    gain: float = 1.0

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> _Flaw:
        blur_px = float(rng.choice((0, 0, 1, 2, 4, 8)))
        return cls(blur_px, float(rng.choice((1, 1, 1, 0.7, 0.85, 1.2))))


def _write_frame(
    grain: NDArray[np.int16],
    scene: PILImage.Image,
    shift: NDArray[np.int64],
    flaw: _Flaw,
    taken: datetime,
    target: Path,
) -> None:
    """Enlarge a scene, shifted by under 1 % of its width, add grain, write."""
    left, top, grain_y, grain_x = (int(step) for step in shift)
    across, down = left / 256 * 0.01 * scene.width, top / 256 * 0.01 * scene.height
    box = (across, down, across + 0.99 * scene.width, down + 0.99 * scene.height)
    large = scene.resize((WIDTH, HEIGHT), PILImage.Resampling.BICUBIC, box=box)
    if flaw != _Flaw():
        large = large.filter(ImageFilter.GaussianBlur(flaw.blur_px)).point(
            [min(255, round(level * flaw.gain)) for level in range(256)] * 3
        )
    pixels = np.asarray(large, np.int16)
    pixels = pixels + grain[grain_y : grain_y + HEIGHT, grain_x : grain_x + WIDTH]
    exif = PILImage.Exif()
    exif.get_ifd(_EXIF).update(
        {
            _ORIGINAL: taken.strftime("%Y:%m:%d %H:%M:%S"),
            _SUBSECOND: f"{taken.microsecond // 1000:03d}",
        }
    )
    image = PILImage.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    image.save(target, "JPEG", quality=QUALITY, exif=exif)


def _scenes(rng: np.random.Generator) -> Iterator[PILImage.Image]:
    """Yield scenes without end: parts of the pool's photos, or drawn ones."""
    pool = [path for kind in ("free", "urban", "sunhays") for path in POOL.glob(f"{kind}-*.jpg")]
    while True:
        if not pool:
            coarse = rng.integers(0, 256, (16, 24, 3), dtype=np.uint8)
            yield PILImage.fromarray(coarse).resize((1500, 1000), PILImage.Resampling.BICUBIC)
        for index in rng.permutation(len(pool)).tolist():
            with PILImage.open(pool[index]) as image:
                picture = image.convert("RGB")
            width = int(picture.width * rng.uniform(0.7, 1))
            height = min(picture.height, width * 2 // 3)
            left = int(rng.integers(0, picture.width - width + 1))
            top = int(rng.integers(0, picture.height - height + 1))
            yield picture.crop((left, top, left + width, top + height))


def _catalogue(folder: Path, case: str) -> Path:
    return folder / ("normal.sqlite3" if case == "normal cull" else "catalogue.sqlite3")


def _groups(folder: Path, case: str) -> list[DeskGroup]:
    """Return the groups as a case left them."""
    from fgaesq.desk.catalogue import Catalogue
    from fgaesq.desk.catalogue.shoots import read_shoot

    with Catalogue(_catalogue(folder, case)) as catalogue:
        return read_shoot(catalogue, [folder / "shoot"])


def _files(folder: Path) -> list[Path]:
    return sorted((folder / "shoot").iterdir())


def _in_own_process(case: str, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.cull", "--case", case, "--folder", str(folder)]
    command += ["--threads", str(arguments.threads), "--model", arguments.model]
    command += ["--fast"] if arguments.fast else []
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)  # noqa: S603 - ourselves
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default="fgaesq-s")
    parser.add_argument("--fast", action="store_true", help="cull with the fast reading")
    parser.add_argument("--flaws", action="store_true", help="frames that differ in quality")
    parser.add_argument("--scratch", help="folder for the shoot, about 7 MB a photo")
    parser.add_argument("--out", help="JSON file for the results")
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
