"""The pool of photos that series are constructed from, and its splits."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fgaesq.datasets.edits import subject_clarity
from fgaesq.errors import InputError
from fgaesq.types import Image

__all__ = ["PoolPhoto", "draw_photo", "read_pool", "split_of"]

_MOST_TRIES = 60  # photos looked at to find one with a clear subject
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
    clear_subject: bool = False,
) -> PoolPhoto:
    """Return a photo of the pool, those chosen by people for their looks more often.

    Args:
        pool: the photos of one split.
        pixels: decoded photos by file name.
        rng: decides which.
        clear_subject: only one that has a subject clear enough to be cut off, or the clearest.
    """
    free = [photo for photo in pool if photo.tier == "free"]
    among = free if free and rng.random() < 0.3 else pool  # few, but in high resolution
    photo = among[int(rng.integers(len(among)))]
    return _with_clear_subject(pool, pixels, rng) if clear_subject else photo


def _with_clear_subject(
    pool: Sequence[PoolPhoto], pixels: Mapping[str, Image], rng: np.random.Generator
) -> PoolPhoto:
    """Return the first drawn photo whose subject is clear enough to be cut, or the clearest."""
    clearest, most = pool[0], -np.inf
    for index in rng.permutation(len(pool))[:_MOST_TRIES]:
        clarity = subject_clarity(pixels[pool[index].path.name])
        if clarity > most:
            clearest, most = pool[index], clarity
        if clarity >= 1:
            break
    return clearest
