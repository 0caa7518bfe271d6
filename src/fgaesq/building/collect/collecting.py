"""The whole of collecting: find, read, join to series, enter what is new."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fgaesq.building.collect.cropping import cropping_series
from fgaesq.building.collect.frames import scenes_of, write_frames
from fgaesq.building.collect.generated import generated_series
from fgaesq.building.collect.known import Known, known_of
from fgaesq.building.collect.natural import folder_series, natural_series
from fgaesq.building.collect.provenance import Tables, read_tables, source_image
from fgaesq.building.collect.reading import digest_of, read_files
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
from fgaesq.errors import FgaError, InputError
from fgaesq.images.names import printable
from fgaesq.types import Failure

__all__ = ["collect"]


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
        InputError: a source is not there, nothing was found, or a frame cannot be written.
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
            except FgaError as error:
                self.failures.append(Failure(printable(path), "decode", str(error)))
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
        fresh: list[tuple[Proposed, list[Member]]] = []
        for one in proposed:
            members = [member for member in one.members if member.found.path not in placed]
            series = next(
                (placed[m.found.path] for m in one.members if m.found.path in placed), None
            )
            if len(members) > 1:
                later = f"; collected after series {series}, which it goes with" if series else ""
                fresh.append((replace(one, why=one.why + later), members))
            else:
                reason = "joins" if series else one.alone
                self.left_out.add(reason, *(printable(m.found.path) for m in members))
        images = [[self._image(m) for m in members] for _, members in fresh]
        self._add(images, [one.why for one, _ in fresh], ids)

    def _image(self, member: Member) -> SourceImage:
        return source_image(member, self.tables, self.settings)

    def _add(
        self,
        images: Sequence[Sequence[SourceImage]],
        whys: Sequence[str],
        ids: dict[tuple[Path, Crop | None], int],
    ) -> None:
        """Add series of images; those that have an id stay as they are."""
        for members in images:
            self.by_source[members[0].source] += 1
            self.images += len(members)
        if self.collection is None or self.dry_run:
            return
        new = [one for members in images for one in members if (one.path, one.crop) not in ids]
        added = add_images(self.collection, new)
        ids |= {(one.path, one.crop): id for one, id in zip(new, added, strict=True)}
        series = [
            NewSeries(
                self.settings.kind,
                tuple(ids[one.path, one.crop] for one in members),
                members[0].source,
                why,
            )
            for members, why in zip(images, whys, strict=True)
        ]
        add_series(self.collection, series)

    def _clip(self, path: Path, digest: str) -> None:
        divided = scenes_of(path, self.settings.frames)
        good = [moments for moments in divided if len(moments) > 1]
        few = len(divided) - len(good)
        self.left_out.add("few_frames", *[printable(path)] * few)
        if self.dry_run:
            source = self.tables.of(path, "source") or self.settings.source
            self.by_source[source or self.tables.root_of(path)] += len(good)
            self.images += sum(map(len, good))
            return
        images = write_frames(path, digest, good, self.folder, self.tables, self.settings)
        whys = [f"{len(moments)} frames of one scene of {printable(path.name)}" for moments in good]
        with self._transaction():
            self._add(images, whys, {})

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


class _Silent:
    """A watcher that does nothing."""

    def begin(self, what: str, total: int) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""
