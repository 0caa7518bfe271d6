"""What belongs together in a series and what differs inside it: alignment and difference maps."""

from fgaesq.series.alignment import Placement, SeriesFrame, align_series
from fgaesq.series.coherence import unshared
from fgaesq.series.difference import cell_detail, cell_difference, series_difference
from fgaesq.series.overlap import Box, shared_boxes
from fgaesq.series.texture import rendered_apart

__all__ = [
    "Box",
    "Placement",
    "SeriesFrame",
    "align_series",
    "cell_detail",
    "cell_difference",
    "rendered_apart",
    "series_difference",
    "shared_boxes",
    "unshared",
]
