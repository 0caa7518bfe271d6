"""A shoot open for review: the `Desk` protocol on the catalogue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from fgaesq.desk.applying import Applying, apply_shoot, undo_last
from fgaesq.desk.catalogue.groups import (
    assign_groups,
    groups_of,
    insert_group,
    move_photos,
    rankings_of,
)
from fgaesq.desk.catalogue.journal import Step, change, marks_of, redo, set_marks, undo
from fgaesq.desk.catalogue.photos import current_content
from fgaesq.desk.catalogue.rankings import ranking_maps
from fgaesq.desk.catalogue.readings import readings_in_shoot
from fgaesq.desk.catalogue.shoots import read_shoot
from fgaesq.desk.catalogue.sizes import chosen_size, save_sizes
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.contests import contents_of
from fgaesq.desk.culling import propose_again, wanted_groups
from fgaesq.desk.desk import Applied, Waiting
from fgaesq.desk.grouping import GroupingSettings
from fgaesq.desk.proposals import CullSettings
from fgaesq.desk.records import PROTECTED, DeskGroup, DeskPhoto, GroupKind, Mark, Reading
from fgaesq.desk.scan import checked_folder
from fgaesq.desk.taste import shown_pairs
from fgaesq.desk.waiting import WaitingGroups
from fgaesq.errors import InputError
from fgaesq.images import read_photo
from fgaesq.ranking.ranker import Ranker
from fgaesq.report.words import counted
from fgaesq.types import DifferenceMap, EffectMap, Image, Pair

__all__ = ["ShootDesk"]

_Value = TypeVar("_Value")


class ShootDesk:
    """The catalogued photos below folders; see `Desk` for what it can do.

    Args (of the constructor):
        folders: of the shoot, culled before.
        catalogue: that knows them.
        ranker: ranks groups that are split, merged or found anew; without it they stay unranked
            until the next run of `cull`.
        settings: for the proposals of such groups.
        applying: how decisions are written.

    Raises (of the constructor):
        InputError: a folder is not there, or nothing in it has been culled.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        catalogue: Catalogue,
        *,
        ranker: Ranker | None = None,
        settings: CullSettings | None = None,
        applying: Applying | None = None,
    ) -> None:
        self._folders = tuple(checked_folder(folder) for folder in folders)
        self._catalogue = catalogue
        self._settings = settings or CullSettings()
        self._applying = applying or Applying()
        self._lock = threading.RLock()
        self._known: tuple[DeskGroup, ...] | None = None
        self._seen_version = -1
        self._waiting = (
            None
            if ranker is None
            else WaitingGroups(catalogue, self._folders, ranker, self._settings)
        )
        if not self.groups():
            names = ", ".join(map(str, self._folders))
            raise InputError(f"{names}: no photo of it is in the catalogue; run: fgaesq cull")

    def groups(self, *, offset: int = 0, limit: int | None = None) -> Sequence[DeskGroup]:
        """Return the groups in the order of time."""
        groups = self._read()
        return groups[offset : None if limit is None else offset + limit]

    def group(self, group_id: int) -> DeskGroup:
        """Return one group; raises InputError if there is none of that id."""
        for one in self._read():
            if one.id == group_id:
                return one
        raise InputError(f"there is no group {group_id} in this shoot; reload the page")

    def photo(self, photo_id: int) -> DeskPhoto:
        """Return one photo; raises InputError if there is none of that id."""
        return self._photos([photo_id])[0]

    def pairs(self, group_id: int) -> Sequence[Pair]:
        """Return the verdicts on all pairs of a ranked group, by path."""
        paths, ranking = self._ranked(group_id)
        if ranking is None:
            return ()
        return tuple(
            replace(pair, first=first, second=second)
            for pair in shown_pairs(self._catalogue, ranking)
            for first in paths.get(pair.first, ())
            for second in paths.get(pair.second, ())
        ) + tuple(
            Pair(same[place], other, 0.5, "too_close")
            for same in paths.values()
            for place in range(len(same))
            for other in same[place + 1 :]
        )

    def pixels(self, photo_id: int, *, long_side_px: int | None = None) -> Image:
        """Return the upright pixels of a photo, at most so large; raises PhotoError."""
        return read_photo(self.photo(photo_id).path, max_long_side_px=long_side_px).pixels

    def thumbnails(self) -> Path:
        """Return the folder for thumbnails, beside the catalogue; it may be deleted at any time."""
        return self._catalogue.path.with_name(f"{self._catalogue.path.name}-thumbnails")

    def content(self, photo_id: int) -> str | None:
        """Return the key of a photo's content in hexadecimal; None if its file changed since."""
        return current_content(self._catalogue, photo_id, Path(self.photo(photo_id).path))

    def maps(self, group_id: int) -> tuple[DifferenceMap | None, EffectMap | None]:
        """Return where the photos of a group differ and where their scores come from, by path."""
        paths, ranking = self._ranked(group_id)
        if ranking is None:
            return None, None
        difference, effects = ranking_maps(self._catalogue, ranking)
        if difference is not None:
            difference = replace(difference, boxes=_by_path(difference.boxes, paths))
        if effects is not None:
            values, boxes = _by_path(effects.values, paths), _by_path(effects.boxes, paths)
            effects = EffectMap(values, boxes)
        return difference, effects

    def mark(self, photo_ids: Sequence[int], mark: Mark) -> bool:
        """Say what is to become of photos, see `Desk.mark`."""
        self._photos(photo_ids)
        said = [f"{mark.stars} stars"] if mark.stars is not None else []
        said += [word for word in (mark.verb, mark.label) if word]
        words = f"mark {counted(len(photo_ids), 'photo')} as {', '.join(said)}"
        return self._set_marks(words, photo_ids, mark)

    def clear(self, photo_ids: Sequence[int]) -> bool:
        """Forget what was said of photos, see `Desk.clear`."""
        self._photos(photo_ids)
        words = f"clear the marks of {counted(len(photo_ids), 'photo')}"
        return self._set_marks(words, photo_ids, None)

    def split(self, photo_ids: Sequence[int]) -> int:
        """Take photos out of their group into one of their own; return its id."""
        photos = {photo.id for photo in self._photos(photo_ids)}
        touched = [one for one in self._read() if any(p.id in photos for p in one.photos)]
        if len(touched) != 1:
            raise InputError("split photos of one group at a time")
        if len(photos) == len(touched[0].photos):
            raise InputError("these are all photos of the group; leave some in it")
        words = f"split {counted(len(photos), 'photo')} from their group"
        return self._regroup(words, touched, sorted(photos), "You split it from another group.")

    def merge(self, group_ids: Sequence[int]) -> int:
        """Make one group of several; return its id."""
        groups = [self.group(one) for one in dict.fromkeys(group_ids)]
        if len(groups) < 2:
            raise InputError("give at least two groups to merge")
        photos = [photo.id for one in groups for photo in one.photos]
        words = f"merge {len(groups)} groups"
        return self._regroup(words, groups, photos, f"You merged it of {len(groups)} groups.")

    def group_size(self) -> float:
        """Return how wide series are, 0 (tight) to 1 (wide), as was chosen last."""
        chosen = chosen_size(self._catalogue, self._folders)
        return GroupingSettings().size if chosen is None else chosen

    def regroup(self, size: float) -> None:
        """Find the series anew, 0 (tight) to 1 (wide), from what is known of the photos.

        Groups made by hand stay as they are. Groups that are new wait for their ranking, which goes
        on while the person looks at others (`waiting`).

        Raises:
            InputError: size is not within 0 and 1, or the series are of that size already.
        """
        grouping = GroupingSettings(size)
        if size == self.group_size():
            raise InputError(f"the series are found with group size {size:.2f} already")
        words = f"find the series anew with group size {size:.2f}"
        wanted = wanted_groups(self._catalogue, self._folders, grouping)  # nobody waits for it
        photos = [photo for one in wanted for photo in one.photos]
        with self._lock, self._catalogue.transaction(durable=True):
            before = groups_of(self._catalogue, photos)
            with change(
                self._catalogue, words, photos, sorted(before), folders=self._folders
            ) as made:
                made += set(assign_groups(self._catalogue, wanted)) - before
                save_sizes(self._catalogue, [(folder, size) for folder in self._folders])
            self._settle()

    def readings(self) -> set[Reading]:
        """Return how photos were read for the present scores; those of two do not compare."""
        return readings_in_shoot(self._catalogue, self._folders)

    def waiting(self, first: int | None = None) -> Waiting:
        """Return how many groups wait for their ranking; it is made, that of `first` before others.

        Without a ranker none waits: they stay unranked.
        """
        return Waiting(0) if self._waiting is None else self._waiting.state(first)

    def close(self) -> None:
        """Stop ranking; what is not ranked is as soon as the shoot is open again, or culled."""
        if self._waiting is not None:
            self._waiting.close()

    def undo(self) -> str | None:
        """Undo the last change; return what was undone in words, None if there is nothing."""
        return self._step(undo)

    def redo(self) -> str | None:
        """Do the last undone change again; return it in words, None if there is nothing."""
        return self._step(redo)

    def apply(self, *, dry_run: bool = False) -> Applied:
        """Write stars, rejects and labels into the sidecars."""
        return apply_shoot(self._catalogue, self._photo_list(), self._applying, dry_run=dry_run)

    def unapply(self) -> Applied:
        """Take back what was applied last, in whatever shoot; raises InputError if nothing was."""
        return undo_last(self._catalogue)

    def counts(self) -> dict[str, int]:
        """Return how many photos, groups, keepers, rejects, undecided, marked, failures.

        Under `taste` stands from how many picks the taste was learned that moves the order, or 0.
        """
        photos = self._photo_list()
        verbs = [photo.verb for photo in photos]
        return {
            "photos": len(photos),
            "groups": len(self._read()),
            "keepers": verbs.count("keep"),
            "rejects": verbs.count("reject"),
            "undecided": verbs.count("undecided"),
            "marked": sum(photo.mark != Mark() for photo in photos),
            "failures": sum(bool(photo.failure) for photo in photos),
            "taste": max(one.taste for one in self._read()),
        }

    def _read(self) -> tuple[DeskGroup, ...]:
        """Return the groups; read again only if this or another process changed the catalogue."""
        with self._lock:
            version = self._catalogue.version()
            if self._known is None or version != self._seen_version:
                self._known = tuple(read_shoot(self._catalogue, self._folders))
                self._seen_version = version
            return self._known

    def _photo_list(self) -> list[DeskPhoto]:
        return [photo for one in self._read() for photo in one.photos]

    def _ids(self) -> list[int]:
        return [photo.id for photo in self._photo_list()]

    def _photos(self, photo_ids: Sequence[int]) -> list[DeskPhoto]:
        known = {photo.id: photo for photo in self._photo_list()}
        for photo in photo_ids:
            if photo not in known:
                raise InputError(f"there is no photo {photo} in this shoot; reload the page")
        return [known[photo] for photo in photo_ids]

    def _ranked(self, group_id: int) -> tuple[dict[str, list[str]], int | None]:
        """Return the paths of a group's photos by content, and the group's ranking."""
        group = self.group(group_id)
        contents = contents_of(self._catalogue)
        paths: dict[str, list[str]] = {}
        for photo in group.photos:
            paths.setdefault(contents[photo.id], []).append(photo.path)
        return paths, rankings_of(self._catalogue, [group_id])[group_id]

    def _regroup(
        self, words: str, groups: Sequence[DeskGroup], photos: Sequence[int], why: str
    ) -> int:
        """Put photos into a new group; it and the groups they leave stay as they are from now."""
        members = [photo.id for one in groups for photo in one.photos]
        with change(self._catalogue, words, members, [one.id for one in groups]) as made:
            kinds: set[GroupKind] = {one.kind for one in groups}
            kind = kinds.pop() if len(kinds) == 1 and kinds & PROTECTED else "series"
            if len(photos) == 1:
                kind = "single"
            new = insert_group(self._catalogue, kind, why, by_hand=True)
            made.append(new)
            move_photos(self._catalogue, photos, new)
            for one in groups:
                left = sum(photo.id not in photos for photo in one.photos)
                self._catalogue.write(
                    "UPDATE groups SET by_hand = 1, ranking_id = NULL, kind = ? WHERE id = ?",
                    ("single" if left == 1 else one.kind, one.id),
                )
        if self._waiting is not None:
            self._waiting.rank([new, *(one.id for one in groups)])
        propose_again(self._catalogue, self._folders, self._settings)
        return new

    def _settle(self) -> None:
        """Give groups the rankings that are known, propose anew, and let the others be ranked."""
        if self._waiting is not None:
            self._waiting.find()
        propose_again(self._catalogue, self._folders, self._settings)
        if self._waiting is not None:
            self._waiting.start()

    def _set_marks(self, words: str, photo_ids: Sequence[int], mark: Mark | None) -> bool:
        with self._lock, self._marks_change() as touched:
            with change(self._catalogue, words, photo_ids):
                before = marks_of(self._catalogue, photo_ids)
                set_marks(self._catalogue, photo_ids, mark)
                is_new = marks_of(self._catalogue, photo_ids) != before
            touched += photo_ids
        return is_new

    def _step(self, step: Callable[[Catalogue, list[int]], Step | None]) -> str | None:
        """Undo or redo a change; groups that have no ranking then will get one."""
        with self._lock, self._marks_change() as touched:
            done = step(self._catalogue, self._ids())
            if done is None:
                return None
            if not done.regrouped:
                touched += done.photos
        if done.regrouped:
            self._settle()
        return done.words

    @contextmanager
    def _marks_change(self) -> Iterator[list[int]]:
        """Keep the groups in memory while the block changes marks, of the photos it then names.

        Reading a shoot of 5,000 photos takes .2 s, too long for each key that a person presses.
        Where the block names no photo all is read again when it is needed.
        """
        with self._catalogue.transaction(durable=True):  # until its end nobody else writes
            current = self._read()
            touched: list[int] = []
            yield touched
            marks = marks_of(self._catalogue, touched)
            version = self._catalogue.version()
        if touched:
            self._known = tuple(_with_marks(group, marks) for group in current)
            self._seen_version = version


def _with_marks(group: DeskGroup, marks: Mapping[int, Mark]) -> DeskGroup:
    if not any(photo.id in marks for photo in group.photos):
        return group
    photos = (replace(photo, mark=marks.get(photo.id, photo.mark)) for photo in group.photos)
    return replace(group, photos=tuple(photos))


def _by_path(by_content: dict[str, _Value], paths: dict[str, list[str]]) -> dict[str, _Value]:
    return {path: by_content[name] for name in by_content for path in paths.get(name, ())}
