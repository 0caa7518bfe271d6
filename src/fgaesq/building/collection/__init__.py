"""A dataset in the making: its images, series, drops, measures and ranks, in one SQLite file."""

from fgaesq.building.collection.store import Collection, create_collection, open_collection

__all__ = ["Collection", "create_collection", "open_collection"]
