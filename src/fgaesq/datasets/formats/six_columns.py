"""FGAesthetics and PhotoTriage: pairs as six columns without a header.

The columns are: series, image a, image b, p, value of a, value of b. p is the probability that a
is better. The two values are constant per image; for FGAesthetics (arXiv 2603.03907) it is not
documented whether they are ranks or scores, so it is found out from the labels themselves.
PhotoTriage (Chang et al., Automatic triage for a photo series, 2016) calls them ranks; it is
checked all the same.

Two more tables, which `building.publish` writes beside the released layout, hold what six columns
have no place for: the value of each image with its maker, licence and prompt (`image_details.csv`),
and how many votes a pair has (`pair_details.csv`). Where they are, nothing has to be found out.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fgaesq.datasets.direction import direction_of
from fgaesq.datasets.draft import Draft, RowError, finite, probability
from fgaesq.datasets.formats.own import dataset_name
from fgaesq.datasets.records import SPLITS, Dataset, Item, Split
from fgaesq.datasets.tables import records, text_rows

__all__ = [
    "IMAGE_DETAILS",
    "PAIR_DETAILS",
    "is_fgaesthetics",
    "is_phototriage",
    "read_fgaesthetics",
    "read_phototriage",
]

IMAGE_DETAILS = "image_details.csv"
PAIR_DETAILS = "pair_details.csv"

_SOURCES = {"natural": {"natural"}, "aigc": {"aigc"}, "cropping": {"cropping", "crop"}}
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_TRIAGE_LISTS: Mapping[Split, tuple[str, ...]] = {
    "train": ("train_val/train_pairlist.txt", "train_pairlist.txt"),
    "val": ("train_val/val_pairlist.txt", "val_pairlist.txt"),
    "test": ("test/test_pairlist.txt", "test_pairlist.txt"),
}
_TRIAGE_FOLDERS = ("train_val/train_val_imgs", "test/test_imgs", "images")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line: `a` and `b` are file names without ending."""

    place: str
    series: str
    split: Split
    a: str
    b: str
    p: float
    value_a: float
    value_b: float


@dataclass(frozen=True, slots=True)
class _Details:
    """What the tables of details say; empty where there are none.

    Attributes:
        images: rows by series and, in their order, by image (`natural/000123-01`).
        votes: by pair.
    """

    images: Mapping[str, Mapping[str, Mapping[str, Any]]]
    votes: Mapping[tuple[str, str], int]


def is_fgaesthetics(root: Path) -> bool:
    """Tell whether a folder has label files such as `natural_train.txt`."""
    return bool(_fgaesthetics_files(root))


def read_fgaesthetics(root: Path) -> Dataset:
    """Read FGAesthetics as released: nine label files and folders (or one folder) of images.

    Raises:
        InputError: no usable series, or the direction of the values cannot be told for a source.
    """
    draft = Draft(dataset_name(root, "fgaesthetics"), "series", root)
    paths = _images_by_stem(root)
    details = _details(draft)
    files = _fgaesthetics_files(root)
    for source in dict.fromkeys(source for source, _ in files):
        rows = [
            row
            for (one, split), path in files.items()
            if one == source
            for row in _rows(draft, path, split)
        ]
        stems = dict.fromkeys(stem for row in rows for stem in (row.a, row.b))
        chosen = {stem: _path_of(draft, paths, stem, source) for stem in stems}
        _fill(draft, rows, source, chosen.__getitem__, details)
    draft.note("the fourth column is read as the probability that the first image is better")
    every = [(source, split) for source in _SOURCES for split in SPLITS]
    lacking = [f"{source}_{split}" for source, split in every if (source, split) not in files]
    if lacking:
        draft.note(f"there are no label files {', '.join(lacking)}")
    return draft.finish()


def is_phototriage(root: Path) -> bool:
    """Tell whether a folder has pair lists of PhotoTriage."""
    return any((root / name).is_file() for names in _TRIAGE_LISTS.values() for name in names)


def read_phototriage(root: Path) -> Dataset:
    """Read the pair lists of PhotoTriage and its images.

    Raises:
        InputError: no usable series, or the direction of the ranks cannot be told.
    """
    draft = Draft("phototriage", "series", root)
    folders = [root / name for name in _TRIAGE_FOLDERS]
    rows = [
        row
        for split, names in _TRIAGE_LISTS.items()
        for path in [root / name for name in names if (root / name).is_file()][:1]
        for row in _rows(draft, path, split)
    ]
    _fill(draft, rows, "", lambda stem: draft.first_file(folders, f"{stem}.JPG", f"{stem}.jpg"))
    return draft.finish()


def _fill(
    draft: Draft,
    rows: list[_Row],
    source: str,
    path_of: Callable[[str], Path],
    details: _Details | None = None,
) -> None:
    """Put the rows of one source into the draft, values turned so that higher is better."""
    if details and details.images:
        _fill_detailed(draft, rows, source, path_of, details)
        return
    where = f"{draft.root}: {source}" if source else str(draft.root)
    direction = direction_of((row.p, row.value_a, row.value_b) for row in rows)
    sign = direction.known_sign(where)
    named = f"{source}: " if source else ""
    draft.note(f"{named}{direction.words()}{_reading(rows, sign)}")
    prefix = f"{source}/" if source else ""
    for row in rows:
        with draft.row(row.place):
            series = prefix + row.series
            draft.series(series, split=row.split, source=source)
            first, second = prefix + row.a, prefix + row.b
            for item, stem in ((first, row.a), (second, row.b)):
                draft.item(Item(item, path_of(stem), source=source))
            draft.pair(series, first, second, row.p)
            draft.member(series, first, sign * row.value_a)
            draft.member(series, second, sign * row.value_b)


def _fill_detailed(
    draft: Draft,
    rows: list[_Row],
    source: str,
    path_of: Callable[[str], Path],
    details: _Details,
) -> None:
    """Put the rows of one source into the draft, values and images as the details have them."""
    for row in rows:
        with draft.row(row.place):
            series = f"{source}/{row.series}"
            is_new = not draft.has_series(series)
            draft.series(series, split=row.split, source=source)
            for item, one in details.images[series].items() if is_new else ():
                path = path_of(item.rsplit("/", 1)[-1])
                maker, licence, prompt = (one[name] for name in ("maker", "licence", "prompt"))
                draft.item(Item(item, path, source=maker, licence=licence, prompt=prompt))
                draft.member(series, item, finite(one["value"]))
            first, second = f"{source}/{row.a}", f"{source}/{row.b}"
            draft.pair(series, first, second, row.p, votes=details.votes.get((first, second)))


def _details(draft: Draft) -> _Details:
    images: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    votes = {}
    if (path := draft.root / IMAGE_DETAILS).is_file():
        for place, row in records(path, ("image", "value", "maker", "licence", "prompt")):
            with draft.row(place):
                images[row["image"].rsplit("-", 1)[0]][row["image"]] = row
    if (path := draft.root / PAIR_DETAILS).is_file():
        for place, row in records(path, ("first", "second", "votes")):
            with draft.row(place):
                if row["votes"]:
                    votes[row["first"], row["second"]] = int(row["votes"])
    return _Details(images, votes)


def _reading(rows: list[_Row], sign: int) -> str:
    """Say what the values look like, and warn where that speaks against the direction found."""
    values = {value for row in rows for value in (row.value_a, row.value_b)}
    if not all(value.is_integer() and value >= 1 for value in values):
        return "; they read like scores"
    if sign < 0:
        return "; they read like ranks, 1 the best"
    return (
        "; CAUTION: whole numbers from 1 read like ranks, but the highest would be the best: look "
        "at some series, as the fourth column may mean that the second image is better"
    )


def _rows(draft: Draft, path: Path, split: Split) -> Iterator[_Row]:
    for place, fields in text_rows(path):
        with draft.row(place):
            if len(fields) == 3:
                raise RowError("pairs without a judgement")
            series, a, b, p, value_a, value_b = fields
            number = int(finite(series))
            yield _Row(
                place=place,
                series=f"{number:06d}",
                split=split,
                a=f"{number:06d}-{int(finite(a)):02d}",
                b=f"{number:06d}-{int(finite(b)):02d}",
                p=probability(p),
                value_a=finite(value_a),
                value_b=finite(value_b),
            )


def _fgaesthetics_files(root: Path) -> dict[tuple[str, Split], Path]:
    """Return the label files by source and split, from the folder or its `label` or `labels`."""
    found: dict[tuple[str, Split], Path] = {}
    for folder in (root, root / "label", root / "labels"):
        for path in sorted(folder.glob("*.txt")) if folder.is_dir() else ():
            words = set(re.split(r"[^a-z]+", path.stem.lower()))
            for source, names in _SOURCES.items():
                for split in SPLITS:
                    if split in words and names & words:
                        found.setdefault((source, split), path)
    return found


def _images_by_stem(root: Path) -> Mapping[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for folder, _, names in os.walk(root):
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in _SUFFIXES:
                found[stem].append(Path(folder, name))
    return found


def _path_of(draft: Draft, paths: Mapping[str, list[Path]], stem: str, source: str) -> Path:
    """Return the image of that name: the one below a folder of the source, if there are several."""
    found = sorted(paths.get(stem, []))
    if len(found) > 1:
        below = [p for p in found if source in p.relative_to(draft.root).as_posix().lower()]
        if len(below) != 1:
            draft.problem("images found twice (the first is used)", str(found[0]), harmless=True)
        found = below or found
    return found[0] if found else draft.root / stem.split("-")[0] / f"{stem}.jpg"
