"""Which pairs of a dataset get texts, and the texts of constructed series."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.datasets.describing import constructed_texts, pairs_to_describe
from fgaesq.datasets.records import Dataset, PairRecord, SeriesRecord
from fgaesq.errors import InputError
from fgaesq.texts.endpoint import PairToDescribe
from fgaesq.texts.vocabulary import WORDINGS

JUDGED = Dataset(
    name="d",
    kind="series",
    root=Path("d"),
    series=(
        SeriesRecord("s", ("a", "b", "c")),
        SeriesRecord("t", ("x", "y", "z"), values=(1.0, 3.0, 1.0)),
    ),
    pairs=(
        PairRecord("s", "a", "b", 0.9),
        PairRecord("s", "a", "c", 0.45),
        PairRecord("s", "b", "c", 0.4),
    ),
)


def test_sure_pairs_are_described_and_values_make_pairs() -> None:
    assert pairs_to_describe(JUDGED) == [
        PairToDescribe("s", "a", "b", "first"),
        PairToDescribe("s", "b", "c", "second"),
        PairToDescribe("t", "x", "y", "second"),
        PairToDescribe("t", "y", "z", "first"),
    ]


def test_a_margin_of_0_leaves_only_ties_out() -> None:
    assert PairToDescribe("s", "a", "c", "second") in pairs_to_describe(JUDGED, margin=0)
    assert len(pairs_to_describe(JUDGED, margin=0)) == 5


def test_a_dataset_without_sure_pairs_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        pairs_to_describe(Dataset(name="d", kind="absolute", root=Path("d")))
    assert str(caught.value) == (
        "d: has no pair of which one image is better by P of at least 0.6; give a dataset of "
        "series, or a smaller --margin"
    )


def write_truth(folder: Path, *rows: str) -> Path:
    lines = ["series,image,kind,severity,source", *rows]
    (folder / "truth.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_constructed_series_get_the_sentences_of_their_edit(tmp_path: Path) -> None:
    write_truth(tmp_path, "0,a,noise,0.5,p", "0,b,noise,0.1,p", "1,c,tilt,0,q", "1,d,tilt,0.9,q")
    noise, tilt = constructed_texts(tmp_path)
    assert (noise.series, noise.better) == ("0", "b")
    assert noise.text in WORDINGS["noise"].sentences
    assert (tilt.series, tilt.better) == ("1", "c")
    assert tilt.text in WORDINGS["tilt"].sentences


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("0,a,noise,much,p", "is no line of a series; need series, image, kind and a number as "
                             "severity"),
        ("0,a", "is no line of a series; need series, image, kind and a number as severity"),
        ("0,a,tilt,0.1,p", "series 0 has the edits noise and tilt; construct it again"),
    ],
)  # fmt: skip
def test_wrong_lines_are_named(tmp_path: Path, row: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        constructed_texts(write_truth(tmp_path, "0,z,noise,0.5,p", row))
    assert str(caught.value) == f"{tmp_path}/truth.csv:3: {problem}"


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        constructed_texts(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'truth.csv'}: not found; give a folder that 'fgaesq data construct' wrote"
    )
