"""Statistics of datasets, against counts by hand."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.miniatures import make_ava, make_cpc, make_fgaesthetics, make_own

from fgaesq.datasets.inspection import inspect_dataset, intransitive_triples
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Dataset, Item, PairRecord, SeriesRecord


def pairs(*judged: tuple[str, str, float]) -> list[PairRecord]:
    return [PairRecord("s", *one) for one in judged]


def test_a_circle_of_three_is_intransitive() -> None:
    circle = pairs(("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.1))
    assert intransitive_triples("abc", circle) == (1, 1)


def test_an_order_of_three_is_not() -> None:
    order = pairs(("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", 0.9))
    assert intransitive_triples("abc", order) == (1, 0)


@pytest.mark.parametrize("p", [None, 0.5])
def test_a_triple_without_all_three_verdicts_is_not_judged(p: float | None) -> None:
    judged = pairs(("a", "b", 0.9), ("b", "c", 0.9), *([("a", "c", p)] if p else []))
    assert intransitive_triples("abc", judged) == (0, 0)


def test_the_count_by_matrices_is_that_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    items = [str(number) for number in range(9)]
    judged = pairs(
        *((a, b, float(rng.random())) for a, b in combinations(items, 2) if rng.random() < 0.8)
    )
    better = {(pair.first, pair.second): pair.p > 0.5 for pair in judged}
    better |= {(b, a): not won for (a, b), won in better.items()}
    triples = [
        (better[a, b], better[b, c], better[c, a])
        for a, b, c in combinations(items, 3)
        if {(a, b), (b, c), (c, a)} <= set(better)
    ]
    circles = sum(len(set(triple)) == 1 for triple in triples)
    assert circles
    assert intransitive_triples(items, judged) == (len(triples), circles)


def test_series_are_counted_by_split_source_and_size(tmp_path: Path) -> None:
    report = inspect_dataset(read_dataset(make_fgaesthetics(tmp_path, images=4)))
    assert report["total"] == {"images": 84, "series": 21, "pairs": 126, "scores": 0}
    assert report["splits"]["train"]["series"] == 9
    assert report["sources"]["aigc"]["images"] == 28
    assert report["series_sizes"] == {4: 21}
    assert report["triples"] == {"judged": 84, "intransitive": 0}
    assert report["pairs"]["decided"] == 126
    assert report["pairs"]["against_values"] == 0
    assert sum(report["pairs"]["histogram_of_p"]) == 126
    assert report["images"]["sampled"] == 50
    assert report["images"]["median_width"] == 96
    assert report["scores"] is None


def test_sureness_and_pairs_against_the_values() -> None:
    dataset = Dataset(
        "d",
        "series",
        Path(),
        items={name: Item(name, Path(name)) for name in "abc"},
        series=(SeriesRecord("s", ("a", "b", "c"), (3.0, 2.0, 2.0)),),
        pairs=tuple(pairs(("a", "b", 0.75), ("a", "c", 0.25), ("b", "c", 0.5))),
    )
    report = inspect_dataset(dataset, sampled=0)
    assert report["pairs"]["ties"] == 1
    assert report["pairs"]["mean_sureness"] == pytest.approx(1 / 3)
    assert report["pairs"]["against_values"] == 1
    assert report["values"] == {
        "series": 1, "pairs": 3, "equal": 1, "gap_quartiles": [0.5, 1.0, 1.0],
    }  # fmt: skip
    assert report["images"] is None


def test_scores_have_their_distribution(tmp_path: Path) -> None:
    dataset = read_dataset(make_ava(tmp_path))
    report = inspect_dataset(dataset)["scores"]
    values = [score.value for score in dataset.scores.values()]
    assert report["mean"] == pytest.approx(np.mean(values))
    assert report["lowest"] == min(values)
    assert report["with_distribution"] == 7
    assert sum(report["histogram"]) == 7


def test_an_image_in_two_splits_is_a_leak(tmp_path: Path) -> None:
    make_own(tmp_path)
    table = tmp_path / "series.csv"
    rows = table.read_text()
    table.write_text(rows.replace("s6,photos/6/0.jpg", "s6,photos/1/0.jpg"))
    (tmp_path / "pairs.csv").unlink()
    leaks = inspect_dataset(read_dataset(tmp_path))["leaks"]
    assert leaks == {"images": 1, "examples": [f"{tmp_path}/photos/1/0.jpg"]}


def test_images_that_do_not_open_are_named(tmp_path: Path) -> None:
    make_cpc(tmp_path)
    photo = tmp_path / "images" / "ava_0.jpg"
    photo.write_bytes(photo.read_bytes()[:300])
    seen: list[None] = []
    report = inspect_dataset(read_dataset(tmp_path), on_image=lambda: seen.append(None))["images"]
    assert (report["sampled"], report["unreadable"], len(seen)) == (6, 3, 6)
    assert report["examples"][0].startswith(f"{photo}: ")


def test_where_no_image_opens_there_are_no_sides(tmp_path: Path) -> None:
    make_cpc(tmp_path)
    for photo in (tmp_path / "images").iterdir():
        photo.write_bytes(b"")
    report = inspect_dataset(read_dataset(tmp_path))["images"]
    assert report["smallest_side"] is None
