"""What a collection already knows of the files that were found; files that moved."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fgaesq.building.collect.records import Found, LeftOut
from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import placed_images
from fgaesq.building.records import Category, SourceImage
from fgaesq.images.names import printable

__all__ = ["Known", "known_of"]


@dataclass(frozen=True, slots=True)
class Known:
    """What a collection knows.

    Attributes:
        images: by id.
        series_of: of the images that are or were in a series of the category, dropped ones too,
            one series each.
        digests: of the known files, by path.
        placed: the files of `series_of`, and the series.
    """

    images: Mapping[int, SourceImage]
    series_of: Mapping[int, int]
    digests: Mapping[Path, str]
    placed: Mapping[Path, int]

    @classmethod
    def of(cls, images: Mapping[int, SourceImage], series_of: Mapping[int, int]) -> Known:
        """Return what images and series of a category come to."""
        return cls(
            images,
            series_of,
            {one.path: one.digest for one in images.values()},
            {images[image].path: series for image, series in series_of.items()},
        )

    def moves(self, found: Iterable[Found], folder: Path) -> dict[Path, Path]:
        """Return the new places of files that are no longer where the collection knows them.

        A file that was found at a place the collection does not know, with the content of one whose
        own file is gone, is that one. Frames lie in the folder of the dataset and move with it.

        Args:
            found: files.
            folder: of the dataset.
        """
        moved: dict[Path, Path] = {}
        left = defaultdict(list)
        for path, digest in self.digests.items():
            if not os.path.lexists(path):
                left[digest].append(path)
        for one in found:
            if one.path not in self.digests and left[one.reading.digest]:
                moved[left[one.reading.digest].pop(0)] = one.path
        for image in self.images.values():
            place = folder / image.origin.get("frame", "")
            gone = image.digest in left and image.path in left[image.digest]
            if gone and "frame" in image.origin and place.is_file():
                moved[image.path] = place
        return moved

    def after(self, moved: Mapping[Path, Path]) -> Known:
        """Return what is known once files are where they moved to."""
        changed = {
            id: replace(one, path=moved.get(one.path, one.path)) for id, one in self.images.items()
        }
        return Known.of(changed, self.series_of)

    @property
    def clips(self) -> frozenset[str]:
        """The digests of the clips whose frames are known."""
        return frozenset(
            one.origin["clip_digest"] for one in self.images.values() if "clip_digest" in one.origin
        )

    def usable(self, found: Sequence[Found], left_out: LeftOut) -> list[Found]:
        """Return the files without those that changed or whose content another file has.

        Of files of one content the one in a series stays, else one that is known, else the first.
        """
        first: dict[str, Path] = {self.digests[path]: path for path in self.placed}
        for one in sorted(found, key=lambda one: one.path not in self.digests):
            first.setdefault(one.reading.digest, one.path)
        kept = []
        for one in found:
            if self.digests.get(one.path, one.reading.digest) != one.reading.digest:
                left_out.add("changed", printable(one.path))
            elif first[one.reading.digest] != one.path and one.path not in self.placed:
                left_out.add("duplicate", printable(one.path))
            else:
                kept.append(one)
        return kept


def known_of(collection: Collection | None, category: Category) -> Known:
    """Return what a collection knows; nothing if there is none yet."""
    if collection is None:
        return Known.of({}, {})
    return Known.of(images(collection), placed_images(collection, category))
