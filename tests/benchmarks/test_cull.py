"""How far two readings of a shoot agree, as `benchmarks.cull --fast` counts it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from benchmarks.cull import agreement

from fgaesq.desk.records import DeskGroup, DeskPhoto, GroupKind, Mark


def group(
    scores: Mapping[str, float], *, kind: GroupKind = "series", margin: float = 0.9
) -> DeskGroup:
    """Return a group of photos, path and score each."""
    best_first = sorted(scores.items(), key=lambda entry: -entry[1])
    photos = [
        DeskPhoto(id=rank, path=path, name=path, taken="", width=1, height=1, rank=rank,
                  score=score, p_best=0.5, reasons=(), proposal=None, mark=Mark())
        for rank, (path, score) in enumerate(best_first, start=1)
    ]  # fmt: skip
    return DeskGroup(1, kind, "", tuple(photos), margin=margin)


def test_a_shoot_agrees_with_itself() -> None:
    groups = [group({"a": 5, "b": 6}), group({"c": 3}, kind="single")]
    assert agreement(groups, groups) == {
        "series": 1,
        "same_series": 1.0,
        "same_pick": 1.0,
        "clear_series": 1,
        "same_clear_pick": 1.0,
        "correlation": 1.0,
        "correlation_in_series": 1.0,
    }


def test_picks_and_scores_are_compared_series_by_series() -> None:
    fast = [group({"a": 5, "b": 4}), group({"c": 9, "d": 8}), group({"e": 1, "f": 2})]
    normal = [
        group({"a": 4, "b": 5}, margin=0.55),  # too close to call, and turned round
        group({"c": 9, "d": 8}),
        group({"e": 1, "f": 2, "g": 3}),  # of other photos
    ]
    found = agreement(fast, normal)
    assert found["series"] == 2
    assert found["same_series"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["same_pick"] == 0.5
    assert (found["clear_series"], found["same_clear_pick"]) == (1, 1.0)
    assert found["correlation_in_series"] == 0.0, "one pair turned round, one the same"


def test_nothing_to_compare_is_none() -> None:
    found = agreement([], [])
    assert found["series"] == 0
    assert found["same_pick"] is None
    assert found["correlation"] is None
