"""`fgaesq data publish`: a collection becomes a folder that others can read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Collection as AnyOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from fgaesq.building.collection import Collection
from fgaesq.building.collection.ranks import keep_splits, splits
from fgaesq.building.publish.card import About, card
from fgaesq.building.publish.croissant import croissant
from fgaesq.building.publish.facts import step_facts, vote_facts
from fgaesq.building.publish.files import ImageFiles, new_folder
from fgaesq.building.publish.finished import Finished, finished_dataset
from fgaesq.building.publish.label_studio import write_label_studio
from fgaesq.building.publish.look_store import LOOKS_FILE, LookStore
from fgaesq.building.publish.parquet_files import SHARD_BYTES, write_parquet
from fgaesq.building.publish.released_layout import write_released_layout
from fgaesq.building.publish.splitting import SplitReport, split_series
from fgaesq.building.records import Vote
from fgaesq.datasets.converting import convert_dataset

__all__ = ["FORMS", "Form", "Published", "Publishing", "publish"]

Form: TypeAlias = Literal["fgaesthetics", "own", "parquet", "label-studio"]
FORMS: tuple[Form, ...] = get_args(Form)

_NAME = "dataset.json"


@dataclass(frozen=True, slots=True)
class Publishing:
    """What may be chosen.

    Attributes:
        form: the format.
        files: how images become files.
        licences: only images of these; None for all.
        seed: of the splits.
        resplit: choose all splits anew; by default series keep theirs.
        shard_bytes: about how large a Parquet file gets.
        about: for the card.
        threads: images opened at once.
    """

    form: Form = "own"
    files: ImageFiles = field(default_factory=ImageFiles)
    licences: AnyOf[str] | None = None
    seed: int = 0
    resplit: bool = False
    shard_bytes: int = SHARD_BYTES
    about: About = field(default_factory=About)
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Published:
    """What was published.

    Attributes:
        finished: the dataset, and what is left out.
        split: how its series were split.
    """

    finished: Finished
    split: SplitReport


def publish(
    collection: Collection,
    folder: Path,
    settings: Publishing,
    *,
    votes: Iterable[Vote] = (),
    on_image: Callable[[], None] | None = None,
) -> Published:
    """Split the finished dataset, keep the splits, and write it as a folder.

    The folder is there as a whole when this returns, or not at all.

    Args:
        collection: of the dataset, with calibrated ranks.
        folder: a new or empty one.
        settings: what was chosen.
        votes: all there are, for the card and Label Studio; gone through more than once.
        on_image: called for each image that is compared, and again when it is written.

    Raises:
        InputError: nothing is left to publish, or the folder cannot be used.
        DecodeError: an image cannot be read.
        MissingExtraError: a package that the format needs is not installed.
    """
    with new_folder(folder) as unfinished:
        split = _split(collection, settings, on_image)
        finished = finished_dataset(collection, licences=settings.licences)
        _write(finished, unfinished, settings, votes, on_image)
        dataset = finished.dataset
        if settings.form != "own":
            text = json.dumps({"name": dataset.name}) + "\n"
            (unfinished / _NAME).write_text(text, encoding="utf-8")
        facts = vote_facts(votes)
        text = card(
            finished,
            form=settings.form,
            steps=step_facts(collection),
            votes=facts,
            split=split,
            about=settings.about,
            kept_metadata=settings.files.keep_metadata,
        )
        (unfinished / "README.md").write_text(text, encoding="utf-8")
        described = croissant(finished, unfinished, form=settings.form, about=settings.about)
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
        (unfinished / "croissant.json").write_text(text, encoding="utf-8")
    return Published(finished, split)


def _split(
    collection: Collection, settings: Publishing, on_image: Callable[[], None] | None
) -> SplitReport:
    """Split all that is finished, whatever licence it has, so that exports agree."""
    known = {} if settings.resplit else splits(collection)
    with LookStore(collection.folder / LOOKS_FILE) as store:
        split = split_series(
            finished_dataset(collection),
            seed=settings.seed,
            known=known,
            store=store,
            threads=settings.threads,
            on_image=on_image,
        )
    keep_splits(collection, {**known, **split.splits})
    return split


def _write(
    finished: Finished,
    folder: Path,
    settings: Publishing,
    votes: Iterable[Vote],
    on_image: Callable[[], None] | None,
) -> None:
    dataset, files = finished.dataset, settings.files
    match settings.form:
        case "own":
            convert_dataset(dataset, folder, write_image=files.write_photo, on_image=on_image)
        case "fgaesthetics":
            write_released_layout(dataset, folder, files=files, on_image=on_image)
        case "parquet":
            write_parquet(
                dataset, folder, files=files, shard_bytes=settings.shard_bytes, on_image=on_image
            )
        case "label-studio":
            of_pairs = _by_pair(finished, votes)
            write_label_studio(dataset, folder, files=files, votes=of_pairs, on_image=on_image)


def _by_pair(finished: Finished, votes: Iterable[Vote]) -> Mapping[tuple[str, str], list[Vote]]:
    """Return the votes by pair, images named as in the dataset."""
    names = {
        (finished.series[one.id], finished.items[item].id): item
        for one in finished.dataset.series
        for item in one.items
    }
    found: dict[tuple[str, str], list[Vote]] = defaultdict(list)
    for vote in votes:
        first, second = (names.get((vote.series, one)) for one in (vote.first, vote.second))
        if first and second:
            found[first, second].append(vote)
    return found
