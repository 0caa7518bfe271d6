"""A dataset in the layout in which FGAesthetics was released (see `formats.six_columns`).

Nine tables of six columns lie in `label/`, images in a folder for each series. What that layout has
no place for is in two more tables, which our reader looks for and others need not know.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fgaesq.building.publish.files import ImageFiles
from fgaesq.datasets.formats.six_columns import IMAGE_DETAILS, PAIR_DETAILS
from fgaesq.datasets.records import Dataset
from fgaesq.datasets.tables import write_table
from fgaesq.errors import InputError

__all__ = ["write_released_layout"]


def write_released_layout(
    dataset: Dataset,
    folder: Path,
    *,
    files: ImageFiles,
    on_image: Callable[[], None] | None = None,
) -> None:
    """Write series named `natural/000123` with images named `natural/000123-01`.

    Every image becomes a JPEG file: those that are none, and crops, are coded anew.

    Args:
        dataset: a finished one, every series with values, a split and a source.
        folder: an empty one.
        files: how images become files.
        on_image: called for each image.

    Raises:
        InputError: a series has no split or no values.
        DecodeError: an image cannot be read.
    """
    series = {one.id: one for one in dataset.series}
    for one in dataset.series:
        if one.split is None or one.values is None:
            raise InputError(f"series {one.id}: has no split or no values; split the dataset first")
        for item in one.items:
            name = _number(item)
            (folder / name.split("-")[0]).mkdir(exist_ok=True)
            files.write_shown(dataset.items[item], folder / name.split("-")[0] / name, "JPEG")
            if on_image:
                on_image()
    values = {
        item: value
        for one in dataset.series
        for item, value in zip(one.items, one.values or (), strict=True)
    }
    (folder / "label").mkdir()
    rows: dict[str, list[str]] = {}
    for pair in dataset.pairs:
        one = series[pair.series]
        first, second = (_number(item).split("-") for item in (pair.first, pair.second))
        fields = (first[0], first[1], second[1], pair.p, values[pair.first], values[pair.second])
        rows.setdefault(f"{one.source}_{one.split}", []).append(" ".join(map(str, fields)))
    for name, lines in rows.items():
        path = folder / "label" / f"{name}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    details = (
        (item, values[item], one.source, one.licence, one.prompt)
        for item, one in dataset.items.items()
    )
    write_table(folder / IMAGE_DETAILS, ("image", "value", "maker", "licence", "prompt"), details)
    votes = ((p.first, p.second, p.votes or "") for p in dataset.pairs)
    write_table(folder / PAIR_DETAILS, ("first", "second", "votes"), votes)


def _number(item: str) -> str:
    """Return `000123-01` of `natural/000123-01`."""
    return item.rsplit("/", 1)[-1]
