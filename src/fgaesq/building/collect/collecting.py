"""The whole of collecting: find, read, join to series, enter what is new."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from fgaesq.building.collect.cropping import cropping_series
from fgaesq.building.collect.frames import scenes_of, write_frames
from fgaesq.building.collect.generated import generated_series
from fgaesq.building.collect.known import Known, known_of
from fgaesq.building.collect.natural import folder_series, natural_series
from fgaesq.building.collect.provenance import Tables, read_tables, source_image, source_of
from fgaesq.building.collect.reading import digest_of, read_files, unexpected
from fgaesq.building.collect.readings import READINGS_FILE, Readings
from fgaesq.building.collect.records import (
    Collected,
    CollectSettings,
    Found,
    LeftOut,
    Member,
    Proposed,
    Watcher,
)
from fgaesq.building.collect.sources import Sources, find_sources
from fgaesq.building.collection import Collection, create_collection, open_collection
from fgaesq.building.collection.images import add_images, move_files
from fgaesq.building.collection.series import add_series, all_series
from fgaesq.building.records import NewSeries, SourceImage
from fgaesq.datasets.records import Crop
from fgaesq.errors import CollectionError, InputError, MissingExtraError
from fgaesq.images.names import printable
from fgaesq.ranking.reading import MOST_IMAGES
from fgaesq.types import Failure

__all__ = ["collect"]

_Key: TypeAlias = tuple[Path, Crop | None]
"""By which an image is known."""


def collect(
    sources: Sequence[Path],
    folder: Path,
    settings: CollectSettings,
    *,
    dry_run: bool = False,
    threads: int = 1,
    watcher: Watcher | None = None,
) -> Collected:
    """Find series in folders and files, and add those that are new to a dataset.

    Images stay where they are; only frames of clips are written, into the folder of the dataset.
    A run that is interrupted is continued by the next one, and one that is done again adds what is
    new and changes nothing else: a file that is in a series of the kind is never put into another
    one, and a series that is there never changes. Files that moved are recognised by their content
    if they lie in `sources` now, and their images updated.

    Args:
        sources: folders, looked into at any depth, and files.
        folder: of the dataset; made if it is not there.
        settings: what is wanted.
        dry_run: find and read, but write nothing.
        threads: files read at once.
        watcher: is told how far the run is.

    Raises:
        InputError: a source is not there, or nothing was found.
        CollectionError: the dataset cannot be written.
    """
    folder = folder.resolve()
    found = find_sources(sources, without=folder)
    with _opened(folder, dry_run=dry_run) as (collection, readings):
        tables = read_tables(found.roots, [*found.photos, *found.clips])
        run = _Run(found, folder, settings, tables, collection, dry_run, watcher or _Silent())
        run.photos(readings, threads)
        run.clips()
        return run.result()


@contextlib.contextmanager
def _opened(folder: Path, *, dry_run: bool) -> Iterator[tuple[Collection | None, Readings | None]]:
    """Open collection and readings; those of a dry run are None where there are none yet."""
    with contextlib.ExitStack() as stack:
        if not dry_run:
            yield (
                stack.enter_context(create_collection(folder)),
                stack.enter_context(Readings(folder / READINGS_FILE)),
            )
            return
        collection = readings = None
        with contextlib.suppress(InputError):
            collection = stack.enter_context(open_collection(folder))
        if (folder / READINGS_FILE).is_file():
            readings = stack.enter_context(Readings(folder / READINGS_FILE))
        yield collection, readings


@dataclass(frozen=True, slots=True)
class _Ready:
    """A series to add."""

    images: Sequence[SourceImage]
    source: str
    why: str


@dataclass(slots=True)
class _Run:
    """One run of `collect`, and what it has done so far."""

    found: Sources
    folder: Path
    settings: CollectSettings
    tables: Tables
    collection: Collection | None
    dry_run: bool
    watcher: Watcher
    left_out: LeftOut = field(default_factory=LeftOut)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    by_source: Counter[str] = field(default_factory=Counter)
    known: int = 0
    moved: int = 0
    images: int = 0

    def photos(self, readings: Readings | None, threads: int) -> None:
        """Read the photos, and add the series among them."""
        self.failures += self.found.failures
        found, failures = read_files(
            self.found.photos,
            self.found.states,
            readings,
            keep=not self.dry_run,
            threads=threads,
            watcher=self.watcher,
        )
        self.failures += failures
        known = self._moved(known_of(self.collection, self.settings.kind), found)
        usable = known.usable(found, self.left_out)
        proposed, dropped = self._proposed(usable)
        for reason, path in dropped:
            if path not in known.placed:
                self.left_out.add(reason, printable(path))
        self.known += sum(one.path in known.placed for one in usable)
        with self._transaction():
            # Another run may have added some of the same files while these were read.
            self._enter(proposed, known_of(self.collection, self.settings.kind), known)

    def clips(self) -> None:
        """Add a series for each scene of each clip that is new."""
        if self.settings.kind != "natural" or not self.settings.clips:
            self.left_out.add("clip", *map(printable, self.found.clips))
            return
        self.watcher.begin("looking at clips", len(self.found.clips))
        seen = set(known_of(self.collection, self.settings.kind).clips)
        before = frozenset(seen)
        for path in self.found.clips:
            try:
                digest = digest_of(path)
                if digest in before:
                    self.known += 1
                elif digest in seen:
                    self.left_out.add("duplicate", printable(path))
                else:
                    self._clip(path, digest)
                seen.add(digest)
            except (InputError, MissingExtraError) as error:
                self.failures.append(Failure(printable(path), "decode", str(error)))
            except CollectionError:
                raise
            except Exception as error:  # noqa: BLE001 - one clip must never stop the others
                self.failures.append(Failure(printable(path), "decode", unexpected(path, error)))
            self.watcher.advance()

    def result(self) -> Collected:
        """Return what was done; the collection keeps what was found."""
        every = all_series(self.collection) if self.collection else []
        done = Collected(
            self.settings.kind,
            len(self.found.photos),
            len(self.found.clips),
            self.known,
            self.moved,
            sum(self.by_source.values()),
            self.images,
            dict(sorted(self.by_source.items())),
            self.left_out,
            tuple(self.failures),
            (*self.tables.notes, *self.notes),
            len(every),
            len({image for one in every for image in one.members}),
        )
        if self.collection is not None and not self.dry_run:
            self._keep(self.collection, done)
        return done

    def _moved(self, known: Known, found: Sequence[Found]) -> Known:
        moved = known.moves(found, self.folder)
        self.moved = len(moved)
        if not moved:
            return known
        if self.collection is not None and not self.dry_run:
            move_files(self.collection, moved)
        return known.after(moved)

    def _proposed(self, found: Sequence[Found]) -> tuple[list[Proposed], list[tuple[str, Path]]]:
        """Return the series among the files, and the files that are left out at once."""
        kind, settings = self.settings.kind, self.settings
        self.watcher.begin("joining", len(found))
        if kind == "aigc":
            return generated_series(found, settings, self.tables)
        if kind == "cropping":
            proposed, dropped, notes = cropping_series(
                found, self.found.roots, settings, self.left_out
            )
            self.notes += notes
            return proposed, dropped
        return (folder_series(found), []) if settings.folders else natural_series(found, settings)

    def _enter(self, proposed: Sequence[Proposed], now: Known, known: Known) -> None:
        """Add the series of what is in none; `now` is what the collection knows, `known` did."""
        placed = {**known.placed, **now.placed}
        ids = {(one.path, one.crop): id for id, one in now.images.items()}
        ready: list[_Ready] = []
        for one in proposed:
            members = [member for member in one.members if member.found.path not in placed]
            others = [member.found.path for member in one.members if member.found.path in placed]
            if len(members) > 1:
                if others:
                    later = f"collected after series {placed[others[0]]}, which it goes with"
                    one = replace(one, why=f"{one.why}; {later}")
                ready += self._parts(one, members)
            else:
                reason = "joins" if others else one.alone
                self.left_out.add(reason, *(printable(m.found.path) for m in members))
        self._add(ready, ids)

    def _parts(self, one: Proposed, members: Sequence[Member]) -> Iterator[_Ready]:
        """Yield a series, or equal parts of it if it has more images than can be ranked."""
        source = source_of(members[0].found.path, self.tables, self.settings, one.source)
        number = -(-len(members) // MOST_IMAGES)
        for part in range(number):
            some = members[part * len(members) // number : (part + 1) * len(members) // number]
            images = [source_image(m, self.tables, self.settings, one.source) for m in some]
            why = f"{one.why}; part {part + 1} of {number}" if number > 1 else one.why
            yield _Ready(images, source, why)

    def _add(self, ready: Sequence[_Ready], ids: dict[_Key, int]) -> None:
        """Add series; images that have an id stay as they are."""
        for one in ready:
            self.by_source[one.source] += 1
            self.images += len(one.images)
        if self.collection is None or self.dry_run:
            return
        new = [image for one in ready for image in one.images if _key(image) not in ids]
        added = add_images(self.collection, new)
        ids |= {_key(image): id for image, id in zip(new, added, strict=True)}
        kind = self.settings.kind
        series = []
        for one in ready:
            members = tuple(ids[_key(image)] for image in one.images)
            series.append(NewSeries(kind, members, one.source, one.why))
        add_series(self.collection, series)

    def _clip(self, path: Path, digest: str) -> None:
        divided = scenes_of(path, self.settings.frames)
        good = [moments for moments in divided if len(moments) > 1]
        self.left_out.add("few_frames", *[printable(path)] * (len(divided) - len(good)))
        source = source_of(path, self.tables, self.settings)
        if self.dry_run:
            self.by_source[source] += len(good)
            self.images += sum(map(len, good))
            return
        written = write_frames(path, digest, good, self.folder, self.tables, self.settings)
        name = printable(path.name)
        with self._transaction():
            self._add(
                [
                    _Ready(images, source, f"{len(images)} frames of one scene of {name}")
                    for images in written
                ],
                {},
            )

    def _keep(self, collection: Collection, done: Collected) -> None:
        """Keep what was found for the dataset's card, in place of an earlier run on the same."""
        run = {
            "kind": done.kind,
            "sources": [printable(root) for root in self.found.roots],
            "photos": done.photos,
            "clips": done.clips,
            "unreadable": len(done.failures),
            "left_out": dict(done.left_out.counts),
        }
        same = ("kind", "sources")
        before = [
            one
            for one in collection.setting("collected", [])
            if any(one[name] != run[name] for name in same)
        ]
        collection.set("collected", [*before, run])

    def _transaction(self) -> contextlib.AbstractContextManager[None]:
        if self.collection is None or self.dry_run:
            return contextlib.nullcontext()
        return self.collection.transaction(durable=True)


def _key(image: SourceImage) -> _Key:
    return image.path, image.crop


class _Silent:
    """A watcher that does nothing."""

    def begin(self, what: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""
