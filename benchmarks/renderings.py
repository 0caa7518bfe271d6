"""How well renderings of one picture are told from bursts, by way in which a series was made.

    python benchmarks/renderings.py PHOTOS --series 150 --out benchmarks/results/renderings.json

Frames of bursts are turned against each other by tenths of a degree, shifted by parts of a pixel
and saved as JPEG of quality 70 to 97. All but the plain ones are noisy: as strongly everywhere, or
more so in the light; and then maybe smoothed between the edges as phones do it, or blurred.
Renderings are enlarged from one small image by makers that each sharpen and smooth otherwise and
make up their own texture; they have quality 85 to 97. Photos are those of at least 1,000 px.

What is measured is what the texture says. In a ranking, frames must also lie on each other to
within two pixels, as those of a camera that stands still.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.cli.progress import Progress
from fgaesq.datasets.constructed import construct_series, read_pool
from fgaesq.datasets.constructed.frames import as_saved, turned, with_sensor_noise
from fgaesq.datasets.constructed.rendering import sharpened, textured
from fgaesq.datasets.edits import EDITS
from fgaesq.evaluation.provenance import provenance
from fgaesq.series import align_series, rendered_apart, shared_boxes
from fgaesq.series.luma import Plane
from fgaesq.types import Image

LEAST_SIDE_PX = 1000  # smaller photos have too little fine texture of their own
BURSTS = ("plain", "steady noise", "shot noise", "phone", "noise and blur")
MAKINGS = (*BURSTS, "constructed", "renderings")


def main() -> None:
    """Make series of every sort, and print in how many each image has texture of its own."""
    arguments = _arguments()
    photos = [
        str(photo.path)
        for photo in read_pool(arguments.photos, split=arguments.split)
        if max(PILImage.open(photo.path).size) >= LEAST_SIDE_PX
    ]
    result: dict[str, Any] = {"split": arguments.split, "photos": len(photos), "makings": {}}
    with ProcessPoolExecutor(arguments.processes) as pool:
        for making in MAKINGS:
            taken: list[bool] = []
            numbers = range(arguments.series)
            with Progress(making, arguments.series) as progress:
                for one in pool.map(
                    _taken, [making] * len(numbers), [photos] * len(numbers), numbers, chunksize=2
                ):
                    taken.append(one)
                    progress.advance()
            result["makings"][making] = {"series": len(taken), "taken": sum(taken)}
            print(f"{making:15} {sum(taken):4} of {len(taken)} have texture of their own")
    if arguments.out:
        content = {**provenance(), "result": result}
        arguments.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def made(making: str, photos: Sequence[str], number: int) -> list[Image]:
    """Return the images of a series of one of `MAKINGS`; it follows from its number."""
    rng = np.random.default_rng([MAKINGS.index(making), number])
    photo = _read(photos[int(rng.integers(len(photos)))])
    if making == "constructed":
        kind = tuple(EDITS)[number % len(EDITS)]
        return list(construct_series(photo, kind=kind, rng=rng).images)
    frame = _reduced(photo, int(rng.choice([1020, 1280, 1600, 2040])))
    return renderings(frame, rng) if making == "renderings" else burst(frame, making, rng)


def burst(frame: Image, sort: str, rng: np.random.Generator) -> list[Image]:
    """Return two to four frames of a burst of a sort of `BURSTS`."""
    grain = float(np.exp(rng.uniform(np.log(1.5), np.log(16))))  # in grey levels
    soft = bool(rng.random() < 0.5)
    strength, quality = float(rng.random()), int(rng.integers(70, 98))
    images = []
    for index in range(int(rng.integers(2, 5))):
        image = turned(frame, rng, level=False)
        if sort in {"plain", "phone", "noise and blur"}:
            image = _blurred(image, index, rng)
        if sort == "steady noise":
            image = with_sensor_noise(image, grain, soft, rng)
        elif sort != "plain":
            image = _with_shot_noise(image, grain, soft, rng)
        if sort == "phone":
            image = _as_phones_do(image, strength, rng)
        images.append(as_saved(image, quality))
    return images


def renderings(frame: Image, rng: np.random.Generator) -> list[Image]:
    """Return two to four renderings of a small version of the frame."""
    height, width = frame.shape[:2]
    factor, quality = float(rng.uniform(2.5, 4.5)), int(rng.integers(85, 98))
    size = (round(width / factor), round(height / factor))
    small = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    number = int(rng.integers(2, 5))
    return [as_saved(_rendered(small, frame, rng), quality) for _ in range(number)]


def _taken(making: str, photos: Sequence[str], number: int) -> bool:
    """Return whether a series is taken for renderings by its texture."""
    cv2.setNumThreads(1)
    images = made(making, photos, number)
    boxes = shared_boxes(images, align_series(images))
    parts = [image[box] for image, box in zip(images, boxes, strict=True) if box is not None]
    return len(parts) == len(images) and rendered_apart(parts)


def _rendered(small: Image, whole: Image, rng: np.random.Generator) -> Image:
    """Return the small image enlarged, with texture that is its own."""
    size = whole.shape[1], whole.shape[0]
    ways = (cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)
    large = np.asarray(cv2.resize(small, size, interpolation=ways[int(rng.integers(2))]), np.uint8)
    large = sharpened(large, float(rng.uniform(0.5, 2)), float(rng.uniform(0.8, 1.8)))
    if rng.random() < 0.5:
        large = np.asarray(cv2.bilateralFilter(large, 5, float(rng.uniform(10, 50)), 1.5), np.uint8)
    if rng.random() < 0.75:
        return textured(large, whole, float(rng.uniform(0.3, 1)), rng)
    return _grained(large, rng)


def _grained(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with fine grain that is the stronger the more structure there is."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    strength = np.sqrt(_soft(np.square(grey - _soft(grey, 3)), 6))
    grain = rng.standard_normal(grey.shape, np.float32)
    fine = _soft(grain, float(rng.uniform(0.6, 1.2))) - _soft(grain, 2.5)
    made_up = float(rng.uniform(0.3, 0.8)) * strength * fine / fine.std()
    return _bytes(image + made_up[..., None])


def _soft(plane: Any, sigma: float) -> Plane:  # noqa: ANN401 - types of OpenCV and NumPy
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def _blurred(image: Image, index: int, rng: np.random.Generator) -> Image:
    """Return a frame out of focus or blurred by motion; most first frames are neither."""
    sigma = float(rng.uniform(0, 1.6))
    if index and sigma > 0.3:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
    return EDITS["motion"](image, float(rng.uniform(0, 0.6)), rng) if rng.random() < 0.3 else image


def _with_shot_noise(image: Image, grain: float, soft: bool, rng: np.random.Generator) -> Image:
    """Return the image with noise that is stronger in the light."""
    middle = np.full(image.shape, 128, np.uint8)
    noise = with_sensor_noise(middle, grain, soft, rng).astype(np.float32) - 128
    return _bytes(image + noise * (0.6 + 0.8 * np.sqrt(image / np.float32(255))))


def _as_phones_do(image: Image, strength: float, rng: np.random.Generator) -> Image:
    """Return the image after removal of its noise in one of three ways, sharpened."""
    much, ranged = 2 + 8 * strength, 0.05 + 0.2 * strength
    ways = (
        lambda: cv2.bilateralFilter(image, 5, 10 + 40 * strength, 1.5),
        lambda: cv2.fastNlMeansDenoisingColored(image, None, much, much, 5, 11),
        lambda: cv2.edgePreservingFilter(image, flags=1, sigma_s=6, sigma_r=ranged),
    )
    plain = np.asarray(ways[int(rng.integers(len(ways)))](), np.uint8)
    return sharpened(plain, float(rng.uniform(0, 1.5)), 1.0)


def _bytes(values: NDArray[Any]) -> Image:
    image: Image = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return image


def _read(path: str) -> Image:
    return np.asarray(PILImage.open(path).convert("RGB"))


def _reduced(photo: Image, long_side_px: int) -> Image:
    factor = long_side_px / max(photo.shape)
    if factor >= 1:
        return photo
    size = (round(photo.shape[1] * factor), round(photo.shape[0] * factor))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, help="folder with a MANIFEST.csv")
    parser.add_argument("--split", default="test", help="train, val or test (default)")
    parser.add_argument("--series", type=int, default=150, help="of each sort")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
