"""AVA (Murray et al., CVPR 2012): ten vote counts per image, and lists of ids for the splits.

A line of AVA.txt: number, image id, how many voted 1, 2, ..., 10, then tags and challenge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fgaesq.datasets.draft import Draft, RowError
from fgaesq.datasets.records import SPLITS, Dataset, Item, Split
from fgaesq.datasets.tables import text_rows
from fgaesq.errors import InputError

__all__ = ["is_ava", "read_ava", "score_of_votes"]

_FOLDERS = ("images/images", "images", "image")
_OFFICIAL_TEST = "aesthetics_image_lists/generic_test.jpgl"
_BINS = range(1, 11)


def is_ava(root: Path) -> bool:
    """Tell whether a folder has AVA.txt."""
    return (root / "AVA.txt").is_file()


def read_ava(root: Path) -> Dataset:
    """Read AVA: AVA.txt, an images folder, and split lists if there are any.

    Raises:
        InputError: no usable image.
    """
    draft = Draft("ava", "absolute", root, score_range=(1, 10))
    splits, others = _splits(draft, root)
    folders = [root / name for name in _FOLDERS]
    for place, fields in text_rows(root / "AVA.txt"):
        with draft.row(place):
            image, votes = fields[1], [int(field) for field in fields[2:12]]
            value, distribution = score_of_votes(votes)
            item = Item(str(int(image)), draft.first_file(folders, f"{image}.jpg"))
            draft.score(item, value, distribution=distribution, split=splits.get(item.id, others))
    return draft.finish()


def score_of_votes(votes: Sequence[float]) -> tuple[float, tuple[float, ...]]:
    """Return mean (1 to 10) and shares of ten vote counts (or shares), from worst to best.

    Raises:
        ValueError: these are not ten numbers from 0 on.
        RowError: nobody voted.
    """
    if len(votes) != len(_BINS) or min(votes) < 0:
        raise ValueError(votes)
    total = sum(votes)
    if not total:
        raise RowError("images without votes")
    shares = tuple(vote / total for vote in votes)
    return sum(k * vote for k, vote in zip(_BINS, votes, strict=True)) / total, shares


def _splits(draft: Draft, root: Path) -> tuple[Mapping[str, Split], Split | None]:
    """Return the split by image id, and that of images in no list."""
    own: dict[Split, Path] = {
        split: path
        for split in SPLITS
        for path in (root / f"{split}.txt", root / "splits" / f"{split}.txt")
        if path.is_file()
    }
    official = root / _OFFICIAL_TEST
    if not own and official.is_file():
        own = {"test": official}
    splits: dict[str, Split] = {}
    for split, path in own.items():
        for _, fields in text_rows(path):
            image = Path(fields[0]).stem.lstrip("0")
            if splits.setdefault(image, split) != split:
                raise InputError(
                    f"{path}: image {image} is also in the list of {splits[image]}; correct the "
                    "lists, as results on images trained on mean nothing"
                )
    if not own:
        draft.note("no split lists were found, so no image has a split")
        return splits, None
    lists = ", ".join(path.relative_to(root).as_posix() for path in own.values())
    others: Split | None = None if "train" in own else "train"
    rest = "the others are for training" if others else "the others have no split"
    draft.note(f"splits are those of {lists}; {rest}")
    return splits, others
