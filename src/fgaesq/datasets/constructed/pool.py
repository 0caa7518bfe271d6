"""The pool of photos that series are constructed from, and its splits."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fgaesq.datasets.edits import SUITED
from fgaesq.errors import InputError
from fgaesq.types import Image

__all__ = ["PoolPhoto", "draw_photo", "read_pool", "split_of"]

_MOST_TRIES = 60  # photos looked at to find one that suits an edit
_SPLIT_SALT = b"10"  # one that gives all splits their share of each tier


@dataclass(frozen=True, slots=True)
class PoolPhoto:
    """A photo to make series from.

    Attributes:
        path: the file.
        tier: how good photos of its source are: `free` (chosen by people for their looks),
            `research` (ordinary).
    """

    path: Path
    tier: str


def read_pool(folder: Path, *, split: str | None = None) -> list[PoolPhoto]:
    """Return the photos that `folder/MANIFEST.csv` lists (columns file, tier), sorted by name.

    Args:
        folder: of the photos.
        split: only photos of `train`, `val` or `test` (see `split_of`); default all.

    Raises:
        InputError: the manifest is missing, lacks a column, lists a photo that is not there, or
            has no photo of the split.
    """
    manifest = folder / "MANIFEST.csv"
    if not manifest.is_file():
        raise InputError(f"{manifest}: not found; give a folder of photos with a MANIFEST.csv")
    with manifest.open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        lacking = [name for name in ("file", "tier") if name not in (table.fieldnames or ())]
        if lacking:
            raise InputError(f"{manifest}: has no column '{lacking[0]}'; it needs file and tier")
        photos = [PoolPhoto(folder / row["file"], row["tier"]) for row in table]
    missing = [photo.path.name for photo in photos if not photo.path.is_file()]
    if missing:
        raise InputError(f"{manifest}: lists {len(missing)} missing files, first {missing[0]}")
    if split:
        photos = [photo for photo in photos if split_of(photo.path.name) == split]
    if not photos:
        share = f"of the split '{split}'" if split else "at all"
        raise InputError(f"{manifest}: lists no photo {share}; add photos to the folder")
    return sorted(photos, key=lambda photo: photo.path.name)


def split_of(name: str) -> str:
    """Return `train`, `val` or `test` for a photo's file name; 80 : 6 : 14, fixed for ever."""
    digest = hashlib.blake2b(name.encode(), digest_size=4, salt=_SPLIT_SALT).digest()
    bucket = int.from_bytes(digest, "big") % 100
    return "test" if bucket < 14 else "val" if bucket < 20 else "train"


def draw_photo(
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    rng: np.random.Generator,
    *,
    kind: str = "",
) -> PoolPhoto:
    """Return a photo of the pool, those chosen by people for their looks more often.

    Args:
        pool: the photos of one split.
        pixels: decoded photos by file name.
        rng: decides which.
        kind: of the edit; only a photo that suits it, or the one that does best (see `SUITED`).
    """
    free = [photo for photo in pool if photo.tier == "free"]
    among = free if free and rng.random() < 0.3 else pool  # few, but in high resolution
    photo = among[int(rng.integers(len(among)))]
    return _suited(pool, pixels, rng, SUITED[kind]) if kind in SUITED else photo


def _suited(
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    rng: np.random.Generator,
    suits: Callable[[Image], float],
) -> PoolPhoto:
    """Return the first drawn photo that suits well enough, or the one that does best."""
    best, most = pool[0], -np.inf
    for index in rng.permutation(len(pool))[:_MOST_TRIES]:
        degree = suits(pixels[pool[index].path.name])
        if degree > most:
            best, most = pool[index], degree
        if degree >= 1:
            break
    return best
