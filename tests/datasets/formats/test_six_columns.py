"""FGAesthetics and PhotoTriage."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.datasets.miniatures import make_fgaesthetics, make_phototriage

from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Dataset
from fgaesq.errors import InputError


def labels(root: Path, name: str = "natural_train") -> Path:
    return root / "label" / f"{name}.txt"


def change(path: Path, *lines: str, keep: bool = True) -> None:
    """Add lines to a label file, or replace all."""
    path.write_text((path.read_text() if keep else "") + "".join(f"{line}\n" for line in lines))


def what(dataset: Dataset) -> list[str]:
    return [str(problem) for problem in dataset.problems]


def test_nine_files_give_three_sources_and_three_splits(tmp_path: Path) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path))
    assert dataset.name == "fgaesthetics"
    assert dataset.splits == ("train", "val", "test")
    assert dataset.sources == ("aigc", "cropping", "natural")
    assert (len(dataset.items), len(dataset.series), len(dataset.pairs)) == (63, 21, 63)
    assert not dataset.problems


@pytest.mark.parametrize("ranks", [True, False])
def test_the_best_image_has_the_highest_value_either_way(tmp_path: Path, *, ranks: bool) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path, ranks=ranks))
    for series in dataset.series:
        assert series.values is not None
        order = sorted(zip(series.values, series.items, strict=True), reverse=True)
        assert [item[-2:] for _, item in order] == ["01", "02", "03"]
    words = "lower" if ranks else "higher"
    reading = "ranks, 1 the best" if ranks else "scores"
    assert dataset.notes[0] == (
        f"aigc: {words} values are better, as 21 of 21 decided pairs say; they read like {reading}"
    )


def test_p_is_that_of_the_first_image(tmp_path: Path) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path))
    pairs = {(pair.first[-2:], pair.second[-2:]): pair.p for pair in dataset.pairs}
    assert pairs["01", "03"] == pytest.approx(1 / (1 + math.exp(-1.6)), abs=1e-4)
    assert pairs["02", "01"] == pytest.approx(1 / (1 + math.exp(0.8)), abs=1e-4)


def test_images_may_lie_in_one_folder(tmp_path: Path) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path, flat=True))
    assert len(dataset.series) == 21


def test_images_of_equal_name_are_told_apart_by_the_folder_of_their_source(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, sources=("natural", "aigc"), splits={"train": 3})
    for name in ("natural", "aigc"):
        for number in (1, 2, 3):
            target = tmp_path / name / f"{number:06d}"
            target.mkdir(parents=True)
            for image in (tmp_path / f"{number:06d}").iterdir():
                (target / image.name).write_bytes(image.read_bytes())
    change(labels(tmp_path, "aigc_train"), *labels(tmp_path).read_text().splitlines(), keep=False)
    for number in range(1, 7):
        for image in (tmp_path / f"{number:06d}").iterdir():
            image.unlink()
    dataset = read_dataset(tmp_path)
    for item in dataset.items.values():
        assert item.path.parent.parent.name == item.source
    assert not dataset.problems


def test_whole_numbers_that_agree_are_called_dubious(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, sources=("natural",))
    for path in (tmp_path / "label").iterdir():
        rows = [line.split() for line in path.read_text().splitlines()]
        change(path, *(f"{s} {a} {b} {p} {4 - int(x)} {4 - int(y)}" for s, a, b, p, x, y in rows),
               keep=False)  # fmt: skip
    assert "CAUTION: whole numbers from 1 read like ranks" in read_dataset(tmp_path).notes[0]


def test_an_undecidable_direction_is_refused(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, sources=("natural",), splits={"train": 2})
    change(labels(tmp_path), "1 1 2 .7 1 2", "1 2 3 .7 3 2", keep=False)
    with pytest.raises(InputError) as caught:
        read_dataset(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: natural: it cannot be told whether high values of the last two columns are "
        "good or bad: 1 pairs say good, 1 say bad; check the columns"
    )


def test_ties_are_kept_as_ties(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, images=4)
    path = labels(tmp_path)
    lines = path.read_text().splitlines()
    change(path, "1 1 2 .5 1 2", *[line for line in lines if not line.startswith("1 2 1 ")],
           keep=False)  # fmt: skip
    assert sum(pair.p == 0.5 for pair in read_dataset(tmp_path).pairs) == 1


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, sources=("natural",))
    first = labels(tmp_path).read_text().splitlines()[0]
    change(labels(tmp_path), first, "1 1 2 0.7", "1 1 2 1.7 1 2", "a b c d e f")
    (tmp_path / "000002" / "000002-03.jpg").unlink()
    dataset = read_dataset(tmp_path)
    assert what(dataset) == [
        "unreadable lines: 2 (natural_train.txt:11, natural_train.txt:13)",
        "probabilities outside [0, 1]: 1 (natural_train.txt:12)",
        f"images that are not there: 1 ({tmp_path / '000002' / '000002-03.jpg'})",
        "pairs without their images: 2 (natural/000002: natural/000002-01, natural/000002-03, "
        "natural/000002: natural/000002-03, natural/000002-02)",
        "repeated rows: 1 (natural/000001: natural/000001-02, natural/000001-01)",
    ]
    assert len(dataset.series) == 7


def test_phototriage_has_the_images_of_both_folders(tmp_path: Path) -> None:
    dataset = read_dataset(make_phototriage(tmp_path))
    assert dataset.name == "phototriage"
    assert dataset.splits == ("train", "val", "test")
    assert (len(dataset.series), len(dataset.pairs)) == (7, 21)
    assert dataset.series[0].values == (-2, -1, -3)  # the first pair names image 2 first
    assert not dataset.problems


def test_test_pairs_of_phototriage_may_lack_their_judgement(tmp_path: Path) -> None:
    make_phototriage(tmp_path)
    change(tmp_path / "test" / "test_pairlist.txt", "6 1 2", keep=False)
    dataset = read_dataset(tmp_path)
    assert what(dataset) == ["pairs without a judgement: 1 (test_pairlist.txt:1)"]
    assert dataset.splits == ("train", "val")
