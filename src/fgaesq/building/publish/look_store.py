"""The looks of images, kept beside the collection, so that no photo is opened for them twice."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from fgaesq.building.collection.file import DatasetFile
from fgaesq.building.records import SourceImage
from fgaesq.desk.likeness import Fingerprint
from fgaesq.errors import InputError

__all__ = ["LOOKS_FILE", "LookStore"]

LOOKS_FILE: Final = "looks.sqlite3"
"""In the folder of the dataset; removing it costs time only."""

_FIRST = """
CREATE TABLE looks (
    digest TEXT NOT NULL,               -- of the file
    box TEXT NOT NULL,                  -- the crop, '' for all of it
    fingerprint BLOB NOT NULL,
    PRIMARY KEY (digest, box)
) WITHOUT ROWID;
"""

_AT_ONCE = 1000


class LookStore(DatasetFile):
    """The fingerprints of images by their content; arguments and errors as of `DatasetFile`."""

    application_id = 0x4647414C  # FGAL
    migrations = (_FIRST,)
    if_damaged = "remove it, and the images are looked at again"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._fresh: list[tuple[str, str, bytes]] = []

    @cached_property
    def _known(self) -> dict[tuple[str, str], bytes]:
        """What was kept before, read when it is first asked for."""
        found = self.rows("SELECT digest, box, fingerprint FROM looks")
        return {(digest, box): content for digest, box, content in found}

    def of(self, image: SourceImage) -> Fingerprint | None:
        """Return what is kept of an image, None if nothing is, or of another version."""
        content = self._known.get(_key(image))
        try:
            return None if content is None else Fingerprint.from_bytes(content)
        except InputError:
            return None

    def keep(self, looks: Iterable[tuple[SourceImage, Fingerprint]]) -> None:
        """Keep fingerprints; they are written by the thousand, the last ones by `close`."""
        self._fresh += [(*_key(image), look.to_bytes()) for image, look in looks]
        if len(self._fresh) >= _AT_ONCE:
            self._write()

    def close(self) -> None:
        """Write what is left, and close the file, also if it does not take it."""
        try:
            self._write()
        finally:
            super().close()

    def _write(self) -> None:
        if self._fresh:
            self.write_all("INSERT OR REPLACE INTO looks VALUES (?, ?, ?)", self._fresh)
            self._fresh = []


def _key(image: SourceImage) -> tuple[str, str]:
    crop = image.crop
    box = (crop.left, crop.top, crop.right, crop.bottom) if crop else ()
    return image.digest, " ".join(f"{edge:g}" for edge in box)
