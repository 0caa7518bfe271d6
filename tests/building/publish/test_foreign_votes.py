"""Judgements made elsewhere: winners, ratings, stars and rejects become votes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.building.publish.finished_sets import finished_collection

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.publish.foreign_votes import read_sidecars, read_table, table_of
from fgaesq.building.records import Vote
from fgaesq.building.votes.export import csv_lines
from fgaesq.errors import InputError
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import merge


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    """Two series of three: ids 1 to 3 and 4 to 6."""
    with finished_collection(tmp_path, natural=2, aigc=0, crops=0) as made:
        yield made


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def verdicts(votes: tuple[Vote, ...]) -> Mapping[tuple[int, int], str]:
    return {(vote.first, vote.second): vote.choice for vote in votes}


def read(collection: Collection, path: Path, **named: str) -> tuple[Vote, ...]:
    found = read_table(collection, path, table_of(path, named))
    assert not found.problems
    return found.votes


def test_winners_are_known_by_id_name_and_path(collection: Collection, tmp_path: Path) -> None:
    path = images(collection)[6].path
    table = written(
        tmp_path / "votes.csv",
        "worker,winner,loser,seconds",
        "ann,2,1,1.5",
        '"bob","IMG 0,\'0\' ü.jpg","photos/IMG 0,\'2\' ü.jpg",',
        f'bob,4,"{path}",3',
    )
    votes = read(collection, table)
    assert [(v.annotator, v.first, v.second, v.choice, v.seconds) for v in votes] == [
        ("ann", 1, 2, "second", 1.5),
        ("bob", 1, 3, "first", 0.0),
        ("bob", 4, 6, "first", 3.0),
    ]
    assert [vote.series for vote in votes] == [1, 1, 2]


def test_sides_and_ties_are_read_by_columns_that_are_named(
    collection: Collection, tmp_path: Path
) -> None:
    lines = ["x,y,said", "2,1,left", "1,3,tie", "5,4,right"]
    table = written(tmp_path / "votes.csv", *lines)
    votes = read(collection, table, first="x", second="y", choice="said")
    assert verdicts(votes) == {(1, 2): "second", (1, 3): "tie", (4, 5): "first"}
    assert {vote.annotator for vote in votes} == {"votes"}


def test_ratings_become_pairs_within_a_series_and_a_person(
    collection: Collection, tmp_path: Path
) -> None:
    table = written(
        tmp_path / "ratings.csv",
        "image,rating,user", "1,3,ann", "2,5,ann", "3,3,ann", "4,1,ann", "5,4,bob",
    )  # fmt: skip
    votes = read(collection, table)
    assert verdicts(votes) == {(1, 2): "second", (1, 3): "tie", (2, 3): "first"}


def test_stars_and_rejects_are_compared_and_marks_alike_are_not(collection: Collection) -> None:
    known = images(collection)
    marks = {1: Marks(rating=5), 2: Marks(rating=5), 3: Marks(rating=-1), 4: Marks(rating=2)}
    for id, mark in marks.items():  # noqa: A001
        path = known[id].path
        path.with_name(path.name + ".xmp").write_bytes(merge(None, mark).data)
    known[5].path.with_name(known[5].path.name + ".xmp").write_bytes(b"<broken")
    found = read_sidecars(collection)
    assert verdicts(found.votes) == {(1, 3): "first", (2, 3): "first"}
    (problem,) = found.problems
    assert problem.startswith("sidecars that cannot be read: 1 (")


def test_rows_that_cannot_be_used_are_counted(collection: Collection, tmp_path: Path) -> None:
    table = written(tmp_path / "votes.csv", "winner,loser", "1,2", "1,nobody.jpg", "1,4")
    found = read_table(collection, table, table_of(table))
    assert len(found.votes) == 1
    assert found.problems == (
        "images that are not in this dataset: 1 (votes.csv:3: nobody.jpg)",
        "pairs that are in no series together: 1 (votes.csv:4: 1, 4)",
    )


def test_sides_that_a_table_does_not_tell_are_not_known(
    collection: Collection, tmp_path: Path
) -> None:
    table = written(tmp_path / "votes.csv", "winner,loser", "1,2", "3,1")
    assert [vote.first_on_left for vote in read(collection, table)] == [None, None]
    table = written(tmp_path / "rated.csv", "image,rating", "1,2", "2,4")
    assert [vote.first_on_left for vote in read(collection, table)] == [None]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["left,right,choice", "2,1,left", "1,3,tie", "5,4,right"], {}),
        (["x,y,choice", "2,1,left", "1,3,left", "5,4,right"], {"first": "x", "second": "y"}),
        (
            ["image_left,image_right,choice", "2,1,left", "1,3,tie", "5,4,right"],
            {"first": "image_right", "second": "image_left"},
        ),
        (["winner,loser,left,right", "2,1,2,1", "3,1,1,3", "4,5,5,4"], {}),
        (["winner,loser,choice", "2,1,left", "3,1,right", "4,5,right"], {}),
    ],
)
def test_sides_that_a_table_tells_are_kept(
    collection: Collection, tmp_path: Path, lines: list[str], named: Mapping[str, str]
) -> None:
    votes = read(collection, written(tmp_path / "votes.csv", *lines), **named)
    assert [vote.first_on_left for vote in votes] == [False, True, False]
    assert (votes[0].choice, votes[2].choice) == ("second", "first")


def test_our_own_table_of_votes_comes_back_whole(collection: Collection, tmp_path: Path) -> None:
    votes = (
        Vote(1, 1, 2, "second", "ann", 1.5, False, "repeated", ("sharper", "less noise"), 99.25),
        Vote(2, 4, 6, "tie", "bob", 2.0, True, at=100.0),
        Vote(2, 4, 5, "first", "bob", 2.0, None),
        Vote(2, -5, 5, "second", "bob", 2.0, True, "golden", at=101.0),
    )
    table = written(tmp_path / "votes.csv", "".join(csv_lines(votes)).rstrip())
    assert read(collection, table) == votes


def test_spoiled_copies_are_only_known_in_pairs_with_a_known_answer(
    collection: Collection, tmp_path: Path
) -> None:
    votes = [
        Vote(1, -1, 1, "second", "ann", 1.0, True),
        Vote(1, -1, 2, "second", "ann", 1.0, True, "golden"),
        Vote(9, -1, 1, "second", "ann", 1.0, True, "golden"),
        Vote(1, 1, 2, "second", "ann", 1.0, True),
    ]
    table = written(tmp_path / "votes.csv", "".join(csv_lines(votes)).rstrip())
    found = read_table(collection, table, table_of(table))
    assert found.votes == (votes[-1],)
    assert found.problems[0].startswith("images that are not in this dataset: 3 (votes.csv:2: -1")


def test_columns_that_are_not_understood_are_refused(tmp_path: Path) -> None:
    table = written(tmp_path / "votes.csv", "x,y", "1,2")
    with pytest.raises(InputError) as caught:
        table_of(table)
    assert str(caught.value) == (
        f"{table}: has neither columns winner and loser nor image and rating, but x, y; name them, "
        "as in --columns winner=A,loser=B"
    )
    with pytest.raises(InputError, match=r"votes.csv: has no column 'z'; it has: x, y"):
        table_of(table, {"winner": "z"})
    with pytest.raises(InputError, match="--columns best: is none of winner, loser"):
        table_of(table, {"best": "x"})
