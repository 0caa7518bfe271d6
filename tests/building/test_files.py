"""Files are written whole, or a sentence says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.building.files import write_file
from fgaesq.errors import InputError


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "frames" / "a.png"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in path.parent.iterdir()] == ["a.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_on_a_full_disk_nothing_is_left_of_it(tmp_path: Path) -> None:
    (tmp_path / ".a.png.unfinished").symlink_to("/dev/full")
    with pytest.raises(InputError) as caught:
        write_file(tmp_path / "a.png", b"content")
    assert str(caught.value) == (
        f"{tmp_path / 'a.png'}: cannot be written (No space left on device); "
        "make room, or name another folder for the dataset"
    )
    assert not list(tmp_path.iterdir())
