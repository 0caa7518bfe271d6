"""How alike the images of series are, as the paper's Figure 3 shows it for FGAesthetics.

Of each category: SSIM after alignment, matching local features, a distance of patches that plays
the part of LPIPS and is not it (`resemblance.patch_distance`), likeness of the whole look, and,
where CLIP's weights were given, the cosine of its image features (the paper's CLIPScore).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from fgaesq.building.records import CATEGORIES, Category, Series
from fgaesq.building.refine.measuring import Measured

__all__ = ["SIMILARITIES", "Similarity", "similarities"]

SIMILARITIES: Final[Mapping[str, str]] = {
    "ssim": "SSIM after alignment",
    "matches": "share of local features that match",
    "patches": "distance of 64 px patches (not LPIPS)",
    "likeness": "likeness of the whole look",
    "overlap": "intersection over union of crops",
    "clip": "cosine of CLIP's image features",
}
"""By name of the pair measure."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """The distribution of a measure over the pairs of the series of a category.

    Attributes:
        category: of the series.
        name: a key of `SIMILARITIES`.
        values: sorted, one per pair of images that are in.
        before: sorted, one per pair of images that were collected.
    """

    category: Category
    name: str
    values: tuple[float, ...]
    before: tuple[float, ...]

    def quantile(self, share: float) -> float:
        """Return the value below which a share of the pairs lies."""
        return float(np.quantile(self.values, share))

    def summary(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "category": self.category,
            "measure": self.name,
            "pairs": len(self.values),
            "mean": round(float(np.mean(self.values)), 4),
            "quantiles": {
                str(q): round(self.quantile(q), 4) for q in (0.05, 0.25, 0.5, 0.75, 0.95)
            },
        }


def similarities(series: Sequence[Series], measured: Measured) -> list[Similarity]:
    """Return the distributions that have any values; series that are out have no pairs."""
    found = []
    for category in CATEGORIES:
        some = [one for one in series if one.category == category]
        for name in SIMILARITIES:
            pairs = measured.pairs.get(name, {})
            kept, collected = (
                tuple(sorted(
                    pairs[pair]
                    for members in groups
                    for pair in combinations(sorted(members), 2)
                    if pair in pairs
                ))
                for groups in ([one.kept for one in some], [one.members for one in some])
            )  # fmt: skip
            if kept:
                found.append(Similarity(category, name, kept, collected))
    return found
