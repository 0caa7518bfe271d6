"""Names of sidecars, and replacing files so that they are never half written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fgaesq.errors import SidecarError
from fgaesq.sidecars.files import (
    Style,
    digest,
    explain,
    read_bytes,
    remove_unfinished,
    rename_new,
    sidecar_of,
    sidecars_of,
    unfinished_name,
    write_atomically,
)


@pytest.mark.parametrize(
    ("photo", "existing", "style", "expected"),
    [
        ("IMG.CR2", "", None, "IMG.xmp"),
        ("IMG.JPG", "", None, "IMG.JPG.xmp"),
        ("IMG.HEIC", "", None, "IMG.HEIC.xmp"),
        ("IMG.CR2", "", "full", "IMG.CR2.xmp"),
        ("IMG.JPG", "", "stem", "IMG.xmp"),
        ("IMG.CR2", "IMG.xmp", "full", "IMG.xmp"),
        ("IMG.CR2", "IMG.CR2.xmp", "stem", "IMG.CR2.xmp"),
        ("IMG.CR2", "IMG.xmp IMG.CR2.xmp", None, "IMG.CR2.xmp"),
        ("IMG.CR2", "IMG.xmp IMG.CR2.xmp", "stem", "IMG.xmp"),
        ("IMG.CR2", "IMG.XMP", None, "IMG.XMP"),
        ("IMG.CR2", "IMG.cr2.xmp", None, "IMG.cr2.xmp"),
        ("IMG.JPG", "IMG.CR2 IMG.xmp", None, "IMG.JPG.xmp"),
        ("IMG.JPG", "IMG.CR2", "stem", "IMG.JPG.xmp"),
        ("IMG.CR2", "IMG.JPG IMG.xmp", None, "IMG.xmp"),
        ("IMG.JPG", "IMG.PNG IMG.xmp", None, "IMG.JPG.xmp"),
        ("IMG.JPG", "IMG.MOV IMG.txt IMG.xmp", None, "IMG.xmp"),
        ("IMG.CR2", "IMG.DNG IMG.xmp", None, "IMG.CR2.xmp"),
        ("IMG.CR2", "IMG_2.xmp", None, "IMG.xmp"),
        ("a.b.NEF", "", None, "a.b.xmp"),
    ],
)
def test_the_sidecar_is_as_found_else_as_chosen(
    photo: str, existing: str, style: Style | None, expected: str
) -> None:
    folder = Path("shoot")
    others = [folder / name for name in (photo, *existing.split())]
    assert sidecar_of(folder / photo, others, style) == folder / expected


def test_files_of_other_folders_do_not_matter() -> None:
    others = [Path("b/IMG.JPG"), Path("b/IMG.JPG.xmp"), Path("b/IMG.xmp")]
    assert sidecars_of(Path("a/IMG.JPG"), others) == ()


def test_two_photos_never_share_a_sidecar() -> None:
    folder = [Path(f"IMG.{kind}") for kind in ("CR2", "JPG", "PNG", "HEIC", "xmp")]
    styles: tuple[Style | None, ...] = (None, "stem", "full")
    for style in styles:
        chosen = [sidecar_of(path, folder, style) for path in folder[:-1]]
        assert len(set(chosen)) == len(chosen)


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomically(path, b"new", expected=digest(b"old"))
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write_atomically(tmp_path / "a.xmp", b"new", expected=None)
    assert (tmp_path / "a.xmp").stat().st_mode == usual.stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "a.xmp", tmp_path / "a.xmp"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomically(link, b"new", expected=digest(b"old"))
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_file_that_changed_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"theirs")
    with pytest.raises(SidecarError) as caught:
        write_atomically(path, b"new", expected=digest(b"old"))
    assert str(caught.value) == f"{path}: another program changed it meanwhile; apply again"
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_made_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"theirs")
    with pytest.raises(SidecarError, match="another program changed it meanwhile"):
        write_atomically(path, b"new", expected=None)
    assert path.read_bytes() == b"theirs"


def test_a_read_only_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(SidecarError) as caught:
        write_atomically(path, b"new", expected=digest(b"old"))
    assert str(caught.value) == f"{path}: it is read-only; make it writable to have it changed"
    assert path.read_bytes() == b"old"


def test_a_folder_that_vanished_is_named(tmp_path: Path) -> None:
    path = tmp_path / "card" / "a.xmp"
    gone = r"its folder or disk is gone; connect it again and try again"
    with pytest.raises(SidecarError, match=gone):
        read_bytes(path)
    for expected in (None, digest(b"old")):
        with pytest.raises(SidecarError, match=gone):
            write_atomically(path, b"new", expected=expected)


def test_no_file_in_a_folder_that_is_there_is_none(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "a.xmp") is None
    assert digest(None) is None


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "the disk is full; free some space and try again"),
        (
            errno.EROFS,
            "the file or its folder is read-only; allow writing there and try again",
        ),
        (errno.EIO, "its folder or disk is gone; connect it again and try again"),
        (errno.ENAMETOOLONG, "File name too long; check the disk"),
    ],
)
def test_errors_of_the_system_are_told_in_a_sentence(code: int, why: str) -> None:
    error = explain(Path("a.xmp"), "written", OSError(code, os.strerror(code)))
    assert str(error) == f"a.xmp: it cannot be written: {why}"


def test_renaming_never_overwrites(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    with pytest.raises(FileExistsError):
        rename_new(first, second)
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


def test_what_a_killed_write_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    dead = 2**22 + 1  # more than Linux numbers processes
    path = tmp_path / "a.xmp"
    running = unfinished_name(path)
    left = tmp_path / f".a.xmp.{dead}-00.fgaesq-unfinished"
    other = tmp_path / f".b.xmp.{dead}-00.fgaesq-unfinished"
    for each in (path, running, left, other):
        each.touch()
    remove_unfinished([path])
    assert sorted(tmp_path.iterdir()) == sorted([path, running, other])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that users without rights can reach, as the test may run as root."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # noqa: S108 - needs that path
        Path(name).chmod(0o755)
        (Path(name) / "a.xmp").write_bytes(b"old")
        yield Path(name)


TRY = """
import os, resource, sys
from pathlib import Path
from fgaesq.errors import SidecarError
from fgaesq.sidecars.files import digest, write_atomically
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
elif os.getuid() == 0:
    os.setuid(65534)
try:
    write_atomically(Path(sys.argv[1]), b"new" * 1000, expected=digest(b"old"))
except SidecarError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("full", "the disk is full; free some space and try again"),
        ("read-only", "the file or its folder is read-only; allow writing there and try again"),
    ],
)
def test_a_write_that_the_system_refuses_leaves_the_old_file(
    open_folder: Path, case: str, why: str
) -> None:
    path = open_folder / "a.xmp"
    open_folder.chmod(0o555 if os.getuid() else 0o755)
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", TRY, str(path), case], capture_output=True, text=True, check=True
    )
    open_folder.chmod(0o755)
    assert done.stdout == f"{path}: it cannot be written: {why}\n"
    assert path.read_bytes() == b"old"
    assert list(open_folder.iterdir()) == [path]
