"""Camera RAW files beside the developed file of the same photo."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fgaesq.images.kinds import HEIC_EXTENSIONS, RAW_EXTENSIONS

__all__ = ["DEVELOPED_EXTENSIONS", "twin_key", "without_raw_twins"]

DEVELOPED_EXTENSIONS = frozenset((".jpg", ".jpeg", ".jpe", ".mpo")) | HEIC_EXTENSIONS
"""Lower-case extensions of what cameras write beside a RAW; TIFF and PNG are somebody's work."""

_PIXEL_PARTS = re.compile(r"\.raw-\d+(?:\.mp)?\.(?:cover|original)$")
"""Google's phones name a pair `X.RAW-01.COVER.jpg` and `X.RAW-02.ORIGINAL.dng`."""


def twin_key(path: Path) -> tuple[str, str]:
    """Return what the files of one photo have in common: folder, and name regardless of case."""
    return str(path.parent), _PIXEL_PARTS.sub("", path.stem.casefold())


def without_raw_twins(files: Iterable[Path]) -> list[Path]:
    """Return the files without each camera RAW that lies beside a developed file of its name."""
    files = list(files)
    developed = {twin_key(path) for path in files if path.suffix.lower() in DEVELOPED_EXTENSIONS}
    return [
        path
        for path in files
        if path.suffix.lower() not in RAW_EXTENSIONS or twin_key(path) not in developed
    ]
