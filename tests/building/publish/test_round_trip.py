"""What is published in any format comes back with the same content, and into a new collection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.building.publish.finished_sets import finished_collection

from fgaesq.building.collection import create_collection
from fgaesq.building.publish.files import ImageFiles
from fgaesq.building.publish.finished import finished_dataset
from fgaesq.building.publish.importing import import_dataset
from fgaesq.building.publish.publishing import FORMS, Form, Publishing, publish
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.records import Dataset, Item, open_image


def described(dataset: Dataset) -> tuple[object, ...]:
    """Return all of a dataset but its files and boxes, in an order that formats may not keep."""
    items = {(one.id, one.source, one.licence, one.prompt) for one in dataset.items.values()}
    return dataset.name, items, set(dataset.series), set(dataset.pairs)


def check_pixels(one: Item, other: Item, *, coded_anew: bool) -> None:
    first, second = open_image(one).astype(float), open_image(other).astype(float)
    assert first.shape == second.shape
    assert np.abs(first - second).mean() < (5 if coded_anew else 1e-9)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_comes_back_with_the_same_content(tmp_path: Path, form: Form) -> None:
    with finished_collection(tmp_path) as collection:
        done = publish(collection, tmp_path / "out", Publishing(form=form))
    dataset = done.finished.dataset
    again = read_dataset(tmp_path / "out", strict=True)
    assert described(again) == described(dataset)
    assert set(dataset.splits) == {"train", "val", "test"}
    for id, item in dataset.items.items():
        anew = form == "fgaesthetics" and (item.crop is not None or item.path.suffix != ".jpg")
        check_pixels(item, again.items[id], coded_anew=anew)


@pytest.mark.parametrize("form", FORMS)
def test_an_export_becomes_a_collection_with_the_same_content(tmp_path: Path, form: Form) -> None:
    with finished_collection(tmp_path) as collection:
        publish(collection, tmp_path / "out", Publishing(form=form))
        dataset = finished_dataset(collection).dataset
    with create_collection(tmp_path / "new", name="wrens & twigs") as new:
        imported = import_dataset(new, read_dataset(tmp_path / "out"))
        again = finished_dataset(new).dataset
    assert not imported.failures
    assert described(renamed(again, dataset)) == described(dataset)


def renamed(again: Dataset, first: Dataset) -> Dataset:
    """Return a dataset whose series have other numbers with those of the first, by their order."""
    from dataclasses import replace

    def order(one: Dataset) -> list[tuple[str, ...]]:
        return sorted((s.source, s.split or "", s.id, *s.items) for s in one.series)

    names: dict[str, str] = {}
    for mine, theirs in zip(order(again), order(first), strict=True):
        names.update(zip(mine[2:], theirs[2:], strict=True))
    return replace(
        again,
        items={names[id]: replace(item, id=names[id]) for id, item in again.items.items()},
        series=tuple(
            replace(one, id=names[one.id], items=tuple(names[item] for item in one.items))
            for one in again.series
        ),
        pairs=tuple(
            replace(one, series=names[one.series], first=names[one.first], second=names[one.second])
            for one in again.pairs
        ),
    )


def test_links_are_the_original_files(tmp_path: Path) -> None:
    with finished_collection(tmp_path, aigc=0, crops=0) as collection:
        files = ImageFiles(keep_metadata=True, link=True)
        publish(collection, tmp_path / "out", Publishing(files=files))
    copies = {path.stat().st_ino for path in (tmp_path / "out" / "images").iterdir()}
    assert copies == {path.stat().st_ino for path in (tmp_path / "photos").iterdir()}
