"""Folders and files as the person names them -> photos and clips in them; nothing is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fgaesq.capture.pairing import CLIP_EXTENSIONS
from fgaesq.desk.scan import FileState, find_photos, state_of
from fgaesq.errors import InputError
from fgaesq.images.discover import natural_key
from fgaesq.images.kinds import READABLE_EXTENSIONS, UNREADABLE_EXTENSIONS
from fgaesq.images.names import printable
from fgaesq.images.opening import fault_of_system
from fgaesq.types import Failure

__all__ = ["Sources", "find_sources"]

_CLIPS: Final = CLIP_EXTENSIONS | {".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".mts", ".m2ts"}


@dataclass(slots=True)
class Sources:
    """What was found.

    Attributes:
        roots: folders that were looked into, absolute, links resolved.
        photos: the file that is looked at of each photo, in natural order.
        clips: those that are no moving part of a photo, in natural order.
        states: of all files.
        failures: folders that could not be listed, files that are not there.
    """

    roots: tuple[Path, ...] = ()
    photos: list[Path] = field(default_factory=list)
    clips: list[Path] = field(default_factory=list)
    states: dict[Path, FileState] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def find_sources(sources: Sequence[Path], *, without: Path) -> Sources:
    """Return the photos and clips in folders, at any depth, and those that are named themselves.

    A RAW beside its JPEG or HEIC and the clip of a Live Photo belong to the photo. Photos of kinds
    that cannot be read are returned too, so that reading names them.

    Args:
        sources: folders and files.
        without: the folder of the dataset, whose own files are no sources.

    Raises:
        InputError: a folder or file is not there, or nothing was found.
    """
    files = [path for path in sources if path.is_file()]
    found = find_photos([path for path in sources if not path.is_file()])
    every = Sources(found.folders, states=dict(found.states), failures=list(found.failures))
    photos = [photo.main for photo in found.photos]
    photos += [path for path in found.states if path.suffix.lower() in UNREADABLE_EXTENSIONS]
    companions = {photo.clip for photo in found.photos}
    clips = [path for path in found.states if _is_clip(path) and path not in companions]
    for path in (one.parent.resolve() / one.name for one in files):
        try:
            every.states[path] = state_of(path)
        except OSError as error:
            name = printable(path)
            every.failures.append(Failure(name, "find", f"{name}: {fault_of_system(error, path)}"))
            continue
        (clips if _is_clip(path) else photos).append(path)
    own = without.resolve()
    every.photos, every.clips = (_in_order(some, own) for some in (photos, clips))
    if not every.photos and not every.clips and not every.failures:
        names = ", ".join(printable(path) for path in sources)
        raise InputError(f"{names}: no photos were found; give a folder that holds photos")
    return every


def _is_clip(path: Path) -> bool:
    return path.suffix.lower() in _CLIPS - READABLE_EXTENSIONS


def _in_order(paths: Iterable[Path], own: Path) -> list[Path]:
    """Return paths once each, in natural order, without those of the dataset itself."""
    return sorted((one for one in set(paths) if not one.is_relative_to(own)), key=natural_key)
