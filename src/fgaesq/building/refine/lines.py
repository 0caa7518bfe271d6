"""All thresholds of a run: those of the recipe, and for the rest what the data say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fgaesq.building.records import CATEGORIES, Category, Series
from fgaesq.building.refine.measuring import Measured, pairs_compared
from fgaesq.building.refine.recipe import RefineRecipe
from fgaesq.building.refine.thresholds import RULES, TOGETHER, Rule, Threshold, by_chance, emptiest

__all__ = ["Lines", "chosen_lines", "excesses", "values_of"]


@dataclass(frozen=True, slots=True)
class Lines:
    """The thresholds.

    Attributes:
        single: by name, those that hold for all series.
        together: by category, those of `TOGETHER`.
    """

    single: Mapping[str, Threshold]
    together: Mapping[Category, Mapping[str, Threshold]]

    def __getitem__(self, name: str) -> float:
        return self.single[name].value

    def joined(self, category: Category, values: Mapping[str, float]) -> bool:
        """Return whether two images with these measures belong together."""
        lines = self.together[category]
        return any(values[name] >= lines[name].value for name in TOGETHER if name in values)


def chosen_lines(series: Sequence[Series], measured: Measured, recipe: RefineRecipe) -> Lines:
    """Return the thresholds of the recipe, and those of the data where it gives none."""
    single: dict[str, Threshold] = {}
    for name, rule in RULES.items():
        if name in TOGETHER:
            continue
        given = recipe.threshold(name)
        if given is not None:
            single[name] = Threshold(given, "recipe")
        else:
            # What shows nothing has no sharpness and no light to choose a line by.
            shown = single["content"].value if name != "content" else None
            single[name] = emptiest(values_of(name, series, measured, shown), rule)
    together: dict[Category, Mapping[str, Threshold]] = {}
    for category in CATEGORIES:
        together[category] = {
            name: _joining(name, RULES[name], category, measured, recipe) for name in TOGETHER
        }
    return Lines(single, together)


def _joining(
    name: str, rule: Rule, category: Category, measured: Measured, recipe: RefineRecipe
) -> Threshold:
    given = recipe.threshold(name)
    if given is not None:
        return Threshold(given, "recipe")
    pairs = measured.pairs[name]
    content, least = measured.looks["content"], RULES["content"].high
    chance = [
        pairs[pair]
        for pair in measured.strangers.get(category, ())
        if pair in pairs and min(content.get(image, least) for image in pair) >= least
    ]  # two black frames are alike, whatever series they are in
    return by_chance(chance, rule, category)


def values_of(
    name: str, series: Sequence[Series], measured: Measured, shown: float | None = None
) -> list[float]:
    """Return the values of a measure that its threshold is chosen on and its histogram shows.

    Args:
        name: a key of `RULES`.
        series: of the dataset.
        measured: all of it.
        shown: only of images with at least so much `content`; default: all.
    """
    if name == "difference":
        pairs = measured.pairs["difference"]
        return [
            pairs[pair] for one in series for pair in pairs_compared(one.members) if pair in pairs
        ]
    if name == "overlap_high":
        return list(measured.pairs["overlap"].values())
    if name == "overlap_low":
        return [
            found
            for one in series
            for image in one.members
            if (found := nearest_overlap(image, one.members, measured)) is not None
        ]
    content = measured.looks["content"]
    if name in ("blown", "broken"):
        return [
            value
            for one in series
            if one.category != "cropping"
            for image, value in excesses(name, one.members, measured).items()
            if shown is None or content[image] >= shown
        ]
    looks = measured.looks.get(name, {})
    members = dict.fromkeys(image for one in series for image in one.members)
    return [
        looks[image]
        for image in members
        if image in looks and (shown is None or content.get(image, shown) >= shown)
    ]


def excesses(name: str, members: Iterable[int], measured: Measured) -> dict[int, float]:
    """Return by how much a look of each member is above the least that another member has.

    A white studio wall is in all images of its series; what blew one frame out is in that one.
    """
    looks = measured.looks[name]
    known = {image: looks[image] for image in members if image in looks}
    ordered = sorted(known.items(), key=lambda one: one[1])
    if len(ordered) < 2:
        return known
    least, second = ordered[0], ordered[1]
    return {
        image: value - (second[1] if image == least[0] else least[1])
        for image, value in known.items()
    }


def nearest_overlap(image: int, members: Iterable[int], measured: Measured) -> float | None:
    """Return the largest overlap of a crop with another one of its photo; None without one."""
    overlaps = measured.pairs["overlap"]
    found = [
        overlaps[pair]
        for other in members
        if (pair := (min(image, other), max(image, other))) in overlaps
    ]
    return max(found, default=None)
