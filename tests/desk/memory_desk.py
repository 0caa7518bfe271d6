"""A desk in memory over real photos: the review page can be tested without a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as PILImage

from fgaesq.desk.desk import Applied
from fgaesq.desk.records import PROTECTED, DeskGroup, DeskPhoto, GroupKind, Mark, Proposal, Verb
from fgaesq.errors import DecodeError, InputError
from fgaesq.types import DifferenceMap, EffectMap, Image, Pair, RankedSeries

__all__ = ["MemoryDesk", "desk_of", "made_photo"]

Pixels = Callable[[str], Image]


@dataclass(frozen=True)
class _State:
    groups: tuple[DeskGroup, ...]
    words: str = ""


class MemoryDesk:
    """A desk whose photos, marks and journal are in memory; applying writes one text per photo.

    Attributes:
        written: what `apply` wrote, by name of the sidecar.
    """

    def __init__(
        self,
        groups: Sequence[DeskGroup],
        pixels: Pixels,
        *,
        series: Sequence[RankedSeries] = (),
    ) -> None:
        self._pixels = pixels
        self._series = {image.path: one for one in series for image in one.images}
        self._states, self._at = [_State(tuple(groups))], 0
        self.written: dict[str, str] = {}

    def groups(self, *, offset: int = 0, limit: int | None = None) -> Sequence[DeskGroup]:
        return self._now[offset : None if limit is None else offset + limit]

    def group(self, group_id: int) -> DeskGroup:
        for group in self._now:
            if group.id == group_id:
                return group
        raise InputError(f"no group {group_id}")

    def photo(self, photo_id: int) -> DeskPhoto:
        for group in self._now:
            for photo in group.photos:
                if photo.id == photo_id:
                    return photo
        raise InputError(f"no photo {photo_id}")

    def pairs(self, group_id: int) -> Sequence[Pair]:
        paths = {photo.path for photo in self.group(group_id).photos}
        series = self._series.get(min(paths))
        return [p for p in (series.pairs if series else ()) if {p.first, p.second} <= paths]

    def pixels(self, photo_id: int, *, long_side_px: int | None = None) -> Image:
        photo = self.photo(photo_id)
        if photo.failure:
            raise DecodeError(photo.failure)
        picture = PILImage.fromarray(self._pixels(photo.path))
        if long_side_px is not None:
            picture.thumbnail((long_side_px, long_side_px))
        return np.asarray(picture)

    def maps(self, group_id: int) -> tuple[DifferenceMap | None, EffectMap | None]:
        series = self._series.get(self.group(group_id).photos[0].path)
        return (series.difference, series.effects) if series else (None, None)

    def mark(self, photo_ids: Sequence[int], mark: Mark) -> bool:
        names = ", ".join(self.photo(one).name for one in photo_ids)
        return self._mark_all(photo_ids, f"mark {names}", lambda old: _merged(old, mark))

    def clear(self, photo_ids: Sequence[int]) -> bool:
        names = ", ".join(self.photo(one).name for one in photo_ids)
        return self._mark_all(photo_ids, f"clear {names}", lambda _: Mark())

    def split(self, photo_ids: Sequence[int]) -> int:
        chosen = {one: self.photo(one) for one in photo_ids}
        new_id = 1 + max(group.id for group in self._now)
        groups: list[DeskGroup] = []
        for group in self._now:
            rest = tuple(photo for photo in group.photos if photo.id not in chosen)
            if rest:
                touched = len(rest) < len(group.photos)
                groups.append(replace(group, photos=rest, by_hand=touched or group.by_hand))
            if len(rest) < len(group.photos):
                taken = tuple(chosen.values())
                kind: GroupKind = "single" if len(taken) == 1 else "series"
                groups.append(DeskGroup(new_id, kind, "split by hand", taken, by_hand=True))
        self._do(groups, f"split {len(chosen)} photos")
        return new_id

    def merge(self, group_ids: Sequence[int]) -> int:
        members = [self.group(one) for one in group_ids]
        photos = tuple(photo for group in members for photo in group.photos)
        made = DeskGroup(group_ids[0], "series", "joined by hand", photos, by_hand=True)
        rest = [group for group in self._now if group.id not in group_ids[1:]]
        self._do([made if one.id == made.id else one for one in rest], "join series")
        return made.id

    def undo(self) -> str | None:
        if self._at == 0:
            return None
        self._at -= 1
        return self._states[self._at + 1].words

    def redo(self) -> str | None:
        if self._at + 1 == len(self._states):
            return None
        self._at += 1
        return self._states[self._at].words

    def apply(self, *, dry_run: bool = False) -> Applied:
        plan = {
            f"{photo.name}.xmp": f"rating {-1 if photo.verb == 'reject' else photo.stars}"
            for group in self._now
            for photo in group.photos
            if photo.verb != "undecided" and not photo.failure
        }
        lines = tuple(
            f"{name}: {said}" for name, said in plan.items() if self.written.get(name) != said
        )
        if not dry_run:
            self.written |= plan
        return Applied(lines, len(lines), 0, ())

    def unapply(self) -> Applied:
        lines = tuple(f"{name}: back to none" for name in self.written)
        self.written.clear()
        return Applied(lines, len(lines), 0, ())

    def counts(self) -> dict[str, int]:
        photos = [photo for group in self._now for photo in group.photos]
        verbs = [photo.verb for photo in photos if not photo.failure]
        return {
            "photos": len(photos),
            "groups": len(self._now),
            "keepers": verbs.count("keep"),
            "rejects": verbs.count("reject"),
            "undecided": verbs.count("undecided"),
            "marked": sum(photo.mark != Mark() for photo in photos),
            "failures": sum(bool(photo.failure) for photo in photos),
        }

    @property
    def _now(self) -> tuple[DeskGroup, ...]:
        return self._states[self._at].groups

    def _do(self, groups: Sequence[DeskGroup], words: str) -> None:
        del self._states[self._at + 1 :]
        self._states.append(_State(tuple(groups), words))
        self._at += 1

    def _mark_all(
        self, photo_ids: Sequence[int], words: str, change: Callable[[Mark], Mark]
    ) -> bool:
        groups = [
            replace(
                group,
                photos=tuple(
                    replace(photo, mark=change(photo.mark)) if photo.id in photo_ids else photo
                    for photo in group.photos
                ),
            )
            for group in self._now
        ]
        if groups == list(self._now):
            return False
        self._do(groups, words)
        return True


def desk_of(
    series: Sequence[RankedSeries],
    pixels: Pixels,
    *,
    kinds: dict[str, GroupKind] | None = None,
    minutes_apart: int = 3,
) -> MemoryDesk:
    """Return a desk of ranked series: the first is proposed to keep, those close are undecided."""
    groups, photo_id = [], 0
    for number, one in enumerate(series):
        kind: GroupKind = (kinds or {}).get(one.id, "series" if len(one.images) > 1 else "single")
        close = {pair.second for pair in one.pairs[: len(one.images) - 1]
                 if pair.verdict == "too_close"}  # fmt: skip
        photos = []
        for position, image in enumerate(one.images):
            photo_id += 1
            height, width = pixels(image.path).shape[:2]
            open_question = image.path in close or (position == 0 and bool(close))
            verb: Verb = "undecided" if open_question else "keep" if position == 0 else "reject"
            protected = kind in PROTECTED
            minute = number * minutes_apart
            photos.append(
                DeskPhoto(
                    id=photo_id,
                    path=image.path,
                    name=image.path.rsplit("/", 1)[-1],
                    taken=f"2026-05-{14 + minute // 600:02}T"
                    f"{9 + minute % 600 // 60:02}:{minute % 60:02}:{position * 7 % 60:02}",
                    width=width,
                    height=height,
                    rank=image.rank,
                    score=image.score,
                    p_best=image.p_best,
                    reasons=image.reasons,
                    proposal=Proposal("keep", 0, "all photos of it are needed")
                    if protected
                    else Proposal(verb, 3 if verb == "keep" else 0, f"rank {image.rank}"),
                    mark=Mark(),
                )
            )
        margin = one.pairs[0].p if one.pairs and kind not in PROTECTED else None
        why = "taken within 2 s, and alike" if len(photos) > 1 else "nothing like it beside it"
        groups.append(DeskGroup(number + 1, kind, why, tuple(photos), margin=margin))
    return MemoryDesk(groups, pixels, series=series)


def made_photo(number: int, *, height: int = 48, width: int = 72) -> Image:
    """Return a small picture that differs with its number."""
    rng = np.random.default_rng(number)
    ramp = np.linspace(40, 200, width, dtype=np.uint8)
    image = np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()
    image[:, :, number % 3] = 255 - image[:, :, number % 3]
    image[8:24, 8:24] = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    return image


def _merged(old: Mark, new: Mark) -> Mark:
    return Mark(
        new.verb if new.verb is not None else old.verb,
        new.stars if new.stars is not None else old.stars,
        new.label if new.label is not None else old.label,
    )
