"""Series as the page sees them: where each stands, what is proposed for it, what a filter shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import urlencode

from fgaesq.building.records import STEPS, Decision, Series, Step

__all__ = ["SHOWN", "WIDE", "Entry", "Filter", "Shown", "State", "entry_of"]

WIDE: Final = 12
"""Series with more images that are in are over-wide, also where no split is proposed."""

State: TypeAlias = Literal["open", "kept", "few", "dropped"]
"""To check; confirmed by a person; fewer than two images are in; out as a whole."""

Shown: TypeAlias = Literal["all", "open", "kept", "dropped", "mine", "wide", "same"]
SHOWN: Final[tuple[Shown, ...]] = get_args(Shown)


@dataclass(frozen=True, slots=True)
class Entry:
    """A series and what is known of it.

    Attributes:
        series: as it stands.
        state: of the series.
        said: what people said, by image; None is the series as a whole.
        parts: a proposed split, at least two lists of image ids that are all its members; or ().
        same: ids of the series that it may be merged with, itself among them; or ().
        stamp: changes with everything above but the proposals.
    """

    series: Series
    state: State
    said: Mapping[int | None, Decision] = field(default_factory=dict)
    parts: tuple[tuple[int, ...], ...] = ()
    same: tuple[int, ...] = ()
    stamp: str = ""

    @property
    def id(self) -> int:
        """The id of the series."""
        return self.series.id

    @property
    def kept(self) -> tuple[int, ...]:
        """The images that are in, if the series is."""
        return self.series.kept if self.state in ("open", "kept") else ()

    @property
    def is_wide(self) -> bool:
        """Whether it may be several series."""
        return bool(self.parts) or len(self.kept) > WIDE

    def losses(self) -> list[tuple[Step, str, int | None]]:
        """Return step and reason of everything that is out, each image once; None is the series."""
        series = self.series
        found: list[tuple[Step, str, int | None]] = [
            (drop.step, drop.reason, image) for image, drop in series.dropped.items()
        ]
        if self.state in ("open", "kept"):
            return found
        if series.drop is not None:
            step, reason = series.drop.step, series.drop.reason
        else:
            step, reason = self._step_of_few(), "too_few"
        rest = [image for image in series.members if image not in series.dropped]
        return [*found, (step, reason, None), *((step, reason, image) for image in rest)]

    def _step_of_few(self) -> Step:
        """Return the step after which fewer than two images were left."""
        steps = [drop.step for drop in self.series.dropped.values()]
        return max(steps, key=STEPS.index, default="people")


def entry_of(
    series: Series,
    said: Mapping[int | None, Decision],
    *,
    split: Sequence[Sequence[int]] = (),
    same: Sequence[int] = (),
) -> Entry:
    """Return the entry of a series.

    Args:
        series: as it stands.
        said: what people said of it.
        split: the proposed parts; those that no longer fit its members are not proposed.
        same: the series that are proposed to be merged with it, itself among them.
    """
    last = said.get(None)
    state: State = "open"
    if series.drop is not None:
        state = "dropped"
    elif len(series.kept) < 2:
        state = "few"
    elif last is not None and last.keep:
        state = "kept"
    content = repr((series.members, sorted(series.dropped.items()), series.drop, last, series.id))
    stamp = hashlib.sha256(content.encode()).hexdigest()[:16]
    parts = _parts(series, split)
    return Entry(series, state, said, parts, tuple(same) if len(same) > 1 else (), stamp)


def _parts(series: Series, split: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Return proposed parts with all members; those not named go with what they resemble."""
    named = {image: part for part, images in enumerate(split) for image in images}
    if not set(named) <= set(series.members):
        return ()
    for image in series.members:
        drop = series.dropped.get(image)
        other = drop.other if drop is not None else None
        named.setdefault(image, named.get(other, 0) if other is not None else 0)
    parts = tuple(
        tuple(image for image in series.members if named[image] == part)
        for part in range(len(split))
    )
    return parts if len(parts) > 1 and all(parts) else ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which series are shown; "" is no limit.

    Attributes:
        show: by state or by what is to be done; `mine` are those that this person decided.
        step, reason: of the series, or of one of its images, that are out.
        category: of the series.
        source: of the series.
    """

    show: Shown = "all"
    step: str = ""
    reason: str = ""
    category: str = ""
    source: str = ""

    def query(self, **changed: str) -> str:
        """Return the query of an address, `?` included; "" if all is shown."""
        fields = ("show", "step", "reason", "category", "source")
        values = {name: getattr(self, name) for name in fields} | changed
        if values["show"] == "all":
            values["show"] = ""
        found = urlencode({name: value for name, value in values.items() if value})
        return f"?{found}" if found else ""

    def fits(self, entry: Entry, who: str) -> bool:
        """Whether an entry is shown to `who`."""
        series = entry.series
        return (
            (not self.category or series.category == self.category)
            and (not self.source or series.source == self.source)
            and self._is_shown(entry, who)
            and (not (self.step or self.reason) or self._lost(entry))
        )

    def _is_shown(self, entry: Entry, who: str) -> bool:
        if self.show == "mine":
            return any(one.who == who for one in entry.said.values())
        if self.show == "dropped":
            return entry.state in ("dropped", "few")
        if self.show == "wide":
            return entry.is_wide
        if self.show == "same":
            return bool(entry.same)
        return self.show in ("all", entry.state)

    def _lost(self, entry: Entry) -> bool:
        return any(
            self.step in ("", step) and self.reason in ("", reason)
            for step, reason, _ in entry.losses()
        )
