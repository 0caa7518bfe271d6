"""What all self-contained pages share: frame, policy, assets, safe text, embedded pictures."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from string import Template

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fgaesq.report.drawing import as_picture
from fgaesq.report.text import printable

__all__ = ["asset", "embedded", "joined", "text", "whole_page"]

_JPEG_QUALITY = 85


def asset(name: str) -> str:
    """Return a file of `report/assets`."""
    return resources.files("fgaesq.report").joinpath("assets", name).read_text(encoding="utf-8")


def joined(*names: str) -> str:
    """Return modules of `report/assets` as one script, for a page that loads nothing."""
    return "\n".join(asset(name).replace("export function ", "function ") for name in names)


def whole_page(
    title: str,
    summary: str,
    parts: Iterable[str],
    *,
    note: str,
    facts: str = "",
    styles: Sequence[str] = (),
    script: str = "",
    end: str = "",
) -> str:
    """Return a page that loads nothing, to be written as UTF-8.

    Args:
        title: of the window and the page, text.
        summary: below it, text.
        parts: the content, HTML; empty ones are left out.
        note: at the foot, text.
        facts: below it, HTML of a `dl`.
        styles: names of files of `report/assets` beside `colours.css` and `report.css`.
        script: in full; "" for none.
        end: HTML behind the foot.
    """
    style = "".join(map(asset, ("colours.css", "report.css", *styles)))
    return Template(asset("frame.html")).substitute(
        policy=_policy(style, script),
        title=text(title),
        summary=text(summary),
        style=style,
        main="\n".join(part for part in parts if part),
        note=text(note),
        facts=facts,
        end=end + (f"<script>{script}</script>\n" if script else ""),
    )


def _policy(style: str, script: str) -> str:
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
