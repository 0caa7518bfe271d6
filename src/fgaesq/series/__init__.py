"""What belongs together in a series and what differs inside it: alignment and difference maps."""

from fgaesq.series.alignment import Placement, SeriesFrame, align_series
from fgaesq.series.difference import cell_detail, cell_difference, series_difference
from fgaesq.series.overlap import shared_parts
from fgaesq.series.texture import rendered_apart

__all__ = [
    "Placement",
    "SeriesFrame",
    "align_series",
    "cell_detail",
    "cell_difference",
    "rendered_apart",
    "series_difference",
    "shared_parts",
]
