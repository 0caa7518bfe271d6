"""A dataset as Parquet files with images inside, as the Hub's `datasets` library reads them.

Two tables: `images` has a row for each image of a series, encoded as a structure of `bytes` and
`path`, `pairs` a row for each judged pair. Each is a configuration on the Hub (see `card`). The
features stand under the key `huggingface` in the schema. Files are split by size.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fgaesq.building.publish.files import ImageFiles
from fgaesq.datasets.formats.parquet_series import FILE_SPLITS
from fgaesq.datasets.records import SPLITS, Dataset, Split
from fgaesq.errors import MissingExtraError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SHARD_BYTES", "features", "write_parquet"]

SHARD_BYTES = 500_000_000
"""About how large a file gets, as the Hub's own tools cut them."""

_ROWS_AT_ONCE = 100  # of a row group: what is read to open one image
_PAIRS_AT_ONCE = 50_000

_IMAGES: Final[Mapping[str, str]] = {
    "id": "string", "series": "string", "source": "string", "image": "image", "value": "float64",
    "crop": "crop", "maker": "string", "licence": "string", "prompt": "string",
}  # fmt: skip
_PAIRS: Final[Mapping[str, str]] = {
    "series": "string", "source": "string", "first": "string", "second": "string", "p": "float64",
    "votes": "int32",
}  # fmt: skip
_EDGES = ("left", "top", "right", "bottom")


def write_parquet(
    dataset: Dataset,
    folder: Path,
    *,
    files: ImageFiles,
    shard_bytes: int = SHARD_BYTES,
    on_image: Callable[[], None] | None = None,
) -> None:
    """Write `images/train-00000-of-00001.parquet` and the like, and `pairs/` likewise.

    Crops are cut and embedded as PNG, without loss; their boxes stand beside them.

    Args:
        dataset: of series, every one with values.
        folder: an empty one.
        files: how images become files.
        shard_bytes: from which size a file ends and the next begins.
        on_image: called for each image.

    Raises:
        MissingExtraError: pyarrow is not installed.
        DecodeError: an image cannot be read.
    """
    for split in (*SPLITS, None):
        images = _image_rows(dataset, split, files, on_image)
        _write_table(folder / "images", split, _IMAGES, images, _ROWS_AT_ONCE, shard_bytes)
        pairs = _pair_rows(dataset, split)
        _write_table(folder / "pairs", split, _PAIRS, pairs, _PAIRS_AT_ONCE, shard_bytes)


def features(table: str) -> dict[str, Any]:
    """Return the features of `images` or `pairs` as the `datasets` library writes them."""
    columns = {"images": _IMAGES, "pairs": _PAIRS}[table]
    return {name: _feature(kind) for name, kind in columns.items()}


def _feature(kind: str) -> dict[str, Any]:
    if kind == "image":
        return {"_type": "Image"}
    if kind == "crop":
        return {edge: _feature("float64") for edge in _EDGES}
    return {"dtype": kind, "_type": "Value"}


def _image_rows(
    dataset: Dataset, split: Split | None, files: ImageFiles, on_image: Callable[[], None] | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the size of each image of a split, in bytes, and its row."""
    for one in dataset.series:
        if one.split != split:
            continue
        for place, id in enumerate(one.items):  # noqa: A001 - the word of the record
            item = dataset.items[id]
            suffix, content = files.shown(item, "PNG")
            crop = item.crop
            row = {
                "id": id,
                "series": one.id,
                "source": one.source,
                "image": {"bytes": content, "path": id.replace("/", "-") + suffix},
                "value": one.values[place] if one.values else None,
                "crop": {edge: getattr(crop, edge) for edge in _EDGES} if crop else None,
                "maker": item.source,
                "licence": item.licence,
                "prompt": item.prompt,
            }
            yield len(content), row
            if on_image:
                on_image()


def _pair_rows(dataset: Dataset, split: Split | None) -> Iterator[tuple[int, dict[str, Any]]]:
    series = {one.id: one for one in dataset.series if one.split == split}
    for pair in dataset.pairs:
        if pair.series in series:
            row = {
                "series": pair.series,
                "source": series[pair.series].source,
                "first": pair.first,
                "second": pair.second,
                "p": pair.p,
                "votes": pair.votes,
            }
            yield 64, row


def _write_table(
    folder: Path,
    split: Split | None,
    columns: Mapping[str, str],
    rows: Iterable[tuple[int, dict[str, Any]]],
    at_once: int,
    shard_bytes: int,
) -> None:
    """Write the rows of a split into as many files as they need; none if there are no rows."""
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise MissingExtraError("writing Parquet files", "data") from None
    schema, writer, size = _schema(columns), None, 0
    paths: list[Path] = []
    for part in _parts(rows, at_once, shard_bytes):
        if writer is None or size >= shard_bytes:
            if writer:
                writer.close()
            folder.mkdir(exist_ok=True)
            paths.append(folder / f"unnamed-{split}-{len(paths)}.parquet")
            writer, size = ParquetWriter(paths[-1], schema, compression="zstd"), 0
        writer.write_table(pa.Table.from_pylist([row for _, row in part], schema=schema))
        size += sum(number for number, _ in part)
    if writer:
        writer.close()
    name = FILE_SPLITS[split] if split else "all"
    for number, path in enumerate(paths):
        path.rename(folder / f"{name}-{number:05d}-of-{len(paths):05d}.parquet")


def _parts(
    rows: Iterable[tuple[int, dict[str, Any]]], at_once: int, shard_bytes: int
) -> Iterator[Sequence[tuple[int, dict[str, Any]]]]:
    """Yield the rows in groups, of so many rows or about a tenth of a file."""
    part: list[tuple[int, dict[str, Any]]] = []
    size = 0
    for row in rows:
        part.append(row)
        size += row[0]
        if len(part) >= at_once or size >= shard_bytes / 10:
            yield part
            part, size = [], 0
    if part:
        yield part


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "float64": pa.float64(),
        "int32": pa.int32(),
        "image": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
        "crop": pa.struct([(edge, pa.float64()) for edge in _EDGES]),
    }
    described = {"info": {"features": {name: _feature(kind) for name, kind in columns.items()}}}
    return pa.schema(
        [(name, types[kind]) for name, kind in columns.items()],
        metadata={"huggingface": json.dumps(described)},
    )
