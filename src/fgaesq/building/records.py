"""The values of a dataset in the making: images, series, drops, votes, calibrated ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from fgaesq.datasets.records import Crop, Item

__all__ = [
    "CATEGORIES",
    "CHOICES",
    "REASONS",
    "STEPS",
    "CalibratedImage",
    "CalibratedPair",
    "CalibratedSeries",
    "Category",
    "Choice",
    "Decision",
    "Drop",
    "NewSeries",
    "Series",
    "SourceImage",
    "Step",
    "Vote",
    "VoteRole",
]

Category: TypeAlias = Literal["natural", "aigc", "cropping"]
CATEGORIES: Final[tuple[Category, ...]] = ("natural", "aigc", "cropping")

Step: TypeAlias = Literal["collect", "metrics", "model", "people", "calibration"]
STEPS: Final[tuple[Step, ...]] = ("collect", "metrics", "model", "people", "calibration")
"""The steps that may drop images and series, in their order (the paper's Figure 3)."""

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unreadable": "the file is not a readable image",
        "near_identical": "no visible difference to another image of the series",
        "dissimilar": "not the same scene, subject or content as the rest of the series",
        "defective": "broken: corrupted, all blurred, badly exposed beyond use",
        "empty": "without content: a blank, black or lens-cap shot",
        "misaligned": "does not show what its prompt asks for",
        "overlap": "a crop that shows too little of what the other crops show, or nearly the same",
        "context": "the subject, action or place differs",
        "duplicate_series": "the same images as another series",
        "too_few": "fewer than two images are left",
        "unreliable": "the votes do not agree or do not suffice",
        "other": "another reason, given in words",
    }
)
"""Why an image or a series is dropped; the words are for people."""


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a dataset in the making: a file, or a part of one.

    Attributes:
        path: of the photo, absolute.
        digest: SHA-256 of the file in hexadecimal.
        height, width: of what is shown, upright, px: of the crop if there is one.
        crop: the part of the photo, in px of the whole upright photo; None for all of it.
        source: who or what made the image (collection, generator), "" if not known.
        licence: "" if not known.
        prompt: text it was generated from, "" for photos.
        taken: local capture time, ISO 8601, "" if not known.
        origin: where it comes from, by name: of a frame `clip` and `time_s`, of a crop `boxes`, ...
        id: in the collection; 0 before it is added.
    """

    path: Path
    digest: str
    height: int
    width: int
    crop: Crop | None = None
    source: str = ""
    licence: str = ""
    prompt: str = ""
    taken: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    id: int = 0

    def item(self) -> Item:
        """Return the image as datasets have it; `datasets.records.open_image` reads its pixels."""
        return Item(
            str(self.id),
            self.path,
            crop=self.crop,
            source=self.source,
            licence=self.licence,
            prompt=self.prompt,
        )


@dataclass(frozen=True, slots=True)
class NewSeries:
    """A series to add.

    Attributes:
        category: what it is a series of.
        members: image ids, at least two, each once.
        source: the collection it comes from.
        why: the rule that joined the members, one sentence.
    """

    category: Category
    members: tuple[int, ...]
    source: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """An image taken out of its series, or a whole series taken out.

    Attributes:
        series: id.
        image: id; None for the series as a whole.
        step: that dropped it.
        reason: a key of `REASONS`.
        detail: the numbers or words behind it, one sentence, "" for none.
        other: id of the image that it resembles, if that is the reason.
    """

    series: int
    image: int | None
    step: Step
    reason: str
    detail: str = ""
    other: int | None = None

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"unknown reason '{self.reason}'")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person last said of an image of a series, or of the series as a whole.

    Attributes:
        series: id.
        image: id; None for the series as a whole.
        keep: in, or out.
        reason: a key of `REASONS`, if it is out.
        detail: words of the person.
        who: the person's name, "" if not known.
    """

    series: int
    image: int | None
    keep: bool
    reason: str = "other"
    detail: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """A series as it stands.

    Attributes:
        id: in the collection.
        category: what it is a series of.
        members: image ids in order, those dropped too.
        dropped: by image id, why it is out; the first step that dropped it.
        drop: why the series as a whole is out; None if it is in.
        source: the collection it comes from.
        why: the rule that joined the members.
        made_of: the series that it was split from or merged of, by a person.
    """

    id: int
    category: Category
    members: tuple[int, ...]
    dropped: Mapping[int, Drop] = field(default_factory=dict)
    drop: Drop | None = None
    source: str = ""
    why: str = ""
    made_of: tuple[int, ...] = ()

    @property
    def kept(self) -> tuple[int, ...]:
        """The members that are in, in order; () if the series is out."""
        if self.drop is not None:
            return ()
        return tuple(image for image in self.members if image not in self.dropped)


Choice: TypeAlias = Literal["first", "second", "tie"]
CHOICES: Final[tuple[Choice, ...]] = ("first", "second", "tie")
VoteRole: TypeAlias = Literal["ordinary", "golden", "repeated"]


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's judgement of a pair.

    Attributes:
        series: id.
        first, second: image ids, `first < second`, whatever the sides were.
        choice: the better one, or `tie`.
        annotator: name.
        seconds: from showing the pair to the vote; 0 if not known.
        first_on_left: whether `first` stood on the left; None if that is not known.
        role: `golden` pairs have a known answer, `repeated` ones were asked before.
        reasons: words the person chose, may be empty.
        at: seconds since 1970, UTC; 0 if not known.
    """

    series: int
    first: int
    second: int
    choice: Choice
    annotator: str
    seconds: float
    first_on_left: bool | None
    role: VoteRole = "ordinary"
    reasons: tuple[str, ...] = ()
    at: float = 0.0

    def __post_init__(self) -> None:
        if not self.first < self.second:
            raise ValueError("a vote names the smaller id first")


@dataclass(frozen=True, slots=True)
class CalibratedImage:
    """The value of an image in its series.

    Attributes:
        image: id.
        value: Bradley-Terry ability, mean 0 over the series; higher is better.
        low, high: 95 % interval of the value.
        rank: 1 is the best; images that cannot be told apart share one.
    """

    image: int
    value: float
    low: float
    high: float
    rank: int


@dataclass(frozen=True, slots=True)
class CalibratedPair:
    """The probability of a pair.

    Attributes:
        first, second: image ids, `first < second`.
        p: probability that the first is better, ties set aside: the sigmoid of the difference of
            the values.
        low, high: 95 % interval of `p`.
        votes: how many judged the pair.
        removed: why the pair is left out of the dataset, "" if it is in.
    """

    first: int
    second: int
    p: float
    low: float
    high: float
    votes: int
    removed: str = ""


@dataclass(frozen=True, slots=True)
class CalibratedSeries:
    """The one rank of a series.

    Attributes:
        series: id.
        images: of all judged members, best first.
        pairs: of all judged pairs.
    """

    series: int
    images: tuple[CalibratedImage, ...]
    pairs: tuple[CalibratedPair, ...]
