"""Small datasets in the true layout of each published one: real JPEG files, made by code.

Each function writes below `folder` and returns it. In every series the first image is the best and
each further one is blurred more, so that a network can learn from them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image as PILImage
from PIL import ImageFilter
from tests.photos import write_jpeg
from tests.scenes import scene

from fgaesq.types import Image

__all__ = [
    "SPLITS",
    "frame",
    "make_aadb",
    "make_ava",
    "make_baid",
    "make_cpc",
    "make_fcdb",
    "make_fgaesthetics",
    "make_gaic",
    "make_icaa17k",
    "make_own",
    "make_para",
    "make_phototriage",
    "make_pick_a_pic",
    "make_tad66k",
    "write_csv",
]

SPLITS: Final[Mapping[str, int]] = {"train": 3, "val": 2, "test": 2}
"""How many series or images of each split."""

_SIZE = (64, 96)


def frame(seed: int, number: int, *, size: tuple[int, int] = _SIZE) -> Image:
    """Return one image of a series: the scene of `seed`, blurred more with each number from 0."""
    image = PILImage.fromarray(scene(*size, seed=seed))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(0.8 * number)))


def make_fgaesthetics(
    folder: Path,
    *,
    splits: Mapping[str, int] = SPLITS,
    images: int = 3,
    sources: Sequence[str] = ("natural", "aigc", "cropping"),
    ranks: bool = True,
    flat: bool = False,
    size: tuple[int, int] = _SIZE,
) -> Path:
    """Write label files of six columns and images.

    Args:
        folder: for `label/{source}_{split}.txt` and the images.
        splits: series of each split and source; ids go on over all of them.
        images: of each series.
        sources: whose files to write.
        ranks: whether columns five and six are ranks (1 the best) or scores.
        flat: whether all images lie in `images`, instead of one folder a series.
        size: (height, width) of the images.
    """
    series = 0
    for source in sources:
        for split, number in splits.items():
            lines: list[str] = []
            for _ in range(number):
                series += 1
                lines += _six_columns(series, images, ranks=ranks)
                below = folder / ("images" if flat else f"{series:06d}")
                for k in range(images):
                    name = f"{series:06d}-{k + 1:02d}.jpg"
                    write_jpeg(below / name, frame(series, k, size=size))
            _write(folder / "label" / f"{source}_{split}.txt", lines)
    return folder


def make_phototriage(folder: Path, *, splits: Mapping[str, int] = SPLITS, images: int = 3) -> Path:
    """Write pair lists and images named `000001-01.JPG`."""
    series = 0
    for split, number in splits.items():
        part = "test" if split == "test" else "train_val"
        lines: list[str] = []
        for _ in range(number):
            series += 1
            lines += _six_columns(series, images, ranks=True)
            for k in range(images):
                name = f"{series:06d}-{k + 1:02d}.JPG"
                write_jpeg(folder / part / f"{part}_imgs" / name, frame(series, k))
        _write(folder / part / f"{split}_pairlist.txt", lines)
    return folder


def _six_columns(series: int, images: int, *, ranks: bool) -> list[str]:
    """Return the pairs of a series whose images get worse with their number, from 1."""
    lines = []
    for a, b in combinations(range(1, images + 1), 2):
        first, second = (b, a) if (a + b) % 2 else (a, b)  # either may be the better one
        p = 1 / (1 + np.exp(0.8 * (first - second)))
        values = (first, second) if ranks else (5 - 0.5 * first, 5 - 0.5 * second)
        lines.append(f"{series} {first} {second} {p:.4f} {values[0]} {values[1]}")
    return lines


def make_ava(
    folder: Path, *, splits: Mapping[str, int] = SPLITS, size: tuple[int, int] = _SIZE
) -> Path:
    """Write AVA.txt, images, and own split lists; the blurred images have the low scores."""
    lines: list[str] = []
    image = 900
    for split, number in splits.items():
        ids = []
        for place in range(number):
            image += 1
            write_jpeg(folder / "images" / f"{image}.jpg", frame(image, place % 4, size=size))
            votes = np.random.default_rng(image).multinomial(
                200, _votes_around(8 - 2 * (place % 4))
            )
            lines.append(f"{len(lines) + 1} {image} {' '.join(map(str, votes))} 1 22 1396")
            ids.append(str(image))
        _write(folder / f"{split}.txt", ids)
    _write(folder / "AVA.txt", lines)
    return folder


def _votes_around(centre: float) -> list[float]:
    weights = np.exp(-0.5 * ((np.arange(1, 11) - centre) / 1.3) ** 2)
    return list(weights / weights.sum())


def make_aadb(folder: Path) -> Path:
    """Write the three regression lists and images of original size."""
    names = {"train": "Train", "val": "Validation", "test": "TestNew"}
    for split, images in _scored("farm1_26", ".jpg").items():
        lines = [f"{name} {score / 10}" for name, score in images]
        _write(folder / "imgListFiles_label" / f"imgList{names[split]}Regression_score.txt", lines)
        _write_images(folder / "datasetImages_originalSize", images)
    return folder


def make_tad66k(folder: Path) -> Path:
    """Write labels/merge and images."""
    for split, images in _scored("pt", ".jpg", splits=("train", "test")).items():
        write_csv(folder / "labels" / "merge" / f"{split}.csv", [("image", "score"), *images])
        _write_images(folder / "TAD66K", images)
    return folder


def make_icaa17k(folder: Path) -> Path:
    """Write 1train.csv and 1test.csv, images below a colour combination."""
    for split, images in _scored(
        "complementary/orange_blue/a", ".jpg", splits=("train", "test")
    ).items():
        rows = [(name, 5.5, score, 0.7) for name, score in images]
        write_csv(folder / f"1{split}.csv", [("ID", "color", "MOS", "probability"), *rows])
        _write_images(folder / "images", images)
    return folder


def make_baid(folder: Path) -> Path:
    """Write dataset/*_set.csv and images."""
    for split, images in _scored("", ".jpg").items():
        write_csv(folder / "dataset" / f"{split}_set.csv", [("image", "score"), *images])
        _write_images(folder / "images", images)
    return folder


def make_para(folder: Path) -> Path:
    """Write the two annotation tables and images below their session."""
    halves = [f"aestheticScore_{k / 2:.1f}" for k in range(2, 11)]
    header = ("imageName", "sessionId", "semantic", *halves, "aestheticScore_mean")
    for split, images in _scored("iaa_pub", "_.jpg", splits=("train", "test")).items():
        rows = [(name, "session1", "animal", *[1] * 9, 1 + score / 2.5) for name, score in images]
        table = folder / "annotation" / f"PARA-Giaa{split.capitalize()}.csv"
        write_csv(table, [header, *rows])
        _write_images(folder / "imgs" / "session1", images)
    return folder


def _scored(
    prefix: str, suffix: str, *, splits: Iterable[str] = tuple(SPLITS)
) -> dict[str, list[tuple[str, float]]]:
    """Return names and scores of 0 to 10 by split."""
    found: dict[str, list[tuple[str, float]]] = {}
    number = 0
    for split in splits:
        found[split] = []
        for _ in range(SPLITS[split]):
            number += 1
            found[split].append((f"{prefix}{number}{suffix}", 1 + number))
    return found


def _write_images(folder: Path, images: Iterable[tuple[str, float]]) -> None:
    for name, score in images:
        write_jpeg(folder / name, frame(int(score), 0))


def make_gaic(folder: Path, *, splits: Mapping[str, int] = SPLITS) -> Path:
    """Write a photo and its scored boxes (top, left, bottom, right, score) each."""
    photo = 0
    for split, number in splits.items():
        for _ in range(number):
            photo += 1
            write_jpeg(folder / "images" / split / f"{photo}.jpg", frame(photo, 0))
            lines = ["0 0 64 96 3.5", "4 8 60 90 4.25", "10 20 50 70 2.0", "20 30 40 60 -2"]
            _write(folder / "annotations" / split / f"{photo}.txt", lines)
    return folder


def make_cpc(folder: Path, *, photos: int = 2) -> Path:
    """Write photos and the scores of two workers for three boxes, as JSON quoted in JSON."""
    content = {
        "scores": [[3, 1, 0], [2, 2, 0]],
        "bboxes": [[0, 0, 90, 60], [8, 4, 72, 52], [30, 20, 62, 44]],
    }
    for photo in range(photos):
        name = f"ava_{photo}.jpg"
        write_jpeg(folder / "images" / name, frame(photo, 0))
        text = json.dumps(json.dumps(content))
        _write(folder / "CollectedAnnotationsRaw" / f"{name}.txt", [text])
    return folder


def make_fcdb(folder: Path, *, photos: int = 2) -> Path:
    """Write photos and two pairs of boxes (left, top, width, height) with votes each."""
    entries = []
    for photo in range(photos):
        name = f"{4910 + photo}_04cf_b.jpg"
        write_jpeg(folder / "data_ranking" / name, frame(photo, 0))
        crops = [
            {
                "vote_for_0": 4,
                "vote_for_1": 1,
                "crop_0": [0, 0, 80, 60],
                "crop_1": [40, 20, 40, 30],
            },
            {"vote_for_0": 2, "vote_for_1": 3, "crop_0": [9, 9, 40, 40], "crop_1": [0, 0, 96, 64]},
        ]
        url = f"https://farm5.staticflickr.com/4096/{name}"
        entries.append({"url": url, "crops": crops, "flickr_photo_id": 4910 + photo})
    _write(folder / "ranking_annotation.json", [json.dumps(entries)])
    return folder


def make_pick_a_pic(folder: Path, *, prompts: int = 2, as_bytes: bool = True) -> Path:
    """Write train and validation pairs of three images a prompt; images as bytes or as files."""
    import pyarrow as pa
    from pyarrow import parquet

    for seed, split in enumerate(("train", "validation")):
        rows: list[dict[str, Any]] = []
        for prompt in range(prompts):
            for a, b, label in ((0, 1, 1.0), (2, 1, 0.0), (0, 2, 0.5)):
                row: dict[str, Any] = {"caption": f"{split} prompt {prompt}", "has_label": True}
                row |= {"label_0": label, "label_1": 1 - label}
                for side, number in enumerate((a, b)):
                    uid = f"{split}-{prompt}-{number}"
                    image = frame(10 * seed + prompt, number)
                    row[f"image_{side}_uid"] = uid
                    row[f"model_{side}"] = "dreamlike"
                    if as_bytes:
                        row[f"image_{side}_url"] = f"https://example.org/{uid}.jpg"
                        row[f"jpg_{side}"] = _jpeg_bytes(image)
                    else:
                        row[f"image_{side}_url"] = f"images/{uid}.jpg"
                        write_jpeg(folder / "images" / f"{uid}.jpg", image)
                rows.append(row)
        path = folder / "data" / f"{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
    return folder


def _jpeg_bytes(image: Image) -> bytes:
    buffer = io.BytesIO()
    PILImage.fromarray(image).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def make_own(folder: Path, *, splits: Mapping[str, int] = SPLITS, images: int = 3) -> Path:
    """Write series.csv and pairs.csv beside a folder for each series."""
    series: list[tuple[Any, ...]] = [("series", "image", "value", "split", "source")]
    pairs: list[tuple[Any, ...]] = [("series", "first", "second", "p", "votes")]
    number = 0
    for split, count in splits.items():
        for _ in range(count):
            number += 1
            names = [f"photos/{number}/{k}.jpg" for k in range(images)]
            for k, name in enumerate(names):
                write_jpeg(folder / name, frame(number, k))
                series.append((f"s{number}", name, -k, split, "mine"))
            for a, b in combinations(range(images), 2):
                pairs.append((f"s{number}", names[a], names[b], 0.5 + 0.1 * (b - a), 10))
    write_csv(folder / "series.csv", series)
    write_csv(folder / "pairs.csv", pairs)
    return folder


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    """Write a CSV file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return path


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
