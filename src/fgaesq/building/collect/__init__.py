"""Collecting: from a heap of images to series, with where each image comes from.

`collecting.collect` is the whole; `natural` (bursts), `frames` (of clips), `generated` (images of
one prompt) and `cropping` each say what a series is. See docs/collecting.md.
"""

from fgaesq.building.collect.collecting import collect
from fgaesq.building.collect.records import Collected, CollectSettings

__all__ = ["CollectSettings", "Collected", "collect"]
