"""Which files are one photo: RAW beside JPEG or HEIC, the clip of a Live Photo, XMP sidecars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from fgaesq.capture.reading import read_capture
from fgaesq.capture.records import PhotoFiles
from fgaesq.errors import FgaError
from fgaesq.images.discover import natural_key
from fgaesq.images.kinds import RAW_EXTENSIONS, READABLE_EXTENSIONS
from fgaesq.images.twins import DEVELOPED_EXTENSIONS, twin_key

__all__ = ["CLIP_EXTENSIONS", "SIDECAR_EXTENSION", "pair_files"]

CLIP_EXTENSIONS = frozenset((".mov", ".mp4", ".m4v", ".mp"))
"""Lower-case extensions of clips that may belong to a photo."""

SIDECAR_EXTENSION = ".xmp"

_Key: TypeAlias = tuple[str, str]
LiveId: TypeAlias = Callable[[Path], str]


@dataclass(slots=True)
class _Photo:
    main: Path
    raw: Path | None = None
    clip: Path | None = None
    sidecars: list[Path] = field(default_factory=list)


def pair_files(paths: Iterable[Path], *, live_id: LiveId | None = None) -> list[PhotoFiles]:
    """Return the photos that the given files make up, in the natural order of their main files.

    Names are compared regardless of case; nothing depends on the order of `paths`.

    * A RAW and a JPEG or HEIC of one name in one folder are one photo, whose main file is the
      latter.
    * A clip of the same name as a JPEG or HEIC is its moving part, unless both state an id of a
      Live Photo and the ids differ. Clips and photos that are left are matched by that id within
      their folder. A clip alone is no photo.
    * The sidecars `IMG.xmp` and `IMG.CR2.xmp` belong to the photo of IMG.CR2.
    * Edited copies (`IMG_1-edit.jpg`, `IMG_1 (2).jpg`) have names, and are photos, of their own.

    Args:
        paths: files, of any kind; those that are neither photo, clip nor sidecar are left out.
        live_id: gives the id of a Live Photo that a file states, "" for none; by default it is
            read from the file, for the few files whose pairing depends on it.
    """
    files = sorted(set(paths), key=natural_key)
    photos = _photos(files)
    _add_clips(photos, _with(files, CLIP_EXTENSIONS), live_id or _read_live_id)
    _add_sidecars(photos, _with(files, {SIDECAR_EXTENSION}))
    return [PhotoFiles(one.main, one.raw, one.clip, tuple(one.sidecars)) for one in photos]


def _photos(files: Sequence[Path]) -> list[_Photo]:
    """Return the photos of the files, RAW files joined with their developed twins."""
    raws: dict[_Key, list[Path]] = defaultdict(list)
    for path in _with(files, RAW_EXTENSIONS):
        raws[twin_key(path)].append(path)
    for several in raws.values():  # a DNG beside another RAW was made from it
        several.sort(key=lambda path: path.suffix.lower() == ".dng")
    photos = []
    for path in _with(files, READABLE_EXTENSIONS - RAW_EXTENSIONS):
        twins = raws[twin_key(path)] if path.suffix.lower() in DEVELOPED_EXTENSIONS else []
        photos.append(_Photo(path, raw=twins.pop(0) if twins else None))
    photos += [_Photo(path) for left in raws.values() for path in left]
    return sorted(photos, key=lambda photo: natural_key(photo.main))


def _add_clips(photos: list[_Photo], clips: Sequence[Path], live_id: LiveId) -> None:
    by_name: dict[_Key, _Photo] = {}
    for photo in photos:
        if photo.main.suffix.lower() in DEVELOPED_EXTENSIONS:
            by_name.setdefault(twin_key(photo.main), photo)
    left = []
    for clip in clips:
        owner = by_name.get(_key_of_clip(clip))
        if owner and owner.clip is None and _may_be_one(live_id(owner.main), live_id(clip)):
            owner.clip = clip
        else:
            left.append(clip)
    ids = {(clip.parent, name): clip for clip in reversed(left) if (name := live_id(clip))}
    folders = {folder for folder, _ in ids}
    for photo in photos:
        is_developed = photo.main.suffix.lower() in DEVELOPED_EXTENSIONS
        if photo.clip is None and is_developed and photo.main.parent in folders:
            photo.clip = ids.pop((photo.main.parent, live_id(photo.main)), None)


def _key_of_clip(clip: Path) -> _Key:
    """Return the key of the photo that a clip may belong to: `X.MP` goes with `X.MP.jpg`."""
    return twin_key(clip.with_name(clip.name + ".jpg") if clip.suffix.lower() == ".mp" else clip)


def _may_be_one(first: str, second: str) -> bool:
    return not first or not second or first == second


def _add_sidecars(photos: list[_Photo], sidecars: Sequence[Path]) -> None:
    by_file: dict[_Key, _Photo] = {}
    by_name: dict[_Key, _Photo] = {}
    for photo in sorted(photos, key=lambda one: not _has_raw(one)):  # IMG.xmp is rather the RAW's
        for path in (photo.main, photo.raw):
            if path is not None:
                by_file.setdefault((str(path.parent), path.name.casefold()), photo)
                by_name.setdefault((str(path.parent), path.stem.casefold()), photo)
    for sidecar in sidecars:
        key = str(sidecar.parent), sidecar.stem.casefold()
        owner = by_file.get(key) or by_name.get(key)
        if owner is not None:
            owner.sidecars.append(sidecar)


def _has_raw(photo: _Photo) -> bool:
    return photo.raw is not None or photo.main.suffix.lower() in RAW_EXTENSIONS


def _with(files: Sequence[Path], extensions: Iterable[str]) -> list[Path]:
    wanted = frozenset(extensions)
    return [path for path in files if path.suffix.lower() in wanted]


def _read_live_id(path: Path) -> str:
    try:
        return read_capture(path).live_id
    except FgaError:  # a broken file is reported where it is read
        return ""
