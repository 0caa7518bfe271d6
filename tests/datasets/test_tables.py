"""Label files as rows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fgaesq.datasets.tables import records, text_rows
from fgaesq.errors import InputError


def test_text_is_parted_by_white_space_or_commas_and_counted_from_1(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1 2\t3\n\n4,5, 6\n")
    assert list(text_rows(path)) == [("a.txt:1", ["1", "2", "3"]), ("a.txt:3", ["4", "5", "6"])]


def test_a_mark_of_byte_order_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffimage,score\na.jpg,1\n".encode())
    assert list(records(path, ["image", "score"])) == [
        ("a.csv:2", {"image": "a.jpg", "score": "1"})
    ]


def test_names_that_are_not_utf_8_are_those_of_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"caf\xe9.jpg 1\n")
    assert next(text_rows(path))[1][0] == os.fsdecode(b"caf\xe9.jpg")


def test_cells_that_a_row_lacks_or_has_too_many_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("image,score\na.jpg\nb.jpg,1,2\n")
    assert [dict(row) for _, row in records(path, ["image"])] == [
        {"image": "a.jpg"},
        {"image": "b.jpg", "score": "1"},
    ]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(InputError) as caught:
        next(records(path, ["image"]))
    assert str(caught.value) == (
        f"{path}: cannot be read (No such file or directory); see docs/datasets.md for the layout"
    )


def test_what_is_no_csv_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('image\na.jpg\n"' + "x" * 200_000 + '"\n')
    with pytest.raises(InputError, match=r"a\.csv:\d: is not CSV \(field larger than"):
        list(records(path, ["image"]))
