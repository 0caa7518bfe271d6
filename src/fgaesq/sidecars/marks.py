"""What a sidecar says of a photo."""

from __future__ import annotations

from dataclasses import dataclass

from fgaesq.errors import InputError

__all__ = ["Marks"]


@dataclass(frozen=True, slots=True)
class Marks:
    """What a sidecar says of a photo, or is to say; None and () where nothing is said.

    Attributes:
        rating: 1 to 5 stars, 0 for none, -1 for a reject (xmp:Rating).
        flag: 1 for a pick, -1 for a reject, 0 for neither (digiKam:PickLabel, xmpDM:pick).
        label: a colour label such as `Red` (xmp:Label); to be written, "" takes ours away.
        keywords: flat (dc:subject).
        hierarchy: with their parents, as `Places|Alps` (lr:hierarchicalSubject).

    Raises:
        InputError: the rating or the flag is out of range.
    """

    rating: int | None = None
    flag: int | None = None
    label: str | None = None
    keywords: tuple[str, ...] = ()
    hierarchy: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rating is not None and not -1 <= self.rating <= 5:
            raise InputError(f"a rating of {self.rating}; give -1 (reject) to 5")
        if self.flag is not None and not -1 <= self.flag <= 1:
            raise InputError(f"a flag of {self.flag}; give -1 (reject), 0 or 1 (pick)")

    @property
    def rejected(self) -> bool:
        """Whether the photo is marked as a reject, in whichever way."""
        return self.rating == -1 or self.flag == -1

    @property
    def stars(self) -> int | None:
        """Its stars, 0 to 5; None if there is no rating, or it is that of a reject."""
        return None if self.rating == -1 else self.rating
