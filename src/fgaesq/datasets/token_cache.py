"""Tokens of constructed series on disk: edits and tokens are made once, training reads them.

A cache is a folder of shards (`shard-000.patches.npy`, memory-mapped, `shard-000.labels.npz` and an
empty `shard-000.done`) and one `cache.json` that says how it was made. Nothing but the tokenizer
and the edits decides its content: the same seed gives the same bytes with any number of workers.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from fgaesq.datasets.constructed import (
    ConstructedSeries,
    Making,
    PoolPhoto,
    read_pool,
    series_stream,
)
from fgaesq.datasets.edits import EDITS
from fgaesq.errors import InputError
from fgaesq.images import photo_from_array, read_photo
from fgaesq.tokens.difftoken import (
    TokenLayout,
    tokenize_random,
    tokenize_series,
    tokenize_single,
)
from fgaesq.tokens.framing import FRAMING
from fgaesq.tokens.statistics import TOKEN_STATISTICS
from fgaesq.types import Image, TokenSet

__all__ = [
    "SERIES_PER_SHARD",
    "CacheSpec",
    "DecodedPhotos",
    "TokenCache",
    "build_cache",
    "load_cache",
    "save_shard",
    "write_shards",
]

SERIES_PER_SHARD = 300

_Job = TypeVar("_Job")


@dataclass(frozen=True, slots=True)
class CacheSpec:
    """What a cache holds; written into `cache.json`.

    Attributes:
        photos: folder of the pool.
        split: `train`, `val` or `test` photos.
        series: how many.
        seed: of the series.
        layout: of the tokens.
        single_share: share of the series whose images are tokenized each on its own, so that the
            model also learns to score single images.
        spreads: values of `layout.spread` to draw from per series.
        fine: which cells become fine tokens: those of the `difference`, or `random` ones.
        making: how series are made, see `constructed.series_stream`.
    """

    photos: str
    split: str
    series: int
    seed: int
    layout: TokenLayout
    single_share: float = 0.2
    spreads: tuple[float, ...] = (0.5,)
    fine: Literal["difference", "random"] = "difference"
    making: Making = "edited"


@dataclass(frozen=True, slots=True, eq=False)
class TokenCache:
    """Tokens and labels of n images, T slots each; patches stay on disk until they are read.

    Attributes:
        patches: shards of (n_k, T, 3, 16, 16) uint8.
        statistics: shards of (n_k, 1 + C, TOKEN_STATISTICS) float16, of the slots 0 to C; none
            without statistics.
        centres: (n, T, 2) float32.
        scales: (n, T) uint8.
        used: (n,) slots that hold tokens.
        series: (n,) series id.
        severity: (n,) float32.
        burden: (n,) float32.
        area: (n,) float32, share of the frame that the edit touches.
        kind: (n,) index into `kinds`.
        free: (n,) whether the source photo was chosen by people for its looks.
        starts: first image of each shard.
        kinds: names of the edits.
    """

    patches: tuple[NDArray[np.uint8], ...]
    statistics: tuple[NDArray[np.float16], ...]
    centres: NDArray[np.float32]
    scales: NDArray[np.uint8]
    used: NDArray[np.int64]
    series: NDArray[np.int64]
    severity: NDArray[np.float32]
    burden: NDArray[np.float32]
    area: NDArray[np.float32]
    kind: NDArray[np.int64]
    free: NDArray[np.bool_]
    starts: NDArray[np.int64]
    kinds: tuple[str, ...]

    def joined(self, other: TokenCache) -> TokenCache:
        """Return a cache of the images of both; the other's series ids follow on these."""
        last = int(self.series.max()) + 1
        names = ("centres", "scales", "used", "severity", "burden", "area", "kind", "free")
        both: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names
        }
        return replace(
            self,
            patches=self.patches + other.patches,
            statistics=self.statistics + other.statistics,
            series=np.concatenate([self.series, other.series + last]),
            starts=np.concatenate([self.starts, other.starts + len(self.series)]),
            **both,
        )

    def read_patches(self, images: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the patches of the given images, (len(images), T, 3, 16, 16)."""
        return self._read(self.patches, images)

    def read_statistics(self, images: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return those of the given images, (len(images), 1 + C, TOKEN_STATISTICS)."""
        return self._read(self.statistics, images)

    def _read(self, shards: Sequence[NDArray[Any]], images: NDArray[np.int64]) -> NDArray[Any]:
        which = np.searchsorted(self.starts, images, side="right") - 1
        out = np.empty((len(images), *shards[0].shape[1:]), shards[0].dtype)
        for slot, (image, shard) in enumerate(zip(images, which, strict=True)):
            out[slot] = shards[shard][image - self.starts[shard]]
        return out


def build_cache(
    spec: CacheSpec,
    folder: Path,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the cache; shards that are already there are kept, so a stopped run can go on.

    Raises:
        InputError: `folder` holds a cache made with another specification, or there are no photos
            to make it from.
    """
    note = {**asdict(spec), "kinds": list(EDITS)}
    if spec.fine == "difference":
        del note["fine"]  # so that caches from before there was a choice stay good
    jobs = [(spec, folder, shard) for shard in range(-(-spec.series // SERIES_PER_SHARD))]
    write_shards(folder, note, jobs, _write_shard, workers=workers, progress=progress)


def write_shards(
    folder: Path,
    note: Mapping[str, object],
    jobs: Sequence[_Job],
    write: Callable[[_Job], None],
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the shards of a cache, `write(jobs[i])` the i-th of them, where they are missing.

    Args:
        folder: of the cache.
        note: how it is made, for `cache.json`; with `series`, `layout` and `kinds`.
        jobs: one for each shard.
        write: a function of a module, as it runs in other processes.
        workers: how many of these.
        progress: called with (shards done, all shards).

    Raises:
        InputError: `folder` holds a cache with another note.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cache.json"
    layout: Any = note["layout"]
    kept = {"framing": FRAMING, "statistics": TOKEN_STATISTICS} if layout["statistics"] else {}
    text = json.dumps({**note, **kept}, indent=2)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise InputError(
            f"{folder}: holds a cache made otherwise; remove it or choose another folder"
        )
    path.write_text(text, encoding="utf-8")
    todo = [
        job for shard, job in enumerate(jobs) if not (folder / f"shard-{shard:03d}.done").exists()
    ]
    done = len(jobs) - len(todo)
    if not todo:
        return
    with multiprocessing.get_context("spawn").Pool(workers) as processes:
        for _ in processes.imap_unordered(write, todo):
            done += 1
            if progress:
                progress(done, len(jobs))


def load_cache(folder: Path) -> TokenCache:
    """Open a finished cache.

    Raises:
        InputError: the folder is not a cache, or an unfinished one.
    """
    note = folder / "cache.json"
    if not note.is_file():
        raise InputError(f"{folder}: not a token cache; 'fgaesq train' makes one")
    spec = json.loads(note.read_text(encoding="utf-8"))
    shards = -(-spec["series"] // SERIES_PER_SHARD)
    names = [f"shard-{shard:03d}" for shard in range(shards)]
    names = [name for name in names if (folder / f"{name}.done").exists()]
    if len(names) < shards:
        raise InputError(
            f"{folder}: {len(names)} of {shards} shards; finish it with the same command"
        )
    labels = [_read_labels(folder / f"{name}.labels.npz") for name in names]
    counts = [len(label["used"]) for label in labels]
    columns = {key: np.concatenate([label[key] for label in labels]) for key in labels[0]}
    return TokenCache(
        patches=_mapped(folder, names, "patches"),
        statistics=_mapped(folder, names, "statistics") if spec["layout"]["statistics"] else (),
        starts=np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64),
        kinds=tuple(spec["kinds"]),
        **columns,
    )


def _mapped(folder: Path, names: Sequence[str], what: str) -> tuple[NDArray[Any], ...]:
    return tuple(np.load(folder / f"{name}.{what}.npy", mmap_mode="r") for name in names)


def _read_labels(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path) as labels:
        return dict(labels)


def tokenize_constructed(
    series: ConstructedSeries, spec: CacheSpec, rng: np.random.Generator
) -> list[TokenSet]:
    """Return the tokens of a series' images, as a series or (now and then) each on its own."""
    layout = replace(spec.layout, spread=float(rng.choice(spec.spreads)))
    photos = [
        photo_from_array(image, name=str(number), max_long_side_px=layout.detail_px)
        for number, image in enumerate(series.images)
    ]
    if spec.fine == "random":
        return [tokenize_random(photo, layout=layout, rng=rng) for photo in photos]
    if rng.random() < spec.single_share:
        return [tokenize_single(photo, layout=layout) for photo in photos]
    return list(tokenize_series(photos, layout=layout).tokens)


def _write_shard(job: tuple[CacheSpec, Path, int]) -> None:
    spec, folder, shard = job
    import cv2

    cv2.setNumThreads(1)
    pool = read_pool(Path(spec.photos), split=spec.split)
    pixels = DecodedPhotos(pool)
    first = shard * SERIES_PER_SHARD
    indices = range(first, min(first + SERIES_PER_SHARD, spec.series))
    rows: list[tuple[TokenSet, ConstructedSeries, int, int]] = []
    stream = series_stream(pool, pixels, seed=spec.seed, indices=indices, making=spec.making)
    for index, series in zip(indices, stream, strict=True):
        rng = np.random.default_rng([spec.seed, index, 1])
        for member, tokens in enumerate(tokenize_constructed(series, spec, rng)):
            rows.append((tokens, series, member, index))
    sets = [tokens for tokens, *_ in rows]
    stem = folder / f"shard-{shard:03d}"
    save_shard(stem, sets, _constructed_labels(rows), spec.layout.coarse)


def _constructed_labels(
    rows: Sequence[tuple[TokenSet, ConstructedSeries, int, int]],
) -> dict[str, NDArray[Any]]:
    kinds = list(EDITS)
    return {
        "series": np.array([index for *_, index in rows], np.int64),
        "severity": np.array([s.severities[m] for _, s, m, _ in rows], np.float32),
        "burden": np.array([s.burden for _, s, _, _ in rows], np.float32),
        "area": np.array([s.area for _, s, _, _ in rows], np.float32),
        "kind": np.array([kinds.index(s.edits[m]) for _, s, m, _ in rows], np.int64),
        "free": np.array([s.tier == "free" for _, s, _, _ in rows], np.bool_),
    }


def save_shard(
    stem: Path, sets: Sequence[TokenSet], labels: Mapping[str, NDArray[Any]], coarse: int
) -> None:
    """Write one shard, its `.done` last.

    Args:
        stem: path without endings.
        sets: tokens of its images.
        labels: of `TokenCache`, from `series` on, by name.
        coarse: most coarse tokens of the layout.
    """
    np.save(f"{stem}.patches.npy", np.stack([tokens.patches for tokens in sets]))
    statistics = [tokens.statistics for tokens in sets if tokens.statistics is not None]
    if statistics:
        np.save(
            f"{stem}.statistics.npy",
            np.stack([one[: 1 + coarse] for one in statistics]).astype(np.float16),
        )
    np.savez(
        f"{stem}.labels.npz",
        centres=np.stack([tokens.centres for tokens in sets]).astype(np.float32),
        scales=np.stack([tokens.scales for tokens in sets]),
        used=np.array([int((~tokens.padded).sum()) for tokens in sets], np.int64),
        **labels,  # type: ignore[arg-type]
    )
    Path(f"{stem}.done").touch()


class DecodedPhotos(dict[str, Image]):
    """Photos by file name, decoded when first asked for and then kept."""

    def __init__(self, pool: Sequence[PoolPhoto]) -> None:
        super().__init__()
        self._paths = {photo.path.name: photo.path for photo in pool}

    def __missing__(self, name: str) -> Image:
        pixels = read_photo(self._paths[name], max_long_side_px=2048).pixels
        self[name] = pixels
        return pixels
