"""Where the line between good and bad is drawn: read from the data unless a recipe says it.

Three rules, none of which needs a bad case in the heap:

* Measures on which bad cases lie apart from good ones (`content`, `difference`, ...): the line goes
  through the middle of the emptiest stretch between two stated bounds. Where there are no bad cases
  that stretch reaches the bound, and next to nothing is dropped.
* Measures of likeness (`likeness`, `ssim`, `matches`): the line is what images of *different*
  series reach by chance, one of a hundred pairs of them. Two images of a series belong together if
  they reach one of the three lines.
* With too few values for either, a stated default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np

from fgaesq.building.records import Category

__all__ = ["RULES", "TOGETHER", "Rule", "Threshold", "by_chance", "emptiest"]

How: TypeAlias = Literal["recipe", "data", "default"]

_FEWEST_VALUES = 40  # below that a histogram says little
_FEWEST_STRANGERS = 60  # pairs
_STEPS = 200
_WINDOW = 1 / 12  # of the range between the bounds, to either side
_CHANCE: Mapping[Category, float] = MappingProxyType(
    {"natural": 0.01, "aigc": 0.04, "cropping": 0.01}
)
"""Share of pairs of strangers that may pass; images of one prompt may differ more than a burst."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a threshold is found.

    Attributes:
        low, high: bounds of what is read from the data.
        default: where the data say nothing.
        drops: the side on which images are dropped.
        words: what is measured, with its unit.
    """

    low: float
    high: float
    default: float
    drops: Literal["below", "above"]
    words: str


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "content": Rule(1.9, 2.8, 2.3, "below", "structure, log2 of levels"),
        "sharpness": Rule(-4.3, -3.6, -3.9, "below", "finest structure to all, log2"),
        "light": Rule(-7.0, -5.8, -6.3, "below", "stops below white of the brightest parts"),
        "blown": Rule(0.4, 0.7, 0.6, "above", "share of white pixels, more than the others have"),
        "broken": Rule(0.02, 0.05, 0.03, "above", "share of blocks of one colour, beyond others"),
        "difference": Rule(0.8, 1.0, 0.92, "below", "visible difference, 1 where it just is"),
        "overlap_high": Rule(0.92, 0.99, 0.95, "above", "intersection over union of two crops"),
        "overlap_low": Rule(0.1, 0.4, 0.2, "below", "intersection over union with the nearest"),
        "alignment": Rule(0.14, 0.23, 0.19, "below", "cosine of image and prompt, CLIP"),
        "likeness": Rule(0.3, 0.5, 0.4, "below", "likeness of the whole look"),
        "ssim": Rule(0.4, 0.95, 0.7, "below", "SSIM after alignment"),
        "matches": Rule(0.02, 0.3, 0.06, "below", "share of local features that match"),
    }
)
"""By name; the bounds are those of docs/refining.md, with what was measured."""

TOGETHER: Final = ("likeness", "ssim", "matches")
"""Any of them joins two images."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line, and where it comes from: the recipe, the data or the default."""

    value: float
    how: How


def emptiest(values: Iterable[float], rule: Rule) -> Threshold:
    """Return the middle of the emptiest stretch of the values between the bounds of a rule.

    The values in a window around each of 200 places are counted; of the longest run of places with
    the fewest, the middle is taken. Of equal runs it is the one nearest to the default.
    """
    found = np.sort(np.fromiter(values, float))
    if len(found) < _FEWEST_VALUES:
        return Threshold(rule.default, "default")
    places = np.linspace(rule.low, rule.high, _STEPS + 1)
    reach = (rule.high - rule.low) * _WINDOW
    counts = np.searchsorted(found, places + reach) - np.searchsorted(found, places - reach)
    fewest = np.flatnonzero(counts == counts.min())
    runs = np.split(fewest, np.flatnonzero(np.diff(fewest) > 1) + 1)
    middles = [float(places[run].mean()) for run in runs]
    best = min(range(len(runs)), key=lambda k: (-len(runs[k]), abs(middles[k] - rule.default)))
    return Threshold(middles[best], "data")


def by_chance(values: Sequence[float], rule: Rule, category: Category) -> Threshold:
    """Return what pairs of strangers reach by chance, within the bounds of a rule.

    The chance is shared among the three measures, as any of them joins two images.
    """
    if len(values) < _FEWEST_STRANGERS:
        return Threshold(rule.default, "default")
    share = _CHANCE[category] / len(TOGETHER)
    line = float(np.quantile(values, 1 - share))
    return Threshold(float(np.clip(line, rule.low, rule.high)), "data")
