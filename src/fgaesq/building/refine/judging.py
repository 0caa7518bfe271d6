"""What is dropped by the measures of a series, and why, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fgaesq.building.records import Drop, Series, SourceImage
from fgaesq.building.refine.lines import Lines, excesses, nearest_overlap
from fgaesq.building.refine.measuring import Measured, pairs_compared
from fgaesq.building.refine.thresholds import TOGETHER

__all__ = ["Judgement", "judged"]

_DARK_CONTENT = 0.5
"""A frame too dark to see is underexposed if it has more `content` than this, else empty."""
_MUCH_LARGER = 1.1  # in pixels: the larger of two that look the same is kept, else the first


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the measures say of a series.

    Attributes:
        drops: of images, and of the series if too few are left.
        parts: more than one where the series falls apart into parts of two or more images, the
            largest first: it is proposed for splitting.
    """

    drops: tuple[Drop, ...]
    parts: tuple[tuple[int, ...], ...] = ()


def judged(
    series: Series, measured: Measured, lines: Lines, known: Mapping[int, SourceImage]
) -> Judgement:
    """Return what is dropped of a series.

    The steps follow one another, each on what those before left: unreadable, empty, defective and
    misaligned images, those that do not belong to the largest consistent part, those with no
    visible difference to another one, crops that overlap too little or too much.
    """
    case = _Case(series, measured, lines, known)
    for step in (_unreadable, _empty, _defective, _misaligned):
        step(case)
    parts = _dissimilar(case)
    _near_identical(case)
    _overlapping(case)
    if len(case.left) < 2:
        left = f"{len(case.left)} of {len(series.members)} images left"
        case.drops.append(Drop(series.id, None, "metrics", "too_few", left))
    return Judgement(tuple(case.drops), parts)


class _Case:
    """A series on its way through the steps.

    Attributes:
        left: the members that are still in.
        drops: of the others.
    """

    def __init__(
        self,
        series: Series,
        measured: Measured,
        lines: Lines,
        known: Mapping[int, SourceImage],
    ) -> None:
        self.series = series
        self.measured = measured
        self.lines = lines
        self.known = known
        # What people or the collecting took out is no measure for the others.
        out = {i for i, drop in series.dropped.items() if drop.step in ("collect", "people")}
        self.left = [image for image in series.members if image not in out]
        self.drops: list[Drop] = []

    def drop(self, image: int, reason: str, detail: str, other: int | None = None) -> None:
        self.left.remove(image)
        self.drops.append(Drop(self.series.id, image, "metrics", reason, detail, other))

    def drop_where(self, reason: str, found: Callable[[int], str]) -> None:
        """Drop the images for which `found` has a sentence."""
        for image in list(self.left):
            if detail := found(image):
                self.drop(image, reason, detail)

    def look(self, name: str, image: int) -> float:
        return self.measured.looks[name][image]

    def pair(self, first: int, second: int) -> dict[str, float]:
        """Return the measures of a pair, as far as there are any."""
        pair = (min(first, second), max(first, second))
        return {
            name: values[pair] for name, values in self.measured.pairs.items() if pair in values
        }


def _unreadable(case: _Case) -> None:
    def found(image: int) -> str:
        reason = case.measured.unreadable.get(image, "")
        return reason.removeprefix(f"{case.known[image].path}: ")

    case.drop_where("unreadable", found)


def _is_dark(case: _Case, image: int) -> bool:
    return case.look("light", image) < case.lines["light"]


def _empty(case: _Case) -> None:
    def found(image: int) -> str:
        content = case.look("content", image)
        line = _DARK_CONTENT if _is_dark(case, image) else case.lines["content"]
        return f"structure {content:.2f}, needs {line:.2f}" if content < line else ""

    case.drop_where("empty", found)


def _defective(case: _Case) -> None:
    # What is broken or white in one crop of a photo is so in the photo.
    members = [] if case.series.category == "cropping" else case.left
    more = {name: excesses(name, members, case.measured) for name in ("broken", "blown")}

    def found(image: int) -> str:
        lines = case.lines
        if more["broken"].get(image, 0) > lines["broken"]:
            return f"{more['broken'][image]:.1%} of it are blocks or bands of one colour"
        if _is_dark(case, image):
            return (
                f"underexposed: its brightest parts are {-case.look('light', image):.1f} stops "
                f"below white, at most {-lines['light']:.1f}"
            )
        if more["blown"].get(image, 0) > lines["blown"]:
            return (
                f"overexposed: {case.look('blown', image):.0%} white, "
                f"{more['blown'][image]:.0%} more than another of the series"
            )
        sharpness = case.look("sharpness", image)
        if sharpness < lines["sharpness"]:
            return f"blurred: sharpness {sharpness:.2f}, needs {lines['sharpness']:.2f}"
        return ""

    case.drop_where("defective", found)


def _misaligned(case: _Case) -> None:
    cosines = case.measured.looks.get("alignment", {})

    def found(image: int) -> str:
        cosine = cosines.get(image)
        if cosine is None or cosine >= case.lines["alignment"]:
            return ""
        return f"cosine of image and prompt {cosine:.3f}, needs {case.lines['alignment']:.3f}"

    case.drop_where("misaligned", found)


def _dissimilar(case: _Case) -> tuple[tuple[int, ...], ...]:
    """Drop what is not of the largest consistent part; return all parts of two or more images.

    Images of one prompt may all differ: without a part of more than half of them, all stay.
    """
    parts = _parts(case)
    if len(parts) < 2:
        return ()
    main = parts[0]
    if case.series.category == "aigc" and 2 * len(main) <= len(case.left):
        return ()
    large = tuple(part for part in parts if len(part) > 1)
    for place, part in enumerate(parts[1:], start=2):
        for image in part:
            nearest = max(main, key=lambda other: case.pair(image, other).get("likeness", 0.0))
            detail = _numbers(case, image, nearest)
            if len(part) > 1:
                detail += f"; part {place} of {len(parts)} of a wide series, split it to keep it"
            case.drop(image, "dissimilar", detail, nearest)
    return large if len(large) > 1 else ()


def _parts(case: _Case) -> list[tuple[int, ...]]:
    """Return the parts of the series that pairs which belong together join, the largest first."""
    part_of = {image: image for image in case.left}

    def head(image: int) -> int:
        while part_of[image] != image:
            image = part_of[image]
        return image

    for first, second in pairs_compared(case.left):
        values = case.pair(first, second)
        if "overlap" in values or case.lines.joined(case.series.category, values):
            part_of[head(second)] = head(first)
    parts: dict[int, list[int]] = {}
    for image in case.left:
        parts.setdefault(head(image), []).append(image)
    return sorted(map(tuple, parts.values()), key=lambda part: (-len(part), part[0]))


def _numbers(case: _Case, image: int, other: int) -> str:
    values = case.pair(image, other)
    lines = case.lines.together[case.series.category]
    found = [
        f"{name} {values[name]:.2f} of {lines[name].value:.2f}"
        for name in TOGETHER
        if name in values
    ]
    return ", ".join(found) or "not alike"


def _near_identical(case: _Case) -> None:
    """Drop what no one can tell from another one: the larger is kept, else the first."""

    def pixels(image: int) -> int:
        return case.known[image].height * case.known[image].width

    kept: list[int] = []
    for image in list(case.left):
        twin = next((o for o in kept if _looks_as(case, image, o)), None)
        if twin is None:
            kept.append(image)
            continue
        apart = f"visible difference {case.pair(image, twin)['difference']:.2f}, needs "
        apart += f"{case.lines['difference']:.2f}"
        if pixels(image) > _MUCH_LARGER * pixels(twin):
            kept[kept.index(twin)] = image
            case.drop(twin, "near_identical", f"{apart}; the other has more pixels", image)
        else:
            case.drop(image, "near_identical", f"{apart}; the first is kept", twin)


def _looks_as(case: _Case, image: int, other: int) -> bool:
    difference = case.pair(image, other).get("difference")
    return difference is not None and difference < case.lines["difference"]


def _overlapping(case: _Case) -> None:
    """Drop crops that show too little of what the others show, or nearly the same as another."""
    alone = [
        (image, overlap)
        for image in case.left
        if (overlap := nearest_overlap(image, case.left, case.measured)) is not None
        and overlap < case.lines["overlap_low"]
    ]
    for image, overlap in alone:
        needed = case.lines["overlap_low"]
        case.drop(image, "overlap", f"overlap with the nearest {overlap:.2f}, needs {needed:.2f}")
    kept: list[int] = []
    for image in list(case.left):
        twin = next(
            (o for o in kept if case.pair(image, o).get("overlap", 0) > case.lines["overlap_high"]),
            None,
        )
        if twin is None:
            kept.append(image)
        else:
            overlap = case.pair(image, twin)["overlap"]
            most = case.lines["overlap_high"]
            case.drop(image, "overlap", f"overlap {overlap:.3f}, at most {most:.3f}", twin)
