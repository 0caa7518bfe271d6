"""Directions of edges about the axes, from structure tensors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["edge_directions"]

_Floats = NDArray[np.float32]


def edge_directions(
    xx: _Floats, yy: _Floats, xy: _Floats, *, least: float
) -> tuple[_Floats, NDArray[np.bool_], _Floats]:
    """Return how far edges are off the nearest axis, which axis that is, and what they count.

    Args:
        xx: mean square of the derivative across, any shape.
        yy: mean square of the derivative down.
        xy: mean product of both.
        least: strength (xx + yy) at which half of a direction is believed.

    Returns:
        Degrees (-45 to 45); whether the edge is near the horizontal; its weight: its strength, and
        how much of it is of one direction.
    """
    strength = xx + yy
    double = np.hypot(xx - yy, 2 * xy)  # length of the double-angle vector
    weight = np.sqrt(strength) * (double / (strength + least)) ** 2
    degrees = np.rad2deg(0.5 * np.arctan2(2 * xy, xx - yy))  # of the gradient, -90 to 90
    horizontal = np.abs(degrees) > 45  # an edge lies across its gradient
    off_axis = np.where(horizontal, degrees - np.sign(degrees) * 90, degrees)
    return off_axis, horizontal, weight
