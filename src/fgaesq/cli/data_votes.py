"""The votes of a dataset, for commands that can do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fgaesq.building.records import Vote

__all__ = ["opened_votes"]


@contextmanager
def opened_votes(dataset: Path, url: str | None) -> Iterator[Iterable[Vote]]:
    """Give the votes at `url`, else those in the folder of the dataset, none if it has none."""
    from fgaesq.building.votes import FILE, open_votes

    if url is None and not (dataset / FILE).is_file():
        yield ()
        return
    with open_votes(dataset, url) as votes:
        yield votes
