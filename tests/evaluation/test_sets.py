"""The sets that models are measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.datasets.miniatures import make_fgaesthetics, make_gaic
from tests.datasets.pool import write_pool
from tests.scenes import scene

from fgaesq.datasets.reading import read_dataset
from fgaesq.errors import InputError
from fgaesq.evaluation.metrics import pair_accuracy, pair_table
from fgaesq.evaluation.sets import (
    MAKER,
    constructed_set,
    dataset_series,
    of_split,
    read_human_pairs,
)


def test_constructed_set_uses_photos_of_its_split_only(tmp_path: Path) -> None:
    write_pool(tmp_path, train=2, val=2)
    made = list(constructed_set(tmp_path, split="val", series=4, seed=1))
    assert [one.id for one in made] == ["000000", "000001", "000002", "000003"]
    assert [one.group for one in made] == ["defocus", "motion", "overexposure", "underexposure"]
    assert made[0].measure == "severity"
    assert made[0].values is not None
    assert all(-1 <= value <= 0 for value in made[0].values)
    with pytest.raises(InputError, match="lists no photo of the split 'test'"):
        list(constructed_set(tmp_path, split="test", series=1, seed=1))


def test_human_pairs_take_the_mean_of_both_tests_and_the_votes(tmp_path: Path) -> None:
    PILImage.fromarray(scene(32, 32, seed=0)).save(tmp_path / "x.png")
    (tmp_path / "aigc.csv").write_text(
        "series,image,generator,appeal_a,appeal_b,peer_p\n"
        "s,x.png,g,2,4,0.5\ns,x.png,h,1,1,0.25\nt,x.png,g,1,3,1\n"
    )
    (tmp_path / "superres.csv").write_text("series,image,method,votes,of\nr,x.png,m,12,53\n")
    first, second = read_human_pairs(tmp_path, "aigc")
    assert (first.id, first.values) == ("s", [3.0, 1.0])
    assert (first.peers, first.oracles) == ({"p": [0.5, 0.25]}, {MAKER: [2.5, 1.0]})
    assert second.oracles[MAKER] == [2.5]
    assert read_human_pairs(tmp_path, "superres")[0].values == [12.0]


def test_human_pairs_without_their_table(tmp_path: Path) -> None:
    table = tmp_path / "aigc.csv"
    with pytest.raises(InputError) as error:
        read_human_pairs(tmp_path, "aigc")
    assert str(error.value) == f"{table}: not found; give the folder of human judgements"


def test_a_dataset_gives_its_series_with_their_pairs_and_peers(tmp_path: Path) -> None:
    dataset = of_split(read_dataset(make_fgaesthetics(tmp_path)), None)
    scores = {item: float(n) for n, item in enumerate(dataset.items)}
    made = list(dataset_series(dataset, {"other": scores}))
    assert sorted({one.group for one in made}) == ["aigc", "cropping", "natural"]
    assert len(made) == 6  # two test series of each source
    one = made[0]
    assert one.pairs is not None
    assert len(one.pairs) == 3
    assert one.values is not None
    best = int(np.argmax(one.values))
    assert all((p > 0.5) == (i == best) for i, j, p in one.pairs if best in (i, j))
    assert one.peers == {"other": [scores[item] for item in one.names]}


def test_a_dataset_of_values_has_no_judged_pairs(tmp_path: Path) -> None:
    made = list(dataset_series(read_dataset(make_gaic(tmp_path))))
    assert {one.group for one in made} == {"gaic"}
    assert all(one.pairs is None for one in made)


def test_the_test_split_is_taken_unless_told(tmp_path: Path) -> None:
    dataset = read_dataset(make_fgaesthetics(tmp_path, splits={"train": 2, "test": 1}))
    assert of_split(dataset, None).splits == ("test",)
    assert of_split(dataset, "train").splits == ("train",)
    assert of_split(dataset, "all") is dataset
    with pytest.raises(InputError) as error:
        of_split(dataset, "val")
    assert (
        str(error.value) == f"{tmp_path}: has no split 'val', only train, test; choose by --split"
    )


@pytest.mark.slow
def test_published_scores_have_their_published_accuracy(shared: Path) -> None:
    """The pair accuracies stated in the README of the human judgements, to three decimals."""
    stated = {
        "niqe": 0.755, "ilniqe": 0.736, "maniqa": 0.718, "dbcnn": 0.655, "nima_appeal": 0.618,
        "musiq": 0.618, "brisque": 0.582, MAKER: 0.827,
    }  # fmt: skip
    series = read_human_pairs(shared / "human", "aigc")
    right: dict[str, list[float]] = {name: [] for name in stated}
    for one in series:
        for name, column in {**one.peers, **one.oracles}.items():
            scores, level = np.array(column), -np.array(one.values)
            margins = pair_table(scores, level, np.zeros(len(level), np.int64))[0]
            right[name] += [pair_accuracy(np.array([margin])) for margin in margins]
    assert {name: round(sum(r) / len(r), 3) for name, r in right.items()} == stated
