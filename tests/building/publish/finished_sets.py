"""A collection with calibrated ranks: photos, generated images and crops, as files made by code."""

from __future__ import annotations

import hashlib
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageFilter
from PIL.PngImagePlugin import PngInfo
from tests.scenes import scene

from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.ranks import calibrated_series, replace_calibration
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import (
    CalibratedImage,
    CalibratedPair,
    CalibratedSeries,
    Category,
    NewSeries,
    SourceImage,
)
from fgaesq.datasets.records import Crop

__all__ = ["calibrated", "finished_collection", "source_image"]

_SIZE = (96, 128)
_PROMPT = 'a "wren", on a twig;\nSteps: 20, Größe: 10 | ✨'


def finished_collection(
    folder: Path, *, natural: int = 4, aigc: int = 3, crops: int = 2
) -> Collection:
    """Return a collection of calibrated series, each of its own scene, with odd file names."""
    collection = create_collection(folder / "wrens", name="wrens & twigs")
    photos = folder / "photos"
    photos.mkdir(parents=True, exist_ok=True)
    for number in range(natural):
        paths = [
            _photo(photos / f"IMG {number},'{k}' ü.jpg", seed=number, blur=k, turned=k == 1)
            for k in range(3)
        ]
        images = [source_image(path, source="cards", licence="CC-BY-4.0") for path in paths]
        calibrated(collection, "natural", images)
    for number in range(aigc):
        paths = [_generated(photos / f"{number}-{k}.png", 50 + number, k) for k in range(2)]
        images = [source_image(path, source=f"gen {k}", prompt=f"{number}: {_PROMPT}")
                  for k, path in enumerate(paths)]  # fmt: skip
        calibrated(collection, "aigc", images)
    for number in range(crops):
        path = _photo(photos / f"whole \udce9{number}.jpg", seed=80 + number, blur=0)
        boxes = [Crop(0, 0, 64, 64), Crop(10, 20, 110, 90), Crop(28, 0, 128, 96)]
        calibrated(collection, "cropping", [source_image(path, crop=box) for box in boxes])
    return collection


def source_image(path: Path, *, crop: Crop | None = None, **given: str) -> SourceImage:
    """Return a file as an image of a collection."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceImage(path, digest, *_SIZE, crop=crop, **given)  # type: ignore[arg-type]


def calibrated(collection: Collection, category: Category, images: list[SourceImage]) -> int:
    """Add a series whose first image is the best; return its id."""
    ids = add_images(collection, images)
    (series,) = add_series(collection, [NewSeries(category, tuple(ids), "made", "by code")])
    values = [0.7 - 0.9 * place for place in range(len(ids))]
    ranked = tuple(
        CalibratedImage(image, value, value - 0.2, value + 0.2, rank)
        for rank, (image, value) in enumerate(zip(ids, values, strict=True), start=1)
    )
    pairs = tuple(
        CalibratedPair(first, second, 0.6 + 0.1 / (first + second), 0.5, 0.9, votes=10)
        for first, second in combinations(sorted(ids), 2)
    )
    before = calibrated_series(collection)
    replace_calibration(collection, [*before, CalibratedSeries(series, ranked, pairs)])
    return series


def _photo(path: Path, *, seed: int, blur: int, turned: bool = False) -> Path:
    image = PILImage.fromarray(scene(*_SIZE, seed=seed)).filter(ImageFilter.GaussianBlur(blur))
    exif = PILImage.Exif()
    exif[0x010F] = "Camera of Jane Doe"
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0)}
    if turned:
        exif[0x0112] = 6
        image = image.transpose(PILImage.Transpose.ROTATE_90)
    image.save(path, "JPEG", quality=90, exif=exif.tobytes(), comment=b"at home")
    return path


def _generated(path: Path, seed: int, blur: int) -> Path:
    noise = np.random.default_rng(seed).normal(0, 4, (*_SIZE, 3))
    pixels = np.clip(scene(*_SIZE, seed=seed) + noise, 0, 255).astype(np.uint8)
    text = PngInfo()
    text.add_text("parameters", "made by Jane Doe")
    image = PILImage.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur))
    image.save(path, "PNG", pnginfo=text)
    return path
