"""A small pool of photos made by code, with names that fall into the wanted splits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image as PILImage
from tests.scenes import scene

from fgaesq.datasets.constructed import split_of

__all__ = ["names_of", "write_pool"]


def names_of(split: str, number: int) -> list[str]:
    """Return the first file names, in counting order, that fall into a split."""
    names = (f"photo-{i:03d}.png" for i in range(10_000))
    return [name for name in names if split_of(name) == split][:number]


def write_pool(
    folder: Path, *, train: int = 6, val: int = 3, size: tuple[int, int] = (96, 128)
) -> Sequence[str]:
    """Write photos and their MANIFEST.csv; every third is of the tier `free`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(names_of("train", train) + names_of("val", val))
    for seed, name in enumerate(names):
        PILImage.fromarray(scene(*size, seed=seed)).save(folder / name, compress_level=1)
    rows = [f"{name},{'free' if i % 3 == 0 else 'research'}" for i, name in enumerate(names)]
    (folder / "MANIFEST.csv").write_text("\n".join(["file,tier", *rows]) + "\n", encoding="utf-8")
    return names
