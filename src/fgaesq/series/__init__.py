"""What belongs together in a series and what differs inside it: alignment and difference maps."""

from fgaesq.series.alignment import Placement, SeriesFrame, align_series
from fgaesq.series.difference import cell_detail, cell_difference, series_difference

__all__ = [
    "Placement",
    "SeriesFrame",
    "align_series",
    "cell_detail",
    "cell_difference",
    "series_difference",
]
