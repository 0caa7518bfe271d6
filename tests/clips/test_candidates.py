"""Scenes, blur and repetitions, on glances whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.clips.candidates import Glance, candidates, scenes, sharpness


def glance(number: int, *, look: float, sharp: float = 10.0) -> Glance:
    """Return a glance at a tenth of a second each; equal looks are equal pictures."""
    columns = np.linspace(0, 1, 32, dtype=np.float32)
    row = 0.5 + 0.4 * np.sin(6.28 * (columns + look)).astype(np.float32)
    thumbnail = np.broadcast_to(row[None, :, None], (18, 32, 3)).astype(np.float32)
    return Glance(number, number / 10, thumbnail, sharp)


def numbers(glances: list[Glance]) -> list[int]:
    return [one.pts for one in glances]


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    grey = np.zeros((5, 5), dtype=np.uint8)
    grey[2, 2] = 1
    # Of the nine inner values one is 4, four are -1, four are 0: mean 0, variance 20 / 9.
    assert sharpness(grey) == pytest.approx(20 / 9)


def test_sudden_change_is_a_cut() -> None:
    shots = [glance(i, look=0.0 if i < 8 else 0.5) for i in range(16)]
    assert [numbers(scene) for scene in scenes(shots)] == [list(range(8)), list(range(8, 16))]


def test_steady_change_is_no_cut() -> None:
    assert len(scenes([glance(i, look=i * 0.12) for i in range(16)])) == 1


def test_single_glance_is_a_scene() -> None:
    assert scenes([]) == []
    assert len(scenes([glance(0, look=0)])) == 1


def test_repetitions_leave_the_sharpest() -> None:
    shots = [glance(i, look=0.0, sharp=9.0 + (i == 4)) for i in range(8)]
    assert numbers(candidates(shots, 5)) == [4]


def test_blurred_frames_are_left_out() -> None:
    shots = [glance(i, look=i * 0.03, sharp=1.0 if i in (3, 4) else 10.0) for i in range(8)]
    assert numbers(candidates(shots, 20)) == [0, 1, 2, 5, 6, 7]


def test_scene_that_is_all_soft_still_has_candidates() -> None:
    shots = [glance(i, look=i * 0.03, sharp=0.5) for i in range(4)]
    assert numbers(candidates(shots, 4)) == [0, 1, 2, 3]


def test_frames_that_show_nothing_are_left_out() -> None:
    black = Glance(0, 0.0, np.zeros((18, 32, 3), dtype=np.float32), 50.0)
    assert numbers(candidates([black, glance(1, look=0.2)], 4)) == [1]
    assert numbers(candidates([black], 4)) == [0]


@pytest.mark.parametrize("most", [1, 2, 5])
def test_candidates_are_spread_over_time(most: int) -> None:
    chosen = candidates([glance(i, look=i * 0.03) for i in range(30)], most)
    assert len(chosen) == most
    assert numbers(chosen) == sorted(numbers(chosen))
    gaps = np.diff(numbers(chosen))
    assert most == 1 or gaps.max() <= 2 * 30 / most
