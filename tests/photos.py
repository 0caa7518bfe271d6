"""Series of real photo files, made by code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.types import Image

__all__ = ["burst", "burst_image", "write_jpeg"]


def burst_image(number: int, *, height: int = 360, width: int = 480, seed: int = 1) -> Image:
    """Return one frame of a burst: the same textured scene, blurred more with each number."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    smooth = PILImage.fromarray(coarse).resize((width, height), PILImage.Resampling.BICUBIC)
    texture = rng.normal(0, 25, (height, width, 1))
    sharp = np.clip(np.asarray(smooth) + texture, 0, 255).astype(np.uint8)
    blurred = PILImage.fromarray(sharp).filter(ImageFilter.GaussianBlur(0.7 * number))
    return np.asarray(blurred)


def write_jpeg(path: Path, image: Image, *, quality: int = 92) -> Path:
    """Write a JPEG file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(image).save(path, "JPEG", quality=quality)
    return path


def burst(folder: Path, names: tuple[str, ...] = ("a.jpg", "b.jpg", "c.jpg")) -> list[Path]:
    """Write a burst of JPEG files and return their paths."""
    return [write_jpeg(folder / name, burst_image(n)) for n, name in enumerate(names)]
