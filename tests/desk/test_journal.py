"""The file of changes, by which they are undone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fgaesq.desk.journal import Change, FileJournal, written_marks
from fgaesq.errors import SidecarError
from fgaesq.sidecars.marks import Marks

NEW = Change(Path("a.xmp"), None, b"\xff\0", Marks(4, 0, "Red", ("ü",), ("a|b",)), "a.xmp: new")
CHANGED = Change(Path("b\udcff.xmp"), b"old", b"new", Marks(rating=-1), "b.xmp: rating 1 -> -1")


def test_changes_come_back_as_recorded(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "new folder" / "journal.jsonl")
    assert journal.changes() == []
    journal.record([NEW])
    journal.record([CHANGED, NEW])
    assert FileJournal(journal.path).changes() == [NEW, CHANGED, NEW]


@pytest.mark.parametrize("cut", [1, 5, 100])
def test_half_a_line_is_no_change_and_is_cut_off(tmp_path: Path, cut: int) -> None:
    journal = FileJournal(tmp_path / "journal.jsonl")
    journal.record([NEW, CHANGED])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut])
    assert journal.changes() == [NEW]
    journal.record([CHANGED])
    assert journal.path.read_bytes() == whole


@pytest.mark.parametrize("text", ["[]\n", '{"path": "a"}\n', "no JSON\n"])
def test_another_file_is_no_journal(tmp_path: Path, text: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text)
    with pytest.raises(SidecarError) as caught:
        FileJournal(path).changes()
    assert str(caught.value) == f"{path}: it is no journal of changed sidecars"


FILL = """
import resource, sys
from pathlib import Path
from fgaesq.desk.journal import append_lines
from fgaesq.errors import SidecarError
append_lines(Path(sys.argv[1]), [{"a": 1}])
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    append_lines(Path(sys.argv[1]), [{"a": "b" * 200}])
except SidecarError as error:
    print(error)
"""


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        f"{path}: it cannot be written: the disk is full; free some space and try again\n"
    )
    assert path.read_text() == '{"a": 1}\n'


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, {}),  # recorded and not made, or undone
        ({Path("a.xmp"): b"first"}, {Path("a.xmp"): Marks(rating=1)}),  # the second not made
        ({Path("a.xmp"): b"second"}, {Path("a.xmp"): Marks(rating=2)}),
        ({Path("a.xmp"): b"theirs"}, {Path("a.xmp"): Marks(rating=2)}),
    ],
)
def test_only_what_was_made_counts_as_written(
    now: dict[Path, bytes | None], expected: dict[Path, Marks]
) -> None:
    changes = [
        Change(Path("a.xmp"), None, b"first", Marks(rating=1), ""),
        Change(Path("a.xmp"), b"first", b"second", Marks(rating=2), ""),
    ]
    assert written_marks(changes, now) == expected


def test_a_sidecar_that_was_moved_is_known_by_its_content() -> None:
    changes = [Change(Path("a.xmp"), None, b"ours", Marks(rating=1), "")]
    now: dict[Path, bytes | None] = {Path("b/a.xmp"): b"ours", Path("c.xmp"): b"theirs"}
    assert written_marks(changes, now) == {Path("b/a.xmp"): Marks(rating=1)}
