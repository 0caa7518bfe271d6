"""What all self-contained pages share: assets, policy, safe text, embedded pictures."""

from __future__ import annotations

import base64
import hashlib
import io
from html import escape
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fgaesq.report.drawing import as_picture
from fgaesq.report.text import printable

__all__ = ["asset", "embedded", "joined", "policy", "text"]

_JPEG_QUALITY = 85


def asset(name: str) -> str:
    """Return a file of `report/assets`."""
    return resources.files("fgaesq.report").joinpath("assets", name).read_text(encoding="utf-8")


def joined(*names: str) -> str:
    """Return modules of `report/assets` as one script, for a page that loads nothing."""
    return "\n".join(asset(name).replace("export function ", "function ") for name in names)


def policy(style: str, script: str = "") -> str:
    """Return the Content-Security-Policy that allows this style and script, and data URIs."""
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'" + (f"; script-src '{_hash(script)}'" if script else "")
    )


def text(content: str) -> str:
    """Return `content` for an element or a quoted attribute."""
    return escape(printable(content))


def embedded(
    path: str, image: NDArray[np.uint8] | None, long_side_px: int
) -> tuple[str, tuple[int, int]]:
    """Return the image as a data URI (empty if there is none) and its (width, height)."""
    if image is None:
        return "", (3, 2)
    picture = as_picture(path, image)
    picture.thumbnail((long_side_px, long_side_px), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode(), picture.size


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
