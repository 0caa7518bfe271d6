"""Simple measures that a ranker must beat: what people use when they have nothing better."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.types import Image

__all__ = ["COMPETITORS", "brightness", "contrast", "file_size", "sharpness"]


def sharpness(image: Image) -> float:
    """Return the variance of the Laplacian of luma, the usual measure of focus."""
    luma = _luma(image)
    centre = luma[1:-1, 1:-1]
    around = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.var(np.asarray(around - 4 * centre)))


def file_size(image: Image) -> float:
    """Return the bytes of the image as a JPEG of quality 90, per pixel."""
    buffer = io.BytesIO()
    PILImage.fromarray(image).save(buffer, "JPEG", quality=90)
    return float(buffer.tell() / (image.shape[0] * image.shape[1]))


def contrast(image: Image) -> float:
    """Return the standard deviation of luma."""
    return float(_luma(image).std())


def brightness(image: Image) -> float:
    """Return the mean luma."""
    return float(_luma(image).mean())


COMPETITORS: MappingProxyType[str, Callable[[Image], float]] = MappingProxyType(
    {
        "sharpness": sharpness,
        "file size": file_size,
        "contrast": contrast,
        "brightness": brightness,
    }
)
"""Every simple competitor by name; higher is taken as better."""


def _luma(image: Image) -> NDArray[np.float32]:
    return np.asarray(PILImage.fromarray(image).convert("L"), dtype=np.float32)
