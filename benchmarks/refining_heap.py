"""A heap of series with planted bad members, whose truth is known.

Bursts are constructed series (`datasets.constructed`), AI variants are one frame warped, graded and
rendered anew several times, crops are boxes on a photo. Bad members are planted beside the good
ones; which, and by what reason they should go, stands in the truth.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFile

from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import Category, NewSeries, SourceImage
from fgaesq.datasets.constructed.frames import reframed
from fgaesq.datasets.constructed.pool import PoolPhoto
from fgaesq.datasets.constructed.stream import Making, series_stream
from fgaesq.datasets.edits import EDITS, as_jpeg, from_linear, to_linear
from fgaesq.datasets.records import Crop
from fgaesq.types import Image

__all__ = ["PLANTED", "Member", "make_heap", "planted_kinds"]

_WORST_GOOD = 0.7  # severity; what is worse nobody would keep, and it is not known whether to count
_TURNS: tuple[Category, ...] = (
    *("natural", "aigc", "natural", "cropping", "natural"),
    *("natural", "aigc", "natural", "cropping", "aigc"),
)
_MAKINGS: tuple[Making, ...] = ("edited", "edited", "mixed", "restored", "rendered")


@dataclass(frozen=True, slots=True)
class Member:
    """An image of the heap and the truth about it.

    Attributes:
        image: id in the collection.
        series: id in the collection.
        kind: how it was planted, a key of `PLANTED`; "" for good ones.
        twin: the image that a near-identical one was made of, by id; 0 for others.
    """

    image: int
    series: int
    kind: str
    twin: int = 0


PLANTED: Final[Mapping[str, str]] = {
    "re-encoded": "near_identical",
    "resized": "near_identical",
    "shifted": "near_identical",
    "tiny noise": "near_identical",
    "resized and re-encoded": "near_identical",
    "another photo": "dissimilar",
    "another photo, alike in colour": "dissimilar",
    "black": "empty",
    "white": "empty",
    "lens cap": "empty",
    "wall": "empty",
    "grey band": "defective",
    "glitch": "defective",
    "blur": "defective",
    "overexposed": "defective",
    "underexposed": "defective",
    "cut short": "unreadable",
    "same crop": "overlap",
    "far crop": "overlap",
}
"""The kinds of bad members and the reason that each should be dropped for."""


def planted_kinds(category: Category) -> list[str]:
    """Return the kinds that are planted in series of a category."""
    crops = [kind for kind, reason in PLANTED.items() if reason == "overlap"]
    return crops if category == "cropping" else [kind for kind in PLANTED if kind not in crops]


def make_heap(
    folder: Path,
    pool: Sequence[PoolPhoto],
    pixels: Mapping[str, Image],
    *,
    series: int,
    seed: int,
    planted: bool = True,
    long_side_px: int | None = None,
) -> tuple[Collection, list[Member]]:
    """Write a heap and return its collection and the truth.

    Args:
        folder: of the dataset; must not exist.
        pool: photos to make it of.
        pixels: decoded, by file name.
        series: how many: of ten, five bursts, three of AI variants, two of crops.
        seed: of everything random.
        planted: whether there are bad members at all.
        long_side_px: of the images at most; for quick tests.
    """
    collection = create_collection(folder)
    members: list[Member] = []
    for number in range(series):
        rng = np.random.default_rng([seed, number])
        chosen = _TURNS[number % len(_TURNS)]
        place = folder / "images" / f"{number:05d}"
        place.mkdir(parents=True)
        maker = _Maker(place, pool, pixels, rng, number, seed, long_side_px)
        made = maker.crops(planted) if chosen == "cropping" else maker.frames(chosen, planted)
        members += _added(collection, chosen, made)
    return collection, members


@dataclass(frozen=True, slots=True)
class _Made:
    """A member before it has an id; `twin` is its place in the series, -1 for none."""

    image: SourceImage
    kind: str = ""
    twin: int = -1


def _added(collection: Collection, category: Category, made: Sequence[_Made]) -> list[Member]:
    ids = add_images(collection, [one.image for one in made])
    (series,) = add_series(collection, [NewSeries(category, tuple(ids), category, "constructed")])
    return [
        Member(id, series, one.kind, ids[one.twin] if one.twin >= 0 else 0)
        for id, one in zip(ids, made, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Maker:
    """What one series is made from and where its files go."""

    folder: Path
    pool: Sequence[PoolPhoto]
    pixels: Mapping[str, Image]
    rng: np.random.Generator
    number: int
    seed: int
    long_side_px: int | None

    def frames(self, category: Category, planted: bool) -> list[_Made]:
        """Return a burst or a set of AI variants, with bad members among them."""
        good = self._burst() if category == "natural" else self._variants()
        members = [(image, "", -1) for image in good]
        kinds = planted_kinds(category)
        number = int(self.rng.choice([0, 1, 2], p=[0.3, 0.5, 0.2])) if planted else 0
        for kind in self.rng.choice(kinds, size=number, replace=False):
            twin = int(self.rng.integers(len(good)))
            bad = _BAD[str(kind)](good[twin], self.rng, self)
            near = PLANTED[str(kind)] == "near_identical"
            members.append((bad, str(kind), twin if near else -1))
        prompt = "a photograph" if category == "aigc" else ""
        return [
            _Made(replace(self._saved(place, image, kind), prompt=prompt), kind, twin)
            for place, (image, kind, twin) in enumerate(members)
        ]

    def crops(self, planted: bool) -> list[_Made]:
        """Return boxes on one photo that share most of what they show, and bad ones."""
        photo = self._photo()
        path = self.folder / "photo.jpg"
        PILImage.fromarray(photo).save(path, quality=93)
        height, width = photo.shape[:2]
        boxes = [(self._box(height, width), "") for _ in range(int(self.rng.integers(4, 7)))]
        boxes = [
            one for n, one in enumerate(boxes) if all(_iou(one[0], o[0]) < 0.9 for o in boxes[:n])
        ]
        number = int(self.rng.integers(0, 3)) if planted else 0
        for kind in self.rng.choice(planted_kinds("cropping"), size=number, replace=False):
            first = boxes[0][0]
            if kind == "same crop":
                moved = first + self.rng.uniform(-0.006, 0.006, 4) * (height + width) / 2
                moved[3] = min(moved[3], first[3] - 1)  # never the very same box
                boxes.append((np.clip(moved, 0, [height, width, height, width]), str(kind)))
            else:
                side = np.array([height, width]) * self.rng.uniform(0.12, 0.2)
                boxes.append((_corner(photo, side), str(kind)))
        digest = _digest(path)
        made = []
        for box, kind in boxes:
            top, left, bottom, right = (float(round(value)) for value in box)
            size = (int(bottom - top), int(right - left))
            image = SourceImage(path, digest, *size, crop=Crop(left, top, right, bottom))
            made.append(_Made(image, kind))
        return made

    def _burst(self) -> list[Image]:
        making = _MAKINGS[int(self.rng.integers(len(_MAKINGS)))]
        index = self.number
        while True:  # one that has two images that are not beyond use
            stream = series_stream(
                self.pool, self.pixels, seed=self.seed, indices=[index], making=making
            )
            (one,) = stream
            pairs = zip(one.images, one.severities, strict=True)
            good = [self._small(image) for image, severity in pairs if severity <= _WORST_GOOD]
            if len(good) >= 2:
                return good
            index += 100_000

    def _variants(self) -> list[Image]:
        """Return what a generator makes of one picture: forms, colours and texture differ."""
        frame = self._small(self._photo())
        seeds = self.rng.integers(2**31, size=int(self.rng.integers(3, 6)))
        return [_variant(frame, np.random.default_rng(int(seed))) for seed in seeds]

    def _box(self, height: int, width: int) -> NDArray[np.float64]:
        share = self.rng.uniform(0.68, 0.92, 2)
        sides = share * (height, width)
        corner = self.rng.uniform(0, 1, 2) * (np.array([height, width]) - sides)
        return np.concatenate([corner, corner + sides])

    def _photo(self) -> Image:
        photo = self.pool[int(self.rng.integers(len(self.pool)))]
        return self._small(reframed(self.pixels[photo.path.name], self.rng, kind=""))

    def other(self, like: Image, *, colour: bool) -> Image:
        """Return a frame of another photo; with `colour`, of the one nearest in colour of many."""
        mean = cv2.resize(like, (4, 4), interpolation=cv2.INTER_AREA).astype(float)
        found: list[tuple[float, Image]] = []
        for _ in range(12 if colour else 1):
            photo = self._photo()
            # The same photo again would be a twin or a crop of it, not another one.
            apart = np.abs(cv2.resize(photo, (4, 4), interpolation=cv2.INTER_AREA) - mean).mean()
            found.append((float(apart), photo))
        return min(found, key=lambda one: one[0])[1]

    def _small(self, image: Image) -> Image:
        most = self.long_side_px
        if most is None or max(image.shape) <= most:
            return image
        factor = most / max(image.shape)
        return np.asarray(
            cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )

    def _saved(self, place: int, image: Image, kind: str) -> SourceImage:
        path = self.folder / f"{place:02d}.jpg"
        PILImage.fromarray(image).save(path, quality=95, subsampling=0)
        if kind == "cut short":
            content = path.read_bytes()
            path.write_bytes(content[: int(len(content) * self.rng.uniform(0.3, 0.8))])
        return SourceImage(path, _digest(path), *image.shape[:2])


def _variant(frame: Image, rng: np.random.Generator) -> Image:
    height, width = frame.shape[:2]
    amplitude = rng.uniform(0.008, 0.025) * max(height, width)
    bend = cv2.resize(
        rng.normal(0, 1, (5, 5, 2)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_CUBIC,
    )
    y, x = np.mgrid[:height, :width].astype(np.float32)
    moved = amplitude * bend
    warped = cv2.remap(
        frame, x + moved[..., 0], y + moved[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    gains = np.float32(np.exp(rng.uniform(-0.15, 0.15, 3)))
    graded = from_linear(to_linear(np.asarray(warped, np.uint8)) * gains)
    for edit in rng.choice(["smear", "plastic", "garbled", "duplicated_texture"], 1):
        graded = EDITS[str(edit)](graded, float(rng.uniform(0.05, 0.4)), rng)
    return np.asarray(graded, np.uint8)


Plant = Callable[[Image, np.random.Generator, _Maker], Image]


def _resized(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    factor = float(rng.choice([rng.uniform(0.95, 0.985), rng.uniform(1.015, 1.05)]))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def _shifted(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    down, across = ((1, 0), (0, 1), (1, 1))[int(rng.integers(3))]
    return np.ascontiguousarray(image[down:, across:])


def _lens_cap(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    noise = rng.normal(rng.uniform(0, 6), rng.uniform(1, 5), image.shape)
    return np.clip(noise, 0, 255).astype(np.uint8)


def _wall(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    """Return a plain wall out of focus, lit from one side."""
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width] / max(height, width)
    slope = rng.uniform(-40, 40) * x + rng.uniform(-40, 40) * y
    rough = rng.normal(0, rng.uniform(2, 8), (height // 8 + 1, width // 8 + 1)).astype(np.float32)
    plaster = cv2.GaussianBlur(cv2.resize(rough, (width, height)), (0, 0), 0.006 * max(image.shape))
    wall = rng.uniform(60, 230, 3) + (slope + plaster)[..., None]
    return np.asarray(np.clip(wall + rng.normal(0, 1, image.shape), 0, 255), np.uint8)


def _grey_band(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    """Return what a lenient program shows of a JPEG that was cut short."""
    content = io.BytesIO()
    PILImage.fromarray(image).save(content, "JPEG", quality=int(rng.integers(75, 96)))
    data = content.getvalue()
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        part = io.BytesIO(data[: int(len(data) * rng.uniform(0.35, 0.85))])
        return np.asarray(PILImage.open(part).convert("RGB"))
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _glitch(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    """Return the image with blocks of constant colour, in rows of 8 px as JPEG has them."""
    broken = image.copy()
    height, width = image.shape[:2]
    side = 8 * int(rng.integers(2, 1 + max(3, max(height, width) // 120)))
    for _block in range(int(rng.integers(6, 30))):
        top = 8 * int(rng.integers(0, max(1, (height - side) // 8)))
        left = 8 * int(rng.integers(0, max(1, (width - side) // 8)))
        broken[top : top + side, left : left + side * int(rng.integers(1, 4))] = rng.integers(
            0, 256, 3
        )
    return broken


def _blurred(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    sigma = float(rng.uniform(0.02, 0.04)) * max(image.shape)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def _overexposed(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    """Return the image with so much light that .7 to .95 of what was not white is."""
    light = to_linear(image)
    least = light.min(2)
    shown = least[least < 0.9]
    at = float(np.quantile(shown, 1 - rng.uniform(0.7, 0.95))) if shown.size else 1.0
    return from_linear(light / max(at, 1e-4))


def _underexposed(image: Image, rng: np.random.Generator, _: _Maker) -> Image:
    light = to_linear(image)
    brightest = float(np.quantile(light, 0.99))
    return from_linear(light / brightest * 2.0 ** -rng.uniform(6.6, 8))


_BAD: Final[Mapping[str, Plant]] = {
    "re-encoded": lambda image, rng, _: as_jpeg(image, int(rng.integers(82, 96))),
    "resized": _resized,
    "shifted": _shifted,
    "tiny noise": lambda image, rng, _: np.clip(
        image + rng.normal(0, rng.uniform(0.4, 1.4), image.shape) + 0.5, 0, 255
    ).astype(np.uint8),
    "resized and re-encoded": lambda image, rng, maker: as_jpeg(
        _resized(image, rng, maker), int(rng.integers(86, 96))
    ),
    "another photo": lambda image, _, maker: maker.other(image, colour=False),
    "another photo, alike in colour": lambda image, _, maker: maker.other(image, colour=True),
    "black": lambda image, *_: np.zeros_like(image),
    "white": lambda image, *_: np.full_like(image, 255),
    "lens cap": _lens_cap,
    "wall": _wall,
    "grey band": _grey_band,
    "glitch": _glitch,
    "blur": _blurred,
    "overexposed": _overexposed,
    "underexposed": _underexposed,
    "cut short": lambda image, *_: image,
}


def _corner(photo: Image, side: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the box of that size in the corner that shows most: a plain one would be empty."""
    free = np.array(photo.shape[:2]) - side
    corners = [np.array([down, across]) * free for down in (0, 1) for across in (0, 1)]
    boxes = [np.concatenate([corner, corner + side]) for corner in corners]
    return max(boxes, key=lambda box: float(_cut(photo, box).std()))


def _cut(photo: Image, box: NDArray[np.float64]) -> Image:
    top, left, bottom, right = (round(float(value)) for value in box)
    return photo[top:bottom, left:right]


def _iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    areas = sum(float(np.prod(one[2:] - one[:2])) for one in (first, second))
    return common / (areas - common)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
