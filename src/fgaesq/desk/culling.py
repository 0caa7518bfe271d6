"""From the folders of a shoot to proposals: look, read what is new, group, rank, propose.

Decoding costs most, so each new photo is decoded once: for its fingerprint and, while its pixels
are still in memory, for the ranking of the group that it seems to belong to. That grouping looks at
a window of some photos that follow each other. The grouping of the whole shoot comes after; it
finds the rankings of the groups that it confirms, and only the others are decoded again. All is
stored as soon as it is known, so that a run that is interrupted is continued by the next one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from fgaesq.desk.catalogue.groups import NewGroup, assign_groups, rankings_of, set_ranking
from fgaesq.desk.catalogue.looking import Changes, enter_found
from fgaesq.desk.catalogue.photos import (
    CataloguePhoto,
    photos_below,
    save_failure,
    save_reading,
)
from fgaesq.desk.catalogue.readings import note_reading
from fgaesq.desk.catalogue.shoots import read_shoot, save_proposals
from fgaesq.desk.catalogue.sizes import chosen_size, save_sizes
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.contests import contents_of, contest_of
from fgaesq.desk.grouping import Group, GroupingSettings, Sighting, group
from fgaesq.desk.likeness import Fingerprint
from fgaesq.desk.proposals import CullSettings, propose
from fgaesq.desk.ranking import GroupRanker
from fgaesq.desk.reading import Decoded, PhotoReader
from fgaesq.desk.records import PROTECTED, DeskGroup, Reading
from fgaesq.desk.scan import find_photos
from fgaesq.desk.sidecar_reading import read_sidecars
from fgaesq.desk.taste import TasteUse, lay_taste, taste_use
from fgaesq.errors import InputError
from fgaesq.images.names import printable
from fgaesq.ranking.ranker import Ranker
from fgaesq.types import Failure, ModelIdentity

__all__ = ["Culled", "Watcher", "cull", "propose_again", "wanted_groups"]

_WINDOW = 16
"""Most photos that are decoded and not yet ranked: about 9 MB each."""

_STEP = 5
"""Photos after which the window is looked through for complete groups, which takes some 5 ms."""


class Watcher(Protocol):
    """Is told how far a run is."""

    def begin(self, what: str, total: int) -> None:
        """Hear what is done from now on, in how many steps."""

    def advance(self, steps: int = 1) -> None:
        """Hear that steps are done."""


@dataclass(frozen=True, slots=True)
class Culled:
    """What a run did and what the shoot looks like now.

    Attributes:
        model: that ranked.
        groups: of the shoot, by time.
        changes: what was found in the folders.
        read: photos that were decoded.
        failures: photos and folders that could not be used.
        taste: whether the person's taste moves the order; None if there is none.
        remembered_size: of groups, if it was used because it had been chosen for this shoot before.
        reading: how the photos were read for their scores.
    """

    model: ModelIdentity
    groups: tuple[DeskGroup, ...]
    changes: Changes
    read: int
    failures: tuple[Failure, ...]
    taste: TasteUse | None = None
    remembered_size: float | None = None
    reading: Reading = "normal"


def cull(
    folders: Sequence[Path],
    catalogue: Catalogue,
    ranker: Ranker,
    settings: CullSettings | None = None,
    *,
    grouping: GroupingSettings | None = None,
    reading: Reading = "normal",
    threads: int = 1,
    watcher: Watcher | None = None,
) -> Culled:
    """Catalogue, group and rank the photos in folders, and propose what to keep.

    Only new and changed files are opened, and only groups whose photos, model or reading changed
    are ranked.
    What a person said in sidecars, with another program, becomes marks. Nothing is written beside
    the photos.

    Args:
        folders: of the shoot; looked into at any depth.
        catalogue: where everything is kept.
        ranker: the model.
        settings: what to keep; by default the best of each series.
        grouping: how wide groups are, which is then remembered for these folders; by default as
            remembered.
        reading: how photos are read for their scores, see `desk.reading`; what is ranked later in
            these folders is read alike, until they are culled again.
        threads: photos decoded at once.
        watcher: is told how far the run is.

    Raises:
        InputError: a folder is not there, holds no photo, or the ranker uses the tokenizer
            `reference`.
        CatalogueError: the catalogue cannot be written.
    """
    if ranker.identity.tokenizer == "reference":
        raise InputError("a shoot is culled with the tokenizer series; leave out --tokenizer")
    found = find_photos(folders)
    if not found.photos and not found.failures:
        names = ", ".join(printable(folder) for folder in folders)
        raise InputError(f"{names}: no photos were found; give the folder of a shoot")
    changes = enter_found(catalogue, found, threads=threads)
    unread_sidecars = read_sidecars(catalogue, found)
    remembered = None
    if grouping is None:
        remembered = chosen_size(catalogue, found.folders)
        grouping = GroupingSettings() if remembered is None else GroupingSettings(remembered)
    else:
        save_sizes(catalogue, [(folder, grouping.size) for folder in found.folders])
    run = _Run(catalogue, ranker, grouping, reading, threads, watcher or _Silent())
    run.read_new(found.folders)
    run.group_all(found.folders)
    run.rank_groups(found.folders)
    groups = propose_again(catalogue, found.folders, settings or CullSettings())
    failures = [
        Failure(printable(photo.path), "decode", photo.failure)
        for one in groups
        for photo in one.photos
        if photo.failure
    ]
    return Culled(
        ranker.identity,
        tuple(groups),
        changes,
        run.read,
        (*found.failures, *unread_sidecars, *failures),
        taste_use(catalogue, ranker.identity, groups),
        remembered,
        reading,
    )


def wanted_groups(
    catalogue: Catalogue, folders: Sequence[Path], grouping: GroupingSettings
) -> list[NewGroup]:
    """Return how the photos below folders are to be grouped, by what reading them told.

    Photos of groups made by hand are left out, and those that nobody has read so far; photos that
    failed stand alone. It takes some 1 ms a photo.
    """
    by_hand = _grouped_by_hand(catalogue)
    photos = photos_below(catalogue, folders)
    free = [photo for photo in photos if photo.group_id not in by_hand]
    sightings = [seen for photo in free if (seen := _sighting(photo)) is not None]
    seen_ids = {one.id for one in sightings}
    groups = [NewGroup(tuple(one.members), one.kind, one.why) for one in group(sightings, grouping)]
    return groups + [
        NewGroup((photo.id,), "single", "It could not be read, so it stands alone.")
        for photo in free
        if photo.failure and photo.id not in seen_ids
    ]


def propose_again(
    catalogue: Catalogue, folders: Sequence[Path], settings: CullSettings
) -> list[DeskGroup]:
    """Propose from the rankings that there are, with the taste if it is on; return the groups."""
    with catalogue.transaction():
        lay_taste(catalogue, folders)
        groups = read_shoot(catalogue, folders)
        contents = contents_of(catalogue)
        rankings = rankings_of(catalogue, [one.id for one in groups])
        contests = [contest_of(catalogue, one, contents, rankings[one.id]) for one in groups]
        save_proposals(catalogue, propose(contests, settings))
        return read_shoot(catalogue, folders)


class _Run:
    """One run of `cull`."""

    def __init__(
        self,
        catalogue: Catalogue,
        ranker: Ranker,
        grouping: GroupingSettings,
        reading: Reading,
        threads: int,
        watcher: Watcher,
    ) -> None:
        self.read = 0
        self._catalogue = catalogue
        self._grouping = grouping
        self._watcher = watcher
        self._reading: Reading = reading
        limit = ranker.reader.max_long_side_px
        self._reader = PhotoReader(limit, reading=reading, threads=threads)
        self._ranker = GroupRanker(catalogue, ranker, reading)

    def read_new(self, folders: Sequence[Path]) -> None:
        """Read the photos that have not been read, or failed; rank groups that seem complete."""
        photos = [one for one in photos_below(self._catalogue, folders) if _sighting(one) is None]
        # Before they are read, names tell best which photos follow each other.
        photos.sort(key=lambda one: one.files.main.parts)
        self._watcher.begin("reading", len(photos))
        window: list[_Seen] = []
        look_at = _STEP
        for decoded in self._reader.read_all(photos, whole=True):
            seen = self._store(decoded)
            self._watcher.advance()
            if seen is None:
                continue
            window.append(seen)
            if len(window) >= min(look_at, _WINDOW):
                window = self._rank_settled(window)
                look_at = len(window) + _STEP
        if window:
            self._rank_window(window, group([one.sighting for one in window], self._grouping))

    def group_all(self, folders: Sequence[Path]) -> None:
        """Group the shoot, but for what was grouped by hand; photos that failed stand alone."""
        groups = wanted_groups(self._catalogue, folders, self._grouping)
        assign_groups(self._catalogue, groups)

    def rank_groups(self, folders: Sequence[Path]) -> None:
        """Give each group its ranking; photos are decoded again only where there is none."""
        members: dict[int, list[CataloguePhoto]] = {}
        for photo in photos_below(self._catalogue, folders):
            if photo.group_id is not None and not photo.failure:
                members.setdefault(photo.group_id, []).append(photo)
        protected = _protected(self._catalogue)
        todo: dict[int, list[CataloguePhoto]] = {}
        known: list[tuple[int, int | None]] = []
        for group_id, photos in members.items():
            ranking = None if group_id in protected else self._ranker.find(photos)
            known.append((group_id, ranking))
            if ranking is None and group_id not in protected:
                todo[group_id] = photos
        before = rankings_of(self._catalogue, members)
        with self._catalogue.transaction():  # so that no group has a ranking of another reading
            note_reading(self._catalogue, folders, self._reading)
            set_ranking(self._catalogue, [entry for entry in known if before[entry[0]] != entry[1]])
        self._watcher.begin("ranking", sum(map(len, todo.values())))
        for group_id, decoded in self._decoded(todo):
            ranking = self._ranker.rank(decoded, of=len(todo[group_id]))
            set_ranking(self._catalogue, [(group_id, ranking)])

    def _decoded(
        self, todo: dict[int, list[CataloguePhoto]]
    ) -> Iterator[tuple[int, Iterator[Decoded]]]:
        """Yield the groups, each with its photos as they are decoded, without those that fail."""
        every = (photo for photos in todo.values() for photo in photos)
        decoded = self._reader.read_all(every, whole=False)
        for group_id, photos in todo.items():
            yield group_id, self._usable(islice(decoded, len(photos)))

    def _usable(self, decoded: Iterable[Decoded]) -> Iterator[Decoded]:
        for one in decoded:
            self.read += 1
            self._watcher.advance()
            if one.pixels is None:
                save_failure(self._catalogue, one.photo, one.failure)
            else:
                yield one

    def _store(self, decoded: Decoded) -> _Seen | None:
        """Store what reading a photo told; return what grouping needs of it."""
        self.read += 1
        photo = decoded.photo
        if decoded.capture is None or decoded.fingerprint is None:
            save_failure(self._catalogue, photo, decoded.failure)
            return None
        save_reading(self._catalogue, photo, decoded.capture, decoded.fingerprint)
        stored = replace(
            photo, capture=decoded.capture, fingerprint=decoded.fingerprint, failure=""
        )
        sighting = _sighting(stored)
        return None if sighting is None else _Seen(decoded, sighting)

    def _rank_settled(self, window: list[_Seen]) -> list[_Seen]:
        """Rank the groups in a window that the next photo will not join; return the rest."""
        groups = group([one.sighting for one in window], self._grouping)
        last = window[-1].sighting.id
        settled = [one for one in groups if last not in one.members]
        self._rank_window(window, settled)
        done = {photo for one in settled for photo in one.members}
        rest = [one for one in window if one.sighting.id not in done]
        # One group that fills the window is left to the ranking of the whole shoot.
        return rest if len(rest) < _WINDOW else []

    def _rank_window(self, window: Sequence[_Seen], groups: Iterable[Group]) -> None:
        by_id = {one.sighting.id: one.decoded for one in window}
        for one in groups:
            if one.kind not in PROTECTED:
                members = [by_id[photo] for photo in one.members]
                self._ranker.rank(members, of=len(members))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo whose pixels are in memory, and what grouping needs of it."""

    decoded: Decoded
    sighting: Sighting


class _Silent:
    """A watcher that does nothing."""

    def begin(self, what: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""


def _sighting(photo: CataloguePhoto) -> Sighting | None:
    """Return what grouping needs of a photo; None if it is to be read (again).

    That is: it never was, its fingerprint is of another version, or reading it failed, which may be
    over now.
    """
    if photo.failure or photo.capture is None or photo.fingerprint is None:
        return None
    main = photo.files.main
    try:
        look = Fingerprint.from_bytes(photo.fingerprint)
    except InputError:
        return None
    return Sighting(photo.id, os.fspath(main.parent), main.name, photo.capture, look)


def _grouped_by_hand(catalogue: Catalogue) -> set[int]:
    return {row[0] for row in catalogue.rows("SELECT id FROM groups WHERE by_hand = 1")}


def _protected(catalogue: Catalogue) -> set[int]:
    rows = catalogue.rows("SELECT id, kind FROM groups")
    return {group_id for group_id, kind in rows if kind in PROTECTED}
