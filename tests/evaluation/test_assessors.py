"""Columns of other assessors' scores: direction, completeness, exact messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.errors import InputError
from fgaesq.evaluation.assessors import read_assessors


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "scores.csv"


def test_a_minus_before_the_name_says_that_lower_is_better(table: Path) -> None:
    table.write_text("image,nima,-niqe\na,5.5,3\nb,4,7.25\nc,1,1\n", encoding="utf-8")
    assert read_assessors(table, ["a", "b"]) == {
        "nima": {"a": 5.5, "b": 4.0},
        "niqe": {"a": -3.0, "b": -7.25},
    }


def test_a_byte_order_mark_is_no_part_of_the_first_name(table: Path) -> None:
    table.write_text("image,x\na,1\n", encoding="utf-8-sig")
    assert read_assessors(table, ["a"]) == {"x": {"a": 1.0}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "photo,x\na,1\n",
            "its first line is 'photo,x'; it must name the column 'image' and at least one "
            "assessor",
        ),
        (
            "image\na\n",
            "its first line is 'image'; it must name the column 'image' and at least one assessor",
        ),
        ("", "its first line is ''; it must name the column 'image' and at least one assessor"),
        ("image,x\na,1\na,2\n", "lists the image 'a' twice; leave one row of it"),
        ("image,x\nb,1\n", "has no scores of the image 'a'; add a row for it"),
        (
            "image,x\na,good\n",
            "the score of 'a' by 'x' is 'good', which is no number; "
            "correct it or remove the column",
        ),
        (
            "image,x,y\na,1\n",
            "the score of 'a' by 'y' is '', which is no number; correct it or remove the column",
        ),
        (
            "image,x\na,nan\n",
            "the score of 'a' by 'x' is 'nan', which is no number; correct it or remove the column",
        ),
        ("image,x,-x\na,1,2\n", "names an assessor twice; give each column a name of its own"),
    ],
)
def test_a_table_that_cannot_be_used(table: Path, content: str, message: str) -> None:
    table.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_assessors(table, ["a"])
    assert str(error.value) == f"{table}: {message}"


def test_a_table_that_cannot_be_read(table: Path) -> None:
    with pytest.raises(InputError) as error:
        read_assessors(table, ["a"])
    expected = f"{table}: cannot be read (No such file or directory); give a CSV file in UTF-8"
    assert str(error.value) == expected
    table.write_bytes(b"image,x\n\xff,1\n")
    with pytest.raises(InputError, match=r"cannot be read \('utf-8' codec"):
        read_assessors(table, ["a"])
