"""Crops of one photo judged against each other: GAIC, CPC and FCDB. Crops are cut when opened.

Sources: GAIC, Zeng et al., CVPR 2019 (box as top, left, bottom, right and a mean opinion of 1 to 5,
-2 for crops left out). CPC, Wei et al., CVPR 2018 (24 boxes and the scores of several workers).
FCDB, Chen et al., WACV 2017 (pairs of boxes as left, top, width, height, with votes).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fgaesq.datasets.draft import Draft, RowError, finite
from fgaesq.datasets.records import SPLITS, Crop, Dataset, Item, Split
from fgaesq.datasets.tables import json_content, text_rows

__all__ = ["is_cpc", "is_fcdb", "is_gaic", "read_cpc", "read_fcdb", "read_gaic"]

_GAIC_LEFT_OUT = -2
_IMAGE_NAMES = (".jpg", ".JPG", ".jpeg", ".png")
_CPC_LABELS = "CollectedAnnotationsRaw"
_FCDB_LABELS = "ranking_annotation.json"


def is_gaic(root: Path) -> bool:
    """Tell whether a folder has `annotations` with text files and `images`."""
    labels = root / "annotations"
    return (root / "images").is_dir() and any(labels.glob("*.txt")) | any(labels.glob("*/*.txt"))


def read_gaic(root: Path) -> Dataset:
    """Read GAIC: a label file per photo, photos in `images/{train,val,test}`.

    Raises:
        InputError: no usable series.
    """
    draft = Draft("gaic", "series", root)
    for labels in sorted((root / "annotations").rglob("*.txt")):
        photo, split = _gaic_photo(draft, labels)
        draft.series(labels.stem, split=split)
        for place, fields in text_rows(labels):
            with draft.row(place):
                top, left, bottom, right, score = (finite(field) for field in fields)
                if score == _GAIC_LEFT_OUT:
                    draft.problem("crops that the authors left out (-2)", place, harmless=True)
                else:
                    box = (left, top, right, bottom)
                    _add(draft, labels.stem, photo, box, score)
    return draft.finish()


def _gaic_photo(draft: Draft, labels: Path) -> tuple[Path, Split | None]:
    """Return the photo that a label file is about, and its split: the name of its folder."""
    names = [labels.stem + suffix for suffix in _IMAGE_NAMES]
    images = draft.root / "images"
    path = draft.first_file([*(images / split for split in SPLITS), images], *names)
    if not draft.is_file(path):  # where it should be, for the message
        path = images / labels.parent.relative_to(draft.root / "annotations") / names[0]
    return path, next((split for split in SPLITS if path.parent.name == split), None)


def is_cpc(root: Path) -> bool:
    """Tell whether a folder has the collected annotations of CPC."""
    return (root / _CPC_LABELS).is_dir()


def read_cpc(root: Path) -> Dataset:
    """Read CPC: `CollectedAnnotationsRaw/<photo>.txt` beside `images/<photo>`.

    Raises:
        InputError: no usable series.
    """
    draft = Draft("cpc", "series", root)
    draft.note("CPC has no official split, so no series has one")
    draft.note("a crop's value is the mean of the workers' scores")
    folders = [root / "images", root / "images" / "all_images"]
    for labels in sorted((root / _CPC_LABELS).rglob("*.txt")):
        with draft.row(labels.name, "unreadable label files"):
            photo = draft.first_file(folders, labels.name.removesuffix(".txt"))
            boxes, scores = _cpc_boxes(json.loads(labels.read_text(encoding="utf-8")))
            draft.series(photo.name)
            for box, score in zip(boxes, scores, strict=True):
                with draft.row(f"{labels.name}: {box}"):
                    _add(draft, photo.name, photo, box, score)
    return draft.finish()


def _cpc_boxes(content: Any) -> tuple[list[Sequence[float]], list[float]]:  # noqa: ANN401 - JSON
    """Return boxes and mean scores. The file holds a JSON text in which the JSON text is quoted."""
    if isinstance(content, str):
        content = json.loads(content)
    boxes = content["bboxes"]
    scores = np.asarray(content["scores"], np.float64)  # (workers, boxes)
    if scores.ndim != 2 or scores.shape[1] != len(boxes):
        raise RowError("label files with unequal numbers of boxes and scores")
    return boxes, [float(score) for score in scores.mean(axis=0)]


def is_fcdb(root: Path) -> bool:
    """Tell whether a folder has the ranking annotations of FCDB."""
    return (root / _FCDB_LABELS).is_file()


def read_fcdb(root: Path) -> Dataset:
    """Read the ranking annotations of FCDB; photos in `data_ranking`, `data` or `images`.

    Raises:
        InputError: no usable series, or the annotations are no JSON.
    """
    draft = Draft("fcdb", "series", root)
    draft.note("the ranking annotations of FCDB have no official split, so no series has one")
    folders = [root / name for name in ("data_ranking", "data", "images")]
    photos = json_content(root / _FCDB_LABELS)
    for number, photo in enumerate(photos if isinstance(photos, list) else ()):
        with draft.row(f"{_FCDB_LABELS}: entry {number}", "unreadable entries"):
            series, url_name = str(photo["flickr_photo_id"]), str(photo["url"]).rsplit("/", 1)[-1]
            path = draft.first_file(folders, url_name)
            draft.series(series)
            for place, pair in enumerate(photo["crops"]):
                with draft.row(f"{series}: pair {place}", "unreadable pairs"):
                    _add_fcdb_pair(draft, series, path, pair)
    return draft.finish()


def _add_fcdb_pair(draft: Draft, series: str, path: Path, pair: Mapping[str, Any]) -> None:
    boxes = []
    for left, top, width, height in (pair["crop_0"], pair["crop_1"]):
        boxes.append((left, top, left + width, top + height))
    votes = int(pair["vote_for_0"]), int(pair["vote_for_1"])
    if min(votes) < 0 or not sum(votes):
        raise RowError("pairs without votes")
    first, second = (_crop(draft, series, path, box) for box in boxes)
    draft.pair(series, first, second, votes[0] / sum(votes), votes=sum(votes))


def _add(draft: Draft, series: str, photo: Path, box: Sequence[float], score: float) -> None:
    draft.member(series, _crop(draft, series, photo, box), score)


def _crop(draft: Draft, series: str, photo: Path, box: Sequence[float]) -> str:
    """Add a crop, box as (left, top, right, bottom) in pixels, and return its item id."""
    left, top, right, bottom = (finite(edge) for edge in box)
    if not (0 <= left < right and 0 <= top < bottom):
        raise RowError("boxes that are empty or begin outside the photo")
    item = f"{series}#{left:g},{top:g},{right:g},{bottom:g}"
    draft.item(Item(item, photo, Crop(left, top, right, bottom)))
    return item
