"""How alike photos have to be: more with time, less on a wider slider, never anything."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.desk.grouping import GroupingSettings

GAPS_S = np.array([0, 0.1, 2, 10, 60, 600, 3600, 43200, 86400, 1e9])


@pytest.mark.parametrize("size", [0, 0.5, 1])
def test_more_likeness_is_wanted_the_more_time_lies_between(size: float) -> None:
    wanted = GroupingSettings(size).wanted_after(GAPS_S)
    assert (np.diff(wanted) >= 0).all()
    assert wanted.min() >= 0.4
    assert wanted.max() <= 0.98


def test_the_middle_of_the_slider_has_the_documented_thresholds() -> None:
    wanted = GroupingSettings().wanted_after(GAPS_S[2:9])
    assert wanted == pytest.approx([0.45, 0.51, 0.58, 0.64, 0.74, 0.92, 0.98])
    untimed = GroupingSettings().wanted_untimed(np.array([True, False]))
    assert untimed == pytest.approx([0.66, 0.76])


def test_the_slider_moves_what_is_wanted() -> None:
    tight, wide = (GroupingSettings(size).wanted_after(np.array([60.0])) for size in (0, 1))
    assert (tight[0], wide[0]) == (pytest.approx(0.70), pytest.approx(0.46))
