"""Photo files, PIL images and arrays -> upright sRGB pixels; folders -> series of files.

The names below are loaded on first use, so that importing this package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fgaesq.images.decode import as_photo, read_photo
    from fgaesq.images.discover import SeriesFiles, find_series
    from fgaesq.images.limits import MAX_PIXELS, MIN_SIDE_PX
    from fgaesq.images.memory import photo_from_array, photo_from_pil
    from fgaesq.images.names import printable

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE_PX",
    "SeriesFiles",
    "as_photo",
    "find_series",
    "photo_from_array",
    "photo_from_pil",
    "printable",
    "read_photo",
]

_MODULE_OF = {
    "MAX_PIXELS": "limits",
    "MIN_SIDE_PX": "limits",
    "SeriesFiles": "discover",
    "as_photo": "decode",
    "find_series": "discover",
    "photo_from_array": "memory",
    "photo_from_pil": "memory",
    "printable": "names",
    "read_photo": "decode",
}


if not TYPE_CHECKING:  # type checkers would take every misspelt name for one found here

    def __getattr__(name: str) -> object:
        """Load a public name from its module when it is first asked for."""
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
