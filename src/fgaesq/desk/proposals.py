"""From ranked groups to proposals: keep, reject, or leave to the person, with stars and a reason.

Rules, all of them pure functions of the ranking and the settings:

* Of a series the best N are kept and the others rejected; where the photo on the other side of that
  line is too close to call (P below .6), the photo is left to the person.
* A protected group (bracket, focus stack, panorama, time-lapse) is kept whole.
* A single photo is kept from an absolute score on, else left to the person; never rejected.
* A photo that could not be read is left to the person; it is never rejected.
* With a target share, the places are given out over the whole shoot: first to each series' best and
  the single photos by score, then to the second of each series, and so on. A series that gets no
  place is not rejected whole: its best is left to the person.

Stars: 4 for the first of a series if it beats the next with P >= .8, 3 for other firsts that are
kept, 2 for further keepers and single photos that are kept, else 0. Five are left to the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fgaesq.desk.records import PROTECTED, GroupKind, Proposal
from fgaesq.errors import InputError
from fgaesq.ranking.probability import TOO_CLOSE
from fgaesq.report.words import counted, percent
from fgaesq.types import Reason

__all__ = ["Contest", "CullSettings", "Entrant", "propose"]

_CLEAR = 0.8
_STARS_CLEAR, _STARS_FIRST, _STARS_KEPT = 4, 3, 2

_NEEDED: Mapping[GroupKind, str] = {
    "bracket": "an exposure bracket",
    "focus_stack": "a focus stack",
    "panorama": "a panorama",
    "timelapse": "a time-lapse",
}


@dataclass(frozen=True, slots=True)
class CullSettings:
    """What to keep of a shoot.

    Attributes:
        keep: photos to keep of each series, at least 1; without meaning if there is a `share`.
        share: how much of the shoot to keep, above 0 and at most 1 of what is neither protected nor
            unreadable; None to keep so many of each series.
        keep_singles_from: the score from which a single photo is kept; 5.5 is the middle of the
            scale.
    """

    keep: int = 1
    share: float | None = None
    keep_singles_from: float = 5.5

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise InputError(f"keep is {self.keep}; keep at least 1 photo of each series")
        if self.share is not None and not 0 < self.share <= 1:
            raise InputError(f"share is {self.share:g}; give more than 0 and at most 1")


@dataclass(frozen=True, slots=True)
class Entrant:
    """A photo of a group.

    Attributes:
        id: of the photo.
        name: what to call it.
        score: 1 to 10; None if it was not ranked.
        content: photos of equal content are the same file twice.
        reasons: why it is better or worse than the others.
        failure: why it cannot be used; "" if it can.
    """

    id: int
    name: str
    score: float | None
    content: str = ""
    reasons: tuple[Reason, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Contest:
    """A group: its photos best first, and P(first beats second) by the two ids, in that order."""

    kind: GroupKind
    photos: tuple[Entrant, ...]
    p: Mapping[tuple[int, int], float]


def propose(contests: Sequence[Contest], settings: CullSettings) -> dict[int, Proposal]:
    """Return a proposal for every photo, by id."""
    proposals: dict[int, Proposal] = {}
    open_contests = []
    for contest in contests:
        usable = tuple(one for one in contest.photos if not one.failure)
        proposals |= {one.id: _unreadable() for one in contest.photos if one.failure}
        if contest.kind in PROTECTED:
            proposals |= {one.id: _needed(contest.kind) for one in usable}
        elif any(one.score is None for one in usable):
            proposals |= {one.id: _unranked() for one in usable}
        elif usable:
            kept, copies = _without_copies(usable)
            proposals |= copies
            open_contests.append(Contest(contest.kind, kept, contest.p))
    places = _places(open_contests, settings)
    for contest, number in zip(open_contests, places, strict=True):
        if len(contest.photos) == 1:
            proposals |= _single(contest.photos[0], number, settings)
        else:
            proposals |= _series(contest, number)
    return proposals


def _unreadable() -> Proposal:
    return Proposal("undecided", 0, "It could not be read, so it is never rejected.")


def _unranked() -> Proposal:
    return Proposal("undecided", 0, "It has not been ranked yet.")


def _needed(kind: GroupKind) -> Proposal:
    return Proposal("keep", 0, f"Part of {_NEEDED[kind]}, of which all photos are needed.")


def _without_copies(
    photos: Iterable[Entrant],
) -> tuple[tuple[Entrant, ...], dict[int, Proposal]]:
    """Take out all but the first of files with the same content."""
    first: dict[str, Entrant] = {}
    copies = {}
    for one in photos:
        twin = first.setdefault(one.content or f"id {one.id}", one)
        if twin is not one:
            copies[one.id] = Proposal("reject", 0, f"The same file as {twin.name}.")
    return tuple(first.values()), copies


def _places(contests: Sequence[Contest], settings: CullSettings) -> list[int]:
    """Return how many photos of each group are to be kept."""
    if settings.share is None:
        return [settings.keep] * len(contests)
    total = sum(len(contest.photos) for contest in contests)
    budget = max(1, round(settings.share * total)) if total else 0
    entries = [
        (place, -(one.score or 0.0), number)
        for number, contest in enumerate(contests)
        for place, one in enumerate(contest.photos)
    ]
    places = [0] * len(contests)
    for _, _, number in sorted(entries)[:budget]:
        places[number] += 1
    return places


def _single(one: Entrant, places: int, settings: CullSettings) -> dict[int, Proposal]:
    value = one.score or 0.0
    score = f"It stands alone; its score is {value:.1f}"
    if settings.share is not None:
        if places:
            return {one.id: Proposal("keep", _STARS_KEPT, f"{score}, within the target share.")}
        why = f"{score}, beyond the target share: let your eye decide."
        return {one.id: Proposal("undecided", 0, why)}
    least = f"{settings.keep_singles_from:.1f}"
    if value >= settings.keep_singles_from:
        return {one.id: Proposal("keep", _STARS_KEPT, f"{score}, at least {least}.")}
    return {one.id: Proposal("undecided", 0, f"{score}, below {least}: let your eye decide.")}


def _series(contest: Contest, number: int) -> dict[int, Proposal]:
    """Propose for two photos or more; `number` of them are to be kept."""
    photos = contest.photos
    if number >= len(photos):
        return {one.id: _kept(contest, place) for place, one in enumerate(photos)}
    proposals = {}
    last_in, first_out = photos[max(number, 1) - 1], photos[max(number, 1)]
    for place, one in enumerate(photos):
        if place < max(number, 1):
            p = contest.p[one.id, first_out.id]
            if p < TOO_CLOSE:
                proposals[one.id] = _too_close(first_out, p)
            elif number == 0:
                why = f"The best of {len(photos)}, beyond the target share: let your eye decide."
                proposals[one.id] = Proposal("undecided", 0, why)
            else:
                proposals[one.id] = _kept(contest, place)
        else:
            p = contest.p[last_in.id, one.id]
            proposals[one.id] = (
                _too_close(last_in, 1 - p) if p < TOO_CLOSE else _rejected(one, photos[0], contest)
            )
    return proposals


def _too_close(rival: Entrant, p: float) -> Proposal:
    why = f"Too close to call with {rival.name} (preferred with {percent(p)}): let your eye decide."
    return Proposal("undecided", 0, why)


def _kept(contest: Contest, place: int) -> Proposal:
    photos = contest.photos
    one, number = photos[place], len(photos)
    because = _because(one)
    if place:
        why = f"Number {place + 1} of {counted(number, 'photo')}{because}."
        return Proposal("keep", _STARS_KEPT, why)
    p = contest.p[one.id, photos[1].id]
    stars = _STARS_CLEAR if p >= _CLEAR else _STARS_FIRST
    why = f"The best of {number}: preferred to {photos[1].name} with {percent(p)}{because}."
    return Proposal("keep", stars, why)


def _rejected(one: Entrant, best: Entrant, contest: Contest) -> Proposal:
    p = contest.p[best.id, one.id]
    return Proposal(
        "reject", 0, f"Behind {best.name}, which is preferred with {percent(p)}{_because(one)}."
    )


def _because(one: Entrant) -> str:
    """Return the first reason, to end a sentence with."""
    return f"; {one.reasons[0].text}" if one.reasons else ""
