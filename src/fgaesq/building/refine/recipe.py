"""A recipe of refinement: the thresholds that are not left to the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fgaesq.errors import RecipeError
from fgaesq.training.toml_tables import checked_section, read_toml

__all__ = ["RefineRecipe", "read_refine_recipe"]


@dataclass(frozen=True, slots=True)
class RefineRecipe:
    """Thresholds by name; those that are None are chosen from the data (see `thresholds.RULES`).

    Attributes:
        content, sharpness, light: the least that an image needs.
        blown, broken: the most that it may have beyond the others of its series.
        difference: that two images of a series need.
        overlap_high, overlap_low: the most and the least overlap of crops.
        alignment: the least cosine of an image and its prompt.
        likeness, ssim, matches: what joins two images; one of them is enough.
    """

    content: float | None = None
    sharpness: float | None = None
    light: float | None = None
    blown: float | None = None
    broken: float | None = None
    difference: float | None = None
    overlap_high: float | None = None
    overlap_low: float | None = None
    alignment: float | None = None
    likeness: float | None = None
    ssim: float | None = None
    matches: float | None = None

    def threshold(self, name: str) -> float | None:
        """Return a threshold by name; None if it is left to the data."""
        value: float | None = getattr(self, name)
        return value


def read_refine_recipe(path: Path) -> RefineRecipe:
    """Read the section `[refine]` of a recipe.

    Raises:
        RecipeError: the file cannot be used, or has another section, an unknown key or a value that
            is no number.
    """
    table = read_toml(path)
    if strange := set(table) - {"refine"}:
        raise RecipeError(f"{path}: unknown section '{min(strange)}'; a recipe has [refine] only")
    try:
        return checked_section(RefineRecipe(), table.get("refine", {}), "[refine]")
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from None
