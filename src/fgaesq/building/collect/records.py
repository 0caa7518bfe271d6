"""The values of collecting: what is wanted, what reading a file told, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from fgaesq.building.records import Category
from fgaesq.capture.records import Capture
from fgaesq.datasets.records import Crop
from fgaesq.desk.likeness import Fingerprint
from fgaesq.errors import InputError
from fgaesq.types import Failure

__all__ = [
    "LEFT_OUT",
    "CollectSettings",
    "Collected",
    "Found",
    "Generation",
    "LeftOut",
    "Member",
    "Proposed",
    "Reading",
    "Watcher",
]

_EXAMPLES: Final = 3

LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "duplicate": "the same file as another one",
        "changed": "changed since it was collected; the dataset keeps what it knew",
        "joins": "belongs to a series that is there, which stays as it is",
        "single": "no other photo looks like it",
        "alone": "no other image in its folder",
        "bracket": "part of an exposure bracket, of which all photos are needed",
        "focus_stack": "part of a focus stack, of which all photos are needed",
        "panorama": "part of a panorama, of which all photos are needed",
        "timelapse": "part of a time-lapse, of which all photos are needed",
        "no_prompt": "states no prompt; group such images with --folders, or give a table",
        "one_of_prompt": "the only image of its prompt",
        "few_frames": "a scene of a clip with fewer than two frames worth showing",
        "clip": "a clip; frames are taken with --kind natural, without --no-clips",
        "small": "too small for crops of it",
        "no_boxes": "fewer than two boxes of it can be used",
        "outside": "a box that is not inside its photo, or is another one in whole pixels",
    }
)
"""Why something found became no member of a series; the words are for people."""


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """What the person may choose.

    Attributes:
        kind: what the series are series of.
        folders: take each folder as one series, whatever its images look like or state.
        source: who or what made the images, where no table beside them says so.
        licence: of the images, where no table beside them says so.
        size: of groups of photos, from 0 (tight) to 1 (wide).
        clips: whether frames are taken from clips.
        frames: most frames of a scene of a clip.
        generators_apart: whether images of one prompt by different generators are different series.
        crops: most crops proposed of a photo.

    Raises:
        InputError: a value that makes no sense.
    """

    kind: Category
    folders: bool = False
    source: str = ""
    licence: str = ""
    size: float = 0.5
    clips: bool = True
    frames: int = 5
    generators_apart: bool = False
    crops: int = 8

    def __post_init__(self) -> None:
        if self.kind == "cropping" and self.folders:
            raise InputError("crops of one photo are a series; leave out --folders")
        for name, value in (("frames", self.frames), ("crops", self.crops)):
            if value < 2:
                raise InputError(f"{name} is {value}; a series has at least two images")


@dataclass(frozen=True, slots=True)
class Generation:
    """What a generated image states of its making.

    Attributes:
        prompt: as it was given, not empty.
        negative: what it should not show, "" if not stated.
        generator: the program or service, "" if not known.
        model: the weights, "" if not stated.
        seed: "" if not stated.
    """

    prompt: str
    negative: str = ""
    generator: str = ""
    model: str = ""
    seed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file told.

    Attributes:
        digest: SHA-256 of the file in hexadecimal.
        height, width: of the whole upright image, px.
        capture: how and when it was taken.
        fingerprint: of its look.
        generation: how it was generated, None if it does not say.
        rights: what it says of its rights, by field (`copyright`, `artist`, `licence`, `terms`).
    """

    digest: str
    height: int
    width: int
    capture: Capture
    fingerprint: Fingerprint
    generation: Generation | None = None
    rights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that was found and could be read."""

    path: Path
    reading: Reading


@dataclass(frozen=True, slots=True)
class Member:
    """An image as a series wants it: a file, or a part of one.

    Attributes:
        found: the file.
        crop: the part, in px of the whole upright image; None for all of it.
        prompt: of the image, "" for none.
        maker: the generator that made it, "" for photos and if it is not known.
        origin: what the kind adds to the origin.
    """

    found: Found
    crop: Crop | None = None
    prompt: str = ""
    maker: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A series as a kind proposes it, of new and known images.

    Attributes:
        members: in order.
        why: the rule that joined them, one sentence.
        alone: the reason if only one of them is left.
        source: the collection it is known from, "" for none.
    """

    members: tuple[Member, ...]
    why: str
    alone: str = "single"
    source: str = ""


@dataclass(slots=True)
class LeftOut:
    """What was found and not taken, by reason.

    Attributes:
        counts: by key of `LEFT_OUT`.
        examples: the first few names of each.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, *names: str) -> None:
        """Count what was left out for a reason."""
        if reason not in LEFT_OUT:
            raise ValueError(f"unknown reason '{reason}'")
        if not names:
            return
        self.counts[reason] = self.counts.get(reason, 0) + len(names)
        shown = self.examples.setdefault(reason, [])
        shown += names[: _EXAMPLES - len(shown)]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a run did.

    Attributes:
        kind: what was collected.
        photos, clips: found, those that could not be read too.
        known: files found that already are in a series of the dataset.
        moved: files that were found at another place than the dataset knew, and are updated.
        series: made.
        images: in them; frames and crops each count.
        by_source: series made, by the collection they come from.
        left_out: what was found and not taken.
        failures: files and folders that could not be used.
        notes: what else a person should know, in sentences.
        series_in_all, images_in_all: in the dataset after the run, of all kinds.
    """

    kind: Category
    photos: int
    clips: int
    known: int
    moved: int
    series: int
    images: int
    by_source: Mapping[str, int]
    left_out: LeftOut
    failures: tuple[Failure, ...]
    notes: tuple[str, ...] = ()
    series_in_all: int = 0
    images_in_all: int = 0


class Watcher(Protocol):
    """Is told how far a run is."""

    def begin(self, what: str, total: int) -> None:
        """Hear what is done from now on, in how many steps."""

    def advance(self, steps: int = 1) -> None:
        """Hear that steps are done."""
