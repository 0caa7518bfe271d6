"""Which cells of a series become fine tokens.

A cell deserves full resolution where the series differs *and* there is something to see: SSIM alone
is as low on flat sky with noise in it as on the eyes of the subject. Half of the cells are the most
important ones anywhere, the other half the most important ones of each region of the frame, so
that one restless tree cannot take the whole budget (docs/decisions/0002 has the measurements).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cell_importance", "select_cells"]

_REGIONS = (3, 4)  # rows and columns of regions that are served in turn
_DETAIL_FLOOR = 4.0  # grey levels of fine structure that even a flat cell is taken to have


def cell_importance(
    difference: NDArray[np.float32] | None, detail: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return how much each cell matters to a ranking.

    Args:
        difference: 1 - SSIM over the series, (rows, columns), 0 to 1; None for a single image.
        detail: fine structure in grey levels (`series.cell_detail`), same shape.

    Returns:
        (rows, columns) float64, at least 0. Where nothing differs, detail alone decides, on a scale
        far below any real difference.
    """
    structure = np.log1p(detail.astype(np.float64) / _DETAIL_FLOOR)
    if difference is None:
        return structure
    return (difference.astype(np.float64) + 1e-3) * (0.2 + structure)


def select_cells(
    importance: NDArray[np.float64], number: int, *, spread: float = 0.5
) -> tuple[int, ...]:
    """Return the ids of the cells to keep at full resolution.

    Args:
        importance: (rows, columns).
        number: how many cells to take; all of them if there are fewer.
        spread: share of the cells, 0 to 1, given to the regions of the frame in turn instead of to
            the highest importance anywhere.

    Returns:
        Ascending ids in raster order. Equal importance is decided in favour of the smaller id.
    """
    values = importance.ravel()
    number = min(number, values.size)
    order = np.argsort(-values, kind="stable")
    top = number - int(round(number * spread))
    chosen = order[:top]
    rest = order[top:]
    turn = _turn_in_region(rest, importance.shape)
    by_turn = rest[np.argsort(turn, kind="stable")]
    return tuple(sorted(int(i) for i in np.concatenate([chosen, by_turn[: number - top]])))


def _turn_in_region(ids: NDArray[np.intp], grid: tuple[int, ...]) -> NDArray[np.intp]:
    """Return, for cells in falling importance, how many of their region come before each."""
    rows, columns = grid
    row_region = (ids // columns) * _REGIONS[0] // rows
    column_region = (ids % columns) * _REGIONS[1] // columns
    region = row_region * _REGIONS[1] + column_region
    turn = np.zeros_like(ids)
    for one in np.unique(region):
        members = region == one
        turn[members] = np.arange(int(members.sum()))
    return turn
