"""Constructed series: one photo, made worse by known steps, shot by an unsteady hand.

The order inside a series is certain, because every member differs from the better one only by more
of the same edit. All else that varies (framing by a few pixels, a common flaw, the file's
compression) is either common to the series or too small to matter, so that it carries no clue.
"""

from __future__ import annotations

from fgaesq.datasets.constructed.edited import construct_series
from fgaesq.datasets.constructed.frames import ConstructedSeries
from fgaesq.datasets.constructed.pool import PoolPhoto, read_pool, split_of
from fgaesq.datasets.constructed.stream import Making, draw_frame, kind_at, series_stream

__all__ = [
    "ConstructedSeries",
    "Making",
    "PoolPhoto",
    "construct_series",
    "draw_frame",
    "kind_at",
    "read_pool",
    "series_stream",
    "split_of",
]
