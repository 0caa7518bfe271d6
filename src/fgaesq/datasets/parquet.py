"""Parquet files: columns of judgements, and encoded images inside cells. Needs the extra `data`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fgaesq.errors import DecodeError, InputError, MissingExtraError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

    from fgaesq.datasets.records import Cell

__all__ = ["ParquetTable", "encoded_image", "encoded_images"]

_IMAGES_AT_ONCE = 64


class ParquetTable:
    """A Parquet file, read a part at a time.

    Attributes:
        path: of the file.
        columns: names of all of them.
        row_count: how many rows it has.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and read its footer.

        Raises:
            MissingExtraError: pyarrow is not installed.
            InputError: the file cannot be read.
        """
        self.path = path
        self._file = _opened(path)
        self.columns: tuple[str, ...] = tuple(self._file.schema_arrow.names)
        self.row_count = int(self._file.metadata.num_rows)

    def rows(self, columns: list[str], *, at_once: int = 65536) -> Iterator[dict[str, Any]]:
        """Yield the rows with the given columns only; so many are in memory at once."""
        for batch in self._file.iter_batches(columns=columns, batch_size=at_once):
            yield from batch.to_pylist()

    def filled(self, column: str) -> Iterator[bool]:
        """Yield for each row whether its cell holds something.

        Where the footer says that a whole part has no empty cell, the part is not read.
        """
        index = self.columns.index(column)
        for group in range(self._file.num_row_groups):
            part = self._file.metadata.row_group(group)
            known = part.column(index).statistics if self._flat else None
            if known is not None and known.has_null_count and known.null_count == 0:
                yield from (True for _ in range(part.num_rows))
            else:
                read = self._file.read_row_group(group, columns=[column])
                yield from read.column(0).is_valid().to_pylist()

    def cell(self, cell: Cell) -> Any:  # noqa: ANN401 - whatever the column holds
        """Return the content of one cell; reads the part of the column that it is in."""
        first = 0
        for group in range(self._file.num_row_groups):
            number = self._file.metadata.row_group(group).num_rows
            if cell.row < first + number:
                part = self._file.read_row_group(group, columns=[cell.column])
                return part.column(0)[cell.row - first].as_py()
            first += number
        raise InputError(f"{self.path}: has {first} rows, not row {cell.row}; read it anew")

    @property
    def _flat(self) -> bool:
        return int(self._file.metadata.num_columns) == len(self.columns)


def encoded_image(path: Path, cell: Cell) -> bytes:
    """Return the bytes of an encoded image (JPEG, PNG, ...) in a Parquet file.

    A cell holds bytes, or a structure with the field `bytes`.

    Raises:
        MissingExtraError: pyarrow is not installed.
        InputError: the file cannot be read.
        DecodeError: the cell holds no bytes.
    """
    content = _bytes(ParquetTable(path).cell(cell))
    if content is None:
        raise DecodeError(
            f"{path}, row {cell.row}: column '{cell.column}' holds no image; leave the row out"
        )
    return content


def encoded_images(path: Path, column: str) -> Iterator[bytes | None]:
    """Yield the encoded image of each row, None where there is none; reads the file once.

    Raises:
        MissingExtraError: pyarrow is not installed.
        InputError: the file cannot be read.
    """
    for row in ParquetTable(path).rows([column], at_once=_IMAGES_AT_ONCE):
        yield _bytes(row[column])


def _bytes(content: object) -> bytes | None:
    if isinstance(content, dict):
        content = content.get("bytes")
    return content if isinstance(content, bytes) else None


def _opened(path: Path) -> ParquetFile:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise MissingExtraError("reading Parquet files", "data") from None
    try:
        return ParquetFile(path)
    except (OSError, ArrowException) as error:
        raise InputError(f"{path}: is not a whole Parquet file ({error}); get it again") from error
