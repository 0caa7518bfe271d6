"""Words of the annotators' page: reasons that may be given, and why a series may be bad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fgaesq.building.annotate.deck import Standing
from fgaesq.building.records import Category
from fgaesq.report.words import counted
from fgaesq.texts.vocabulary import WORDINGS

__all__ = ["BAD", "NOTES", "REASON_WORDS", "standing_words"]

_EDITS: Final[Mapping[Category, tuple[str, ...]]] = {
    "natural": (
        "defocus", "motion", "overexposure", "underexposure", "noise", "colour_cast", "tilt",
        "occlusion", "cut_off",
    ),
    "aigc": (
        "garbled", "warping", "plastic", "upscaled", "oversaturation", "colour_cast",
        "flat_contrast", "defocus", "cut_off",
    ),
    "cropping": ("cut_off", "tilt", "occlusion", "resampling"),
}  # fmt: skip

REASON_WORDS: Final[Mapping[Category, tuple[str, ...]]] = {
    category: tuple(WORDINGS[edit].reason for edit in edits) for category, edits in _EDITS.items()
}
"""Reasons by category, of the better image, in the words that training and rankings use."""

BAD: Final[Mapping[str, str]] = {
    "dissimilar": "The images do not belong together",
    "near_identical": "The images are the same",
    "defective": "An image is broken or cannot be seen",
    "empty": "There is nothing to judge",
    "other": "Another reason",
}
"""Why a series may be called bad; the keys are those of `building.records.REASONS`."""

NOTES: Final = (
    "On a touch screen: tap an image for 100 % and again for the whole, pinch to zoom, drag to "
    "move; both images move together.",
    "Judge the image as a whole, as if you had to keep one of the two. Where you cannot say, take "
    "neither: that is an answer too.",
    "Nobody but the organiser sees what you answer. You can stop at any time and go on later "
    "under the same address.",
)


def standing_words(standing: Standing) -> str:
    """Say how far a person is."""
    left = f", at most {standing.left} left" if standing.left else ""
    return f"{counted(standing.done, 'pair')} done{left}"
