"""Which files are the sidecars of a photo, and how a file is replaced without ever being half."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

from fgaesq.errors import SidecarError
from fgaesq.images.kinds import RAW_EXTENSIONS, READABLE_EXTENSIONS, UNREADABLE_EXTENSIONS

__all__ = [
    "Style",
    "digest",
    "explain",
    "read_bytes",
    "remove_old_name",
    "remove_unfinished",
    "rename_new",
    "sidecar_of",
    "sidecars_of",
    "sync_folders",
    "unfinished_name",
    "write_atomically",
]

Style: TypeAlias = Literal["stem", "full"]
"""`IMG.xmp`, as Lightroom and Capture One name it, or `IMG.CR2.xmp`, as darktable and digiKam."""

_PHOTOS: Final = {*READABLE_EXTENSIONS, *UNREADABLE_EXTENSIONS}
_UNFINISHED: Final = ".fgaesq-unfinished"

_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE: Final = {errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE}
_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What systems say of links on cards and network shares, which often have none."""


def sidecar_of(photo: Path, existing: Sequence[Path], style: Style | None = None) -> Path:
    """Return the sidecar to write for a photo: the one that there is, else a new one.

    Of two that there are it is `IMG.CR2.xmp`, which can be of no other photo, unless `style` is
    "stem". A new one is named by `style`; without it, a RAW file has `IMG.xmp`, the only name that
    Lightroom, Bridge and Capture One look for (and darktable reads it on import), and all others
    have `IMG.JPG.xmp`, as Lightroom reads no sidecars of those and darktable and digiKam only
    these. A name `IMG.xmp` is never used for two photos: beside a RAW it belongs to the RAW,
    otherwise with several photos of that name to none of them.

    Args:
        photo: its file; of a RAW+JPEG pair that is one photo, the RAW.
        existing: the files of its folder; others are ignored.
        style: how to name a new one.
    """
    found = sidecars_of(photo, existing)
    full, stem = photo.with_name(f"{photo.name}.xmp"), photo.with_name(f"{photo.stem}.xmp")
    if found:
        return found[-1] if style == "stem" else found[0]
    if style is None:
        style = "stem" if _is_raw(photo) else "full"
    return stem if style == "stem" and _owns_stem(photo, existing) else full


def sidecars_of(photo: Path, existing: Sequence[Path]) -> tuple[Path, ...]:
    """Return the sidecars that a photo has, `IMG.CR2.xmp` before `IMG.xmp`.

    Args:
        photo: its file.
        existing: the files of its folder; others are ignored.
    """
    names = [f"{photo.name}.xmp"] + [f"{photo.stem}.xmp"] * _owns_stem(photo, existing)
    return tuple(
        path
        for name in dict.fromkeys(names)
        for path in existing
        if path.parent == photo.parent and path.name.lower() == name.lower()
    )


def read_bytes(path: Path) -> bytes | None:
    """Return what is in a file, None if there is no such file in its folder.

    Raises:
        SidecarError: it cannot be read, or its folder is gone.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        if path.parent.is_dir() and not path.is_symlink():
            return None
        raise explain(path, "read", error) from error
    except OSError as error:
        raise explain(path, "read", error) from error


def digest(data: bytes | None) -> str | None:
    """Return the SHA-256 of bytes in hexadecimal, None for no file."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes, *, expected: str | None) -> None:
    """Write a file so that at any moment, also of a crash, it has the old bytes or the new ones.

    The bytes go to a new file in the same folder, are flushed to the disk, and then the file takes
    the name; `sync_folders` makes that last, once for all files of a folder. Permissions stay, and
    a symbolic link stays one. Only in the last microseconds between the check against `expected`
    and the renaming can a change by another program be lost.

    Args:
        path: the file.
        data: its new content.
        expected: `digest` of the content that it must have, None if it must not exist.

    Raises:
        SidecarError: it has other bytes than expected, is read-only, or cannot be written; the
            file is as it was.
    """
    place = Path(os.path.realpath(path))
    unfinished = unfinished_name(place)
    try:
        mode = place.stat().st_mode if expected is not None else None
        if mode is not None and not mode & 0o222:
            raise SidecarError(f"{path}: it is read-only; make it writable to have it changed")
        _write_new(unfinished, data, mode)
        if digest(read_bytes(place)) != expected:
            raise SidecarError(f"{path}: another program changed it meanwhile; apply again")
        if expected is None:
            rename_new(unfinished, place)
        else:
            unfinished.replace(place)
    except FileExistsError as error:
        raise SidecarError(f"{path}: another program made it meanwhile; apply again") from error
    except OSError as error:
        raise explain(path, "written", error) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def unfinished_name(path: Path) -> Path:
    """Return a new name beside a file for what is to become it once it is whole."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{_UNFINISHED}")


def rename_new(source: Path, target: Path) -> None:
    """Rename a file within its disk and never over another one.

    A crash leaves it under its old name, under both or under the new one.

    Raises:
        FileExistsError: there is a file of that name.
        OSError: as of the system.
    """
    try:
        os.link(source, target, follow_symlinks=False)  # unlike renaming, fails if it is there
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "File exists", str(target)) from None
        source.rename(target)
    else:
        remove_old_name(source, target)


def remove_old_name(source: Path, target: Path) -> None:
    """Remove a file that is also whole under a new name; if that fails, remove the new one."""
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise


def remove_unfinished(paths: Iterable[Path]) -> None:
    """Remove what processes that were killed left beside files that they were writing."""
    folders: dict[Path, set[str]] = {}
    for path in paths:
        place = Path(os.path.realpath(path))
        folders.setdefault(place.parent, set()).add(place.name)
    for folder, names in folders.items():
        with contextlib.suppress(OSError):
            for other in folder.iterdir():
                name, _, token = other.name.removesuffix(_UNFINISHED)[1:].rpartition(".")
                if other.name.endswith(_UNFINISHED) and name in names and not _runs(token):
                    other.unlink(missing_ok=True)


def explain(path: Path, done: str, error: OSError) -> SidecarError:
    """Return what to tell the user of an error of the system, for `path` that was to be `done`."""
    if error.errno in _FULL:
        why = "the disk is full; free some space and try again"
    elif error.errno in _REFUSED:
        why = "the file or its folder is read-only; allow writing there and try again"
    elif error.errno in _GONE:
        why = "its folder or disk is gone; connect it again and try again"
    else:
        why = f"{error.strerror or error}; check the disk"
    return SidecarError(f"{path}: it cannot be {done}: {why}")


def sync_folders(folders: Iterable[Path]) -> None:
    """Flush the names in folders to the disk, where the system can."""
    for folder in dict.fromkeys(folders):
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _runs(token: str) -> bool:
    """Return whether the process that a name was made in may still be running."""
    if os.name != "posix":
        return True
    try:
        os.kill(int(token.partition("-")[0]), 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True


def _is_raw(path: Path) -> bool:
    return path.suffix.lower() in RAW_EXTENSIONS


def _owns_stem(photo: Path, existing: Sequence[Path]) -> bool:
    """Return whether `IMG.xmp` can only be of this photo, among those named `IMG`."""
    same = [
        path
        for path in existing
        if path.parent == photo.parent
        and path.name != photo.name
        and path.stem.lower() == photo.stem.lower()
        and path.suffix.lower() in _PHOTOS
    ]
    return not any(_is_raw(path) for path in same) if _is_raw(photo) else not same


def _write_new(path: Path, data: bytes, mode: int | None) -> None:
    """Write a new file and flush it to the disk; `mode` as of another file, None for the usual."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        if mode is not None:
            path.chmod(mode & 0o7777)
        os.fsync(file.fileno())
