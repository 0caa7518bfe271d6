"""Statistics of a dataset as text."""

from __future__ import annotations

from typing import Any

from fgaesq.report.dataset import dataset_text


def report(**changes: object) -> dict[str, Any]:
    """Statistics of a set of two scored images, with changes."""
    counts = {"images": 2, "series": 0, "pairs": 0, "scores": 2}
    return {
        "name": "ava",
        "kind": "absolute",
        "path": "AVA",
        "total": counts,
        "splits": {},
        "sources": {},
        "series_sizes": {},
        "values": None,
        "pairs": None,
        "triples": None,
        "scores": None,
        "leaks": {"images": 0, "examples": []},
        "images": None,
        "notes": [],
        "problems": [],
        **changes,
    }


def lines(**changes: object) -> list[str]:
    return dataset_text(report(**changes)).splitlines()


def test_a_set_without_anything_has_its_counts() -> None:
    assert lines() == [
        "AVA: ava, judged image by image",
        "",
        "       images    series     pairs    scores",
        "all         2         0         0         2",
        "",
        "split leaks       cannot be, as there are not two splits",
    ]


def test_scores_are_shown_with_their_spread() -> None:
    scores = {
        "range": [1.0, 10.0], "lowest": 2.0, "highest": 8.25, "mean": 5.0, "deviation": 1.0,
        "histogram": [0, 1, 0, 0, 0, 0, 0, 1, 0, 0], "with_distribution": 2,
    }  # fmt: skip
    assert lines(scores=scores)[5:8] == [
        "scores            2 to 8.25, mean 5.000, deviation 1.000",
        "from 1 to 10      0 1 0 0 0 0 0 1 0 0",
        "distributions     2 of ten bins",
    ]


def test_leaks_between_splits_are_named() -> None:
    splits = {name: report()["total"] for name in ("train", "test")}
    leaks = {"images": 1, "examples": ["a.jpg"]}
    assert lines(splits=splits, leaks=leaks)[-1] == (
        "split leaks       1 images in two splits: a.jpg"
    )


def test_images_that_do_not_open_are_named() -> None:
    images = {
        "sampled": 1, "smallest_side": None, "largest_side": None, "median_height": None,
        "median_width": None, "unreadable": 1, "examples": ["a.jpg: it is empty"],
    }  # fmt: skip
    assert lines(images=images)[-3:] == [
        "images opened     1: none could be opened",
        "not readable      1 of these",
        "                  a.jpg: it is empty",
    ]


def test_problems_stand_out_from_what_is_harmless() -> None:
    problem = {"what": "bad lines", "count": 4, "examples": ["a:1", "a:2"], "harmless": False}
    assert lines(problems=[problem, {**problem, "count": 2, "harmless": True}])[-2:] == [
        "PROBLEM           bad lines: 4 (a:1, a:2, ...)",
        "seen              bad lines: 2 (a:1, a:2)",
    ]
