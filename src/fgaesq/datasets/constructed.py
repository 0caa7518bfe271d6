"""Constructed series: one photo, made worse by known steps, shot by an unsteady hand.

The order inside a series is certain, because every member differs from the better one only by more
of the same edit. All else that varies (framing by a few pixels, a common flaw, the file's
compression) is either common to the series or too small to matter, so that it carries no clue.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np

from fgaesq.datasets.edits import CROPPING, DETAIL, EDITS, LOCAL, UNDOES, as_jpeg, subject_clarity
from fgaesq.errors import InputError
from fgaesq.types import Image

__all__ = [
    "MIXED",
    "RESTORED",
    "ConstructedSeries",
    "Making",
    "PoolPhoto",
    "construct_mixed_series",
    "construct_restored_series",
    "construct_series",
    "draw_frame",
    "read_pool",
    "series_stream",
    "split_of",
]

Making: TypeAlias = Literal["edited", "mixed", "restored"]
"""How a series is made."""

RESTORED = "restored"
"""The kind of a series whose images have a common flaw, undone to different degrees."""

_SOFT = ("defocus", "resampling", "upscaled", "smear", "plastic")
_DULL = ("flat_contrast", "haze")

MIXED = "mixed"
"""The kind of a series whose images have flaws of different kinds."""

_SMALLEST_GAP = 0.07  # of severity between neighbours: about what can just be seen side by side
_WIDE_GAP = 0.35  # of severity between flaws of different kinds: one is clearly the worse
_WIDEST_SIDE_PX = 1800
_MOST_TRIES = 60  # photos looked at to find one with a clear subject
_SPLIT_SALT = b"10"  # one that gives all splits their share of each tier


@dataclass(frozen=True, slots=True)
class PoolPhoto:
    """A photo to make series from.

    Attributes:
        path: the file.
        tier: how good photos of its source are: `free` (chosen by people for their looks),
            `research` (ordinary).
    """

    path: Path
    tier: str


@dataclass(frozen=True, slots=True, eq=False)
class ConstructedSeries:
    """A series of known order.

    Attributes:
        source: file name of the photo it was made from.
        tier: that of the photo.
        kind: the edit whose severity orders the series, or `MIXED`.
        edits: that of each image; all the same but in a mixed series.
        severities: one per image, 0 to 1; lower is better, equal never occurs.
        burden: severity of the flaw common to all images, 0 if there is none.
        area: share of the frame that the edit touches, 1 for all of it.
        images: (H, W, 3) uint8, equal shapes, in random order.
    """

    source: str
    tier: str
    kind: str
    edits: tuple[str, ...]
    severities: tuple[float, ...]
    burden: float
    area: float
    images: tuple[Image, ...]


def read_pool(folder: Path, *, split: str | None = None) -> list[PoolPhoto]:
    """Return the photos that `folder/MANIFEST.csv` lists (columns file, tier), sorted by name.

    Args:
        folder: of the photos.
        split: only photos of `train`, `val` or `test` (see `split_of`); default all.

    Raises:
        InputError: the manifest is missing, lacks a column, lists a photo that is not there, or
            has no photo of the split.
    """
    manifest = folder / "MANIFEST.csv"
    if not manifest.is_file():
        raise InputError(f"{manifest}: not found; give a folder of photos with a MANIFEST.csv")
    with manifest.open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        lacking = [name for name in ("file", "tier") if name not in (table.fieldnames or ())]
        if lacking:
            raise InputError(f"{manifest}: has no column '{lacking[0]}'; it needs file and tier")
        photos = [PoolPhoto(folder / row["file"], row["tier"]) for row in table]
    missing = [photo.path.name for photo in photos if not photo.path.is_file()]
    if missing:
        raise InputError(f"{manifest}: lists {len(missing)} missing files, first {missing[0]}")
    if split:
        photos = [photo for photo in photos if split_of(photo.path.name) == split]
    if not photos:
        share = f"of the split '{split}'" if split else "at all"
        raise InputError(f"{manifest}: lists no photo {share}; add photos to the folder")
    return sorted(photos, key=lambda photo: photo.path.name)


def split_of(name: str) -> str:
    """Return `train`, `val` or `test` for a photo's file name; 80 : 6 : 14, fixed for ever."""
    digest = hashlib.blake2b(name.encode(), digest_size=4, salt=_SPLIT_SALT).digest()
    bucket = int.from_bytes(digest, "big") % 100
    return "test" if bucket < 14 else "val" if bucket < 20 else "train"


def construct_series(
    photo: Image,
    *,
    kind: str,
    rng: np.random.Generator,
    source: str = "",
    tier: str = "",
    long_side_px: int | None = None,
) -> ConstructedSeries:
    """Make a series of 2 to 5 images from one photo.

    Args:
        photo: at least 64 px on its short side.
        kind: a name in `EDITS`.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
        long_side_px: of the images; by default drawn from what the photo has.
    """
    frame = _reframed(photo, rng, kind=kind, long_side_px=long_side_px)
    return _series_of(frame, kind, rng, source, tier)


def _series_of(
    frame: Image, kind: str, rng: np.random.Generator, source: str, tier: str
) -> ConstructedSeries:
    severities = _severities(int(rng.choice([2, 3, 4, 5], p=[0.3, 0.3, 0.2, 0.2])), rng)
    steps = _drawn_steps(kind, rng)
    quality = int(rng.integers(72, 99)) if rng.random() < 0.6 else 0
    frames = _shot(frame, steps, severities, rng)
    images = [_as_saved(one, quality) for one in frames]
    order = rng.permutation(len(images))
    return ConstructedSeries(
        source=source,
        tier=tier,
        kind=kind,
        edits=(kind,) * len(images),
        severities=tuple(severities[i] for i in order),
        burden=steps.burden,
        area=steps.area,
        images=tuple(images[i] for i in order),
    )


def construct_mixed_series(
    photo: Image, *, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images from one photo, each with a flaw of another kind.

    As in a real burst: one frame is soft, one dark, one has something in the way. Their severities
    lie so far apart that the order is certain all the same. Half of the series have flaws of detail
    alone, so that slight grain comes before texture that is wiped away, and the other way round.

    Args:
        photo: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    return _mixed_series_of(_reframed(photo, rng, kind=MIXED), rng, source, tier)


def _mixed_series_of(
    frame: Image, rng: np.random.Generator, source: str, tier: str
) -> ConstructedSeries:
    severities = _wide_severities(int(rng.integers(2, 4)), rng)
    among = sorted(DETAIL) if rng.random() < 0.5 else sorted(set(EDITS) - CROPPING)
    edits = [str(name) for name in rng.choice(among, size=len(severities), replace=False)]
    quality = int(rng.integers(72, 99)) if rng.random() < 0.6 else 0
    images = []
    for name, severity in zip(edits, severities, strict=True):
        image = _handheld(frame, rng)
        if severity > 0:
            image = EDITS[name](image, severity, np.random.default_rng(int(rng.integers(2**63))))
        images.append(_as_saved(image, quality))
    order = rng.permutation(len(images))
    return ConstructedSeries(
        source=source,
        tier=tier,
        kind=MIXED,
        edits=tuple(edits[i] for i in order),
        severities=tuple(severities[i] for i in order),
        burden=0.0,
        area=1.0,
        images=tuple(images[i] for i in order),
    )


def construct_restored_series(
    photo: Image, *, rng: np.random.Generator, source: str = "", tier: str = ""
) -> ConstructedSeries:
    """Make a series of 2 or 3 images with one common flaw, undone to different degrees.

    A soft photo is better for moderate sharpening, a dull one for more contrast and colour: more
    fine detail is no flaw of its own, as series of flaws alone might teach.

    Args:
        photo: at least 64 px on its short side.
        rng: decides everything random.
        source: name of the photo, carried into the result.
        tier: that of the photo, carried into the result.
    """
    return _restored_series_of(_reframed(photo, rng, kind=RESTORED), rng, source, tier)


def _restored_series_of(
    frame: Image, rng: np.random.Generator, source: str, tier: str
) -> ConstructedSeries:
    soft = rng.random() < 0.75
    kind = str(rng.choice(_SOFT if soft else _DULL))
    flaw = float(rng.uniform(0.1, 0.45))
    strength, radius = float(rng.uniform(0.7, 1.3)), float(rng.uniform(0.8, 2.0))
    levels = [0.0, 1.0] if rng.random() < 0.4 else [0.0, 0.5, 1.0]
    seed = int(rng.integers(2**63))
    quality = int(rng.integers(80, 99)) if rng.random() < 0.6 else 0
    images = []
    for level in levels:
        image = EDITS[kind](_handheld(frame, rng), flaw, np.random.default_rng(seed))
        if level and soft:
            image = _sharpened(image, strength * level, radius)
        elif level:
            image = _livened(image, strength * level)
        images.append(_as_saved(image, quality))
    order = rng.permutation(len(images))
    severities = [flaw * (1 - 0.45 * level) for level in levels]
    return ConstructedSeries(
        source=source,
        tier=tier,
        kind=RESTORED,
        edits=(kind,) * len(images),
        severities=tuple(severities[i] for i in order),
        burden=0.0,
        area=1.0,
        images=tuple(images[i] for i in order),
    )


def _sharpened(image: Image, amount: float, radius: float) -> Image:
    """Return the image after a moderate unsharp mask."""
    soft = cv2.GaussianBlur(image, (0, 0), radius)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def _livened(image: Image, amount: float) -> Image:
    """Return the image with up to a third more contrast and a quarter more colour."""
    values = image.astype(np.float32)
    grey = (values @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]
    middle = np.float32(grey.mean())
    raised = middle + np.float32(1 + 0.27 * amount) * (grey - middle)
    return np.clip(raised + np.float32(1 + 0.2 * amount) * (values - grey) + 0.5, 0, 255).astype(
        np.uint8
    )


def _wide_severities(number: int, rng: np.random.Generator) -> list[float]:
    """Return ascending severities with gaps that hold between any two kinds of edit."""
    free = 1.0 - _WIDE_GAP * (number - 1)
    places = np.sort(rng.uniform(0, free, number))
    severities = places + _WIDE_GAP * np.arange(number)
    if rng.random() < 0.25:
        severities[0] = 0.0
    return [float(value) for value in severities]


def _shot(
    base: Image, steps: _Steps, severities: Sequence[float], rng: np.random.Generator
) -> list[Image]:
    """Return a frame per severity, each with a slightly different framing."""
    if steps.kind in CROPPING:  # the shift comes last: the crop's subject must be the same for all
        return [_handheld(_edited(base, steps, severity), rng) for severity in severities]
    return [_edited(_handheld(base, rng), steps, severity) for severity in severities]


@dataclass(frozen=True, slots=True)
class _Steps:
    """What happens to every frame of a series.

    Attributes:
        kind: the edit that orders the series.
        common, burden: an edit and its severity, the same for all frames; 0 for none.
        second: another edit that gets worse together with the first, or none.
        area, centre, tall: of the ellipse that the first edit is confined to; area 1 for none.
        seeds: of the three edits, the same for all frames.
    """

    kind: str
    common: str
    burden: float
    second: str
    area: float
    centre: tuple[float, float]
    tall: float
    seeds: tuple[int, int, int]


def _drawn_steps(kind: str, rng: np.random.Generator) -> _Steps:
    others = [name for name in EDITS if name not in {kind, *CROPPING, *UNDOES[kind]}]
    common, second = (str(name) for name in rng.choice(others, size=2))
    burden = float(rng.uniform(0.05, 0.4)) if rng.random() < 0.2 else 0.0
    combined = rng.random() < 0.12 and not (burden and second in UNDOES[common])
    local = kind in LOCAL and rng.random() < 0.35
    return _Steps(
        kind=kind,
        common=common,
        burden=burden,
        second=second if combined and not local else "",
        area=float(rng.uniform(0.06, 0.35)) if local else 1.0,
        centre=(float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.25, 0.75))),
        tall=float(rng.uniform(0.7, 1.4)),
        seeds=tuple(int(seed) for seed in rng.integers(2**63, size=3)),  # type: ignore[arg-type]
    )


def _edited(image: Image, steps: _Steps, severity: float) -> Image:
    """Return a frame with the common flaw and with the edits at `severity`."""
    if steps.burden:
        rng = np.random.default_rng(steps.seeds[0])
        image = EDITS[steps.common](image, steps.burden, rng)
    if severity > 0 or steps.kind in CROPPING:
        worse = EDITS[steps.kind](image, severity, np.random.default_rng(steps.seeds[1]))
        image = worse if steps.area == 1 else _inside_ellipse(image, worse, steps)
    if steps.second and severity > 0:
        rng = np.random.default_rng(steps.seeds[2])
        image = EDITS[steps.second](image, 0.7 * severity, rng)
    return image


def _inside_ellipse(outside: Image, inside: Image, steps: _Steps) -> Image:
    """Return `outside` with `inside` shown through an ellipse with a soft rim."""
    height, width = outside.shape[:2]
    y, x = np.ogrid[:height, :width]
    radius = np.sqrt(steps.area / np.pi)  # of the frame's sides, before stretching
    down = (y / height - steps.centre[0]) / (radius * steps.tall)
    across = (x / width - steps.centre[1]) / (radius / steps.tall)
    share = np.clip((1 - np.hypot(down, across)) * 6 + 0.5, 0, 1)[..., None].astype(np.float32)
    blend = outside + share * (inside.astype(np.float32) - outside)
    image: Image = np.rint(blend).astype(np.uint8)
    return image


def series_stream(
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    *,
    seed: int,
    indices: Sequence[int],
    kinds: Sequence[str] = tuple(EDITS),
    making: Making = "edited",
) -> Iterator[ConstructedSeries]:
    """Yield the series of the given indices; each depends on `seed` and its index alone.

    Args:
        pool: the photos of one split.
        pixels: decoded photos by file name.
        seed: of the whole set.
        indices: which series to make; kinds take turns over the indices.
        kinds: the edits to use.
        making: what to make: series of edits, mixed ones (see `construct_mixed_series`) or restored
            ones (see `construct_restored_series`).
    """
    for index in indices:
        kind = kinds[index % len(kinds)] if making == "edited" else making
        photo, frame, rng = draw_frame(pool, pixels, kind=kind, seed=seed, index=index)
        name, tier = photo.path.name, photo.tier
        if making == "mixed":
            yield _mixed_series_of(frame, rng, name, tier)
        elif making == "restored":
            yield _restored_series_of(frame, rng, name, tier)
        else:
            yield _series_of(frame, kind, rng, name, tier)


def draw_frame(
    pool: Sequence[PoolPhoto], pixels: Mapping[str, Image], *, kind: str, seed: int, index: int
) -> tuple[PoolPhoto, Image, np.random.Generator]:
    """Return what a series of `series_stream` is made from, and what decides all else about it.

    Returns:
        The photo, the frame cut from it that is then edited, and the generator of the edits.
    """
    rng = np.random.default_rng([seed, index])
    free = [photo for photo in pool if photo.tier == "free"]
    among = free if free and rng.random() < 0.3 else pool  # few, but in high resolution
    photo = among[int(rng.integers(len(among)))]
    if kind == "cut_off":
        photo = _with_clear_subject(pool, pixels, rng)
    return photo, _reframed(pixels[photo.path.name], rng, kind=kind), rng


def _with_clear_subject(
    pool: Sequence[PoolPhoto], pixels: Mapping[str, Image], rng: np.random.Generator
) -> PoolPhoto:
    """Return the first drawn photo whose subject is clear enough to be cut, or the clearest."""
    clearest, most = pool[0], -np.inf
    for index in rng.permutation(len(pool))[:_MOST_TRIES]:
        clarity = subject_clarity(pixels[pool[index].path.name])
        if clarity > most:
            clearest, most = pool[index], clarity
        if clarity >= 1:
            break
    return clearest


def _severities(number: int, rng: np.random.Generator) -> list[float]:
    """Return ascending severities at least one just visible step apart; mostly starting at 0."""
    free = 1.0 - _SMALLEST_GAP * (number - 1)
    reach = free * rng.uniform(0.15, 1.0)  # narrow series are as common as wide ones
    places = np.sort(rng.uniform(0, reach, number))
    severities = places + _SMALLEST_GAP * np.arange(number)
    if rng.random() < 0.75:
        severities[0] = 0.0
    return [float(value) for value in severities]


def _reframed(
    photo: Image, rng: np.random.Generator, *, kind: str, long_side_px: int | None = None
) -> Image:
    """Return a random crop of the photo, maybe mirrored, at the wanted size or a random one."""
    # A subject that is to be cut must not be cut beforehand.
    least_share = 1.0 if kind == "cut_off" else 0.7
    height, width = photo.shape[:2]
    share = rng.uniform(least_share, 1.0)
    size = (int(height * share), int(width * share * rng.uniform(max(0.85, least_share), 1.0)))
    if rng.random() < 0.15 and least_share < 1:
        size = (min(height, size[1]), min(width, size[0]))  # upright instead of wide
    top = int(rng.integers(height - size[0] + 1))
    left = int(rng.integers(width - size[1] + 1))
    crop = photo[top : top + size[0], left : left + size[1]]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    available = max(size)
    if long_side_px is None:
        most = min(available, _WIDEST_SIDE_PX)
        long_side_px = int(np.exp(rng.uniform(np.log(min(384, most)), np.log(most))))
    factor = min(1.0, long_side_px / available)
    target = (max(64, round(size[1] * factor)), max(64, round(size[0] * factor)))
    resized = cv2.resize(crop, target, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(resized, np.uint8)


def _handheld(base: Image, rng: np.random.Generator) -> Image:
    """Return the frame shifted by up to 1 % by whole pixels: interpolation would be a clue."""
    margin = max(1, round(max(base.shape) * 0.01))
    top, left = (int(value) for value in rng.integers(2 * margin + 1, size=2))
    height, width = base.shape[0] - 2 * margin, base.shape[1] - 2 * margin
    return np.ascontiguousarray(base[top : top + height, left : left + width])


def _as_saved(image: Image, quality: int) -> Image:
    """Return the image after saving it as JPEG of the series' quality (0: lossless)."""
    return as_jpeg(image, quality) if quality else image
