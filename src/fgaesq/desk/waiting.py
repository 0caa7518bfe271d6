"""Groups that have no ranking yet: ranked at once, or in a thread while a person looks at others.

A ranking belongs to contents, and a group gets it only if these are its photos when it is done. So
groups may be changed, and changes be undone, while a ranking is being made. Photos are read as in
the last run of `cull` on their folders, so that all scores of a shoot compare.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from fgaesq.desk.catalogue.groups import set_ranking
from fgaesq.desk.catalogue.photos import CataloguePhoto, in_shoot, photos_below, save_failure
from fgaesq.desk.catalogue.readings import drop_other_readings, reading_of
from fgaesq.desk.catalogue.store import Catalogue
from fgaesq.desk.culling import propose_again
from fgaesq.desk.desk import Waiting
from fgaesq.desk.proposals import CullSettings
from fgaesq.desk.ranking import GroupRanker
from fgaesq.desk.reading import Decoded, PhotoReader
from fgaesq.desk.records import PROTECTED, Reading
from fgaesq.errors import FgaError
from fgaesq.ranking.ranker import Ranker

__all__ = ["WaitingGroups"]

_SECONDS_BETWEEN_PROPOSALS = 2.0
"""Proposing for a shoot of 5,000 photos takes .5 s, too long for each group."""

_SECONDS_TO_END = 5.0
"""After that, the thread finds the catalogue closed; what it ranked last is ranked again."""


class WaitingGroups:
    """The groups of a shoot that have no ranking; its methods may be called from several threads.

    Args (of the constructor):
        catalogue: that knows the shoot.
        folders: of the shoot.
        ranker: the model.
        settings: for the proposals after a ranking.
    """

    def __init__(
        self, catalogue: Catalogue, folders: Sequence[Path], ranker: Ranker, settings: CullSettings
    ) -> None:
        self._catalogue, self._folders, self._settings = catalogue, folders, settings
        limit = ranker.reader.max_long_side_px
        readings: tuple[Reading, ...] = get_args(Reading)
        self._rankers = {one: GroupRanker(catalogue, ranker, one) for one in readings}
        self._readers = {one: PhotoReader(limit, reading=one, threads=1) for one in readings}
        self._lock = threading.Lock()
        self._ranking = threading.Lock()  # photos of one group are in memory at a time
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._first: int | None = None
        self._in_vain: set[int] = set()
        self._trouble = ""

    def find(self) -> None:
        """Give groups whose photos have been ranked together before, read alike, that ranking."""
        with self._catalogue.transaction():
            drop_other_readings(self._catalogue, self._folders)
            known = [
                (one, self._rankers[reading_of(self._catalogue, photos)].find(photos))
                for one, photos in self._todo().items()
            ]
            set_ranking(self._catalogue, [entry for entry in known if entry[1] is not None])

    def rank(self, group_ids: Sequence[int]) -> None:
        """Rank these groups now, as far as they have no ranking."""
        todo = self._todo()
        for group_id in group_ids:
            if group_id in todo:
                self._rank_group(group_id, todo[group_id])

    def start(self) -> None:
        """Rank all groups in a thread, until none is left; groups may have changed."""
        with self._lock:
            self._trouble = ""
            self._in_vain.clear()
            self._changed.set()
        self._run()

    def state(self, first: int | None = None) -> Waiting:
        """Return how many groups wait; see that they are ranked, the one given before others."""
        self._first = first
        left = len(self._waiting_ids() - self._in_vain)
        if left and not self._trouble:
            self._run()
        return Waiting(left, self._trouble)

    def close(self) -> None:
        """End the thread after the group in hand, which is waited for some seconds."""
        self._stop.set()
        if (thread := self._thread) is not None:
            thread.join(_SECONDS_TO_END)

    def _run(self) -> None:
        with self._lock:
            if self._stop.is_set() or self._thread is not None:
                return
            self._thread = threading.Thread(target=self._work, name="ranking", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Rank round by round: what waits is looked up again when the groups have changed."""
        try:
            while self._more():
                self._rank_round(self._todo())
        except FgaError as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
            self._give_up(f"unexpected {type(error).__name__}: {error}; please report this")

    def _more(self) -> bool:
        """Whether there is something to rank; if not, the thread counts as ended."""
        with self._lock:
            self._changed.clear()
            if not self._stop.is_set() and self._waiting_ids() - self._in_vain:
                return True
            self._thread = None
            return False

    def _give_up(self, trouble: str) -> None:
        with self._lock:
            self._trouble, self._thread = trouble, None

    def _rank_round(self, todo: dict[int, list[CataloguePhoto]]) -> None:
        proposed = time.monotonic()
        todo = {one: photos for one, photos in todo.items() if one not in self._in_vain}
        while todo and not self._stop.is_set() and not self._changed.is_set():
            first = self._first
            group_id = first if first is not None and first in todo else next(iter(todo))
            self._rank_group(group_id, todo.pop(group_id))
            late = time.monotonic() - proposed > _SECONDS_BETWEEN_PROPOSALS
            if group_id == first or late:
                propose_again(self._catalogue, self._folders, self._settings)
                proposed = time.monotonic()
        propose_again(self._catalogue, self._folders, self._settings)

    def _rank_group(self, group_id: int, photos: Sequence[CataloguePhoto]) -> None:
        reading = reading_of(self._catalogue, photos)
        ranker = self._rankers[reading]
        with self._ranking:
            if ranker.find(photos) is None:
                ranker.rank(self._usable(photos, reading), of=len(photos))
        with self._catalogue.transaction():
            now = self._catalogue.rows(
                "SELECT content FROM photos WHERE group_id = ? AND gone = 0 AND failure = ''",
                (group_id,),
            )
            current = reading_of(self._catalogue, photos)  # a `cull` may have ended just now
            ranking = self._rankers[current].find_contents(content for (content,) in now)
            set_ranking(self._catalogue, [(group_id, ranking)])
        if ranking is None:
            self._in_vain.add(group_id)

    def _todo(self) -> dict[int, list[CataloguePhoto]]:
        """Return the usable photos of the groups that wait, by time."""
        waiting = self._waiting_ids()
        todo: dict[int, list[CataloguePhoto]] = {}
        for photo in photos_below(self._catalogue, self._folders) if waiting else ():
            if photo.group_id in waiting and not photo.failure:
                todo.setdefault(photo.group_id, []).append(photo)
        return todo

    def _waiting_ids(self) -> set[int]:
        scope, values = in_shoot(self._folders)
        rows = self._catalogue.rows(
            "SELECT DISTINCT group_id, kind FROM photos JOIN groups ON groups.id = group_id "  # noqa: S608
            f"WHERE ranking_id IS NULL AND failure = '' AND {scope}",
            values,
        )
        return {group_id for group_id, kind in rows if kind not in PROTECTED}

    def _usable(self, photos: Sequence[CataloguePhoto], reading: Reading) -> Iterator[Decoded]:
        for one in self._readers[reading].read_all(photos, whole=False):
            if one.pixels is None:
                save_failure(self._catalogue, one.photo, one.failure)
            else:
                yield one
