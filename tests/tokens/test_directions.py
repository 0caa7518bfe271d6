"""Directions of edges, from structure tensors of known gradients."""

from __future__ import annotations

import numpy as np
import pytest

from fgaesq.tokens.directions import edge_directions


@pytest.mark.parametrize(
    ("gradient_deg", "off_axis_deg", "near_horizontal"),
    [(0, 0, False), (10, 10, False), (-30, -30, False), (80, -10, True), (-85, 5, True)],
)
def test_edges_lie_across_their_gradient(
    gradient_deg: float, off_axis_deg: float, near_horizontal: bool
) -> None:
    angle = np.deg2rad(gradient_deg)
    across, down = (np.array([4 * f(angle)], np.float32) for f in (np.cos, np.sin))
    off_axis, horizontal, weight = edge_directions(across**2, down**2, across * down, least=16.0)
    assert off_axis == pytest.approx([off_axis_deg], abs=1e-4)
    assert horizontal.tolist() == [near_horizontal]
    assert weight == pytest.approx([4 * 0.5**2])  # half of a direction of that strength is believed


def test_what_has_no_direction_counts_nothing() -> None:
    same, none = np.array([9.0], np.float32), np.zeros(1, np.float32)
    assert edge_directions(same, same, none, least=1.0)[2] == [0]
    assert edge_directions(none, none, none, least=1.0)[2] == [0]
