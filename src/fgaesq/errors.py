"""All exceptions that fgaesq raises on purpose.

::

    FgaError                    exit code 1
    ├── InputError              a photo, folder or array that cannot be used
    │   ├── DecodeError         the file is not a readable image
    │   ├── ShapeError          an array has the wrong shape or type
    │   └── SidecarError        an XMP sidecar cannot be read or written
    ├── UnknownNameError        a model, tokenizer, ... of that name does not exist   (exit code 2)
    ├── WeightsError            a weights file is missing, damaged or does not fit
    ├── RecipeError             a training recipe is wrong                            (exit code 2)
    ├── StoreError              a database of ours cannot be opened or written
    │   ├── CatalogueError      the catalogue of photos
    │   ├── CollectionError     a dataset in the making
    │   └── VotesError          the votes on it
    ├── EngineError             the inference engine cannot run as asked
    ├── EndpointError           a model service cannot be used as asked
    └── MissingExtraError       an optional dependency is not installed

Every message says what is wrong, where, which values were seen, and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CatalogueError",
    "CollectionError",
    "DecodeError",
    "EndpointError",
    "EngineError",
    "FgaError",
    "InputError",
    "MissingExtraError",
    "RecipeError",
    "ShapeError",
    "SidecarError",
    "StoreError",
    "UnknownNameError",
    "VotesError",
    "WeightsError",
]


class FgaError(Exception):
    """Base of all errors of this package; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(FgaError):
    """A photo, folder or array that the user gave cannot be used."""


class DecodeError(InputError):
    """A file is not an image that can be read whole."""


class ShapeError(InputError):
    """An array does not have the documented shape or type."""


class SidecarError(InputError):
    """An XMP sidecar, or another file that goes with a photo, cannot be read, written or moved."""


class UnknownNameError(FgaError):
    """A name is not one of the known ones; the message lists near matches."""

    exit_code = 2

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
        super().__init__(f"unknown {kind} '{name}'; {hint}")


class WeightsError(FgaError):
    """A weights file is missing, damaged, or does not fit the model."""


class RecipeError(FgaError):
    """A training recipe has an unknown key, a wrong type or an impossible value."""

    exit_code = 2


class StoreError(FgaError):
    """A database of ours is damaged, too new, or cannot be written."""


class CatalogueError(StoreError):
    """The catalogue of photos is damaged, too new, or cannot be written."""


class CollectionError(StoreError):
    """A dataset in the making is damaged, too new, or cannot be written."""


class VotesError(StoreError):
    """The votes on a dataset in the making cannot be read or kept."""


class EngineError(FgaError):
    """The inference engine cannot run what was asked of it."""


class EndpointError(FgaError):
    """A model service refuses, or cannot be reached; what it answered before is kept."""


class MissingExtraError(FgaError):
    """An optional dependency is needed; the message names the extra that installs it."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed; run: pip install 'fgaesq[{extra}]'"
        )
