"""How well flaws are told that no training series teaches.

    python benchmarks/unseen.py PHOTOS --series 40 --out benchmarks/results/unseen.json

Series of four images of one photo: untouched, and with a flaw at three severities. None is made as
`datasets.edits` makes it: there are other means to the same end (a box filter for blur, WebP for
JPEG), and flaws that nothing alike is taught of, of the lens, of geometry, of retouching. With some
of these it is a matter of taste whether they are flaws when they are slight.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from fgaesq.cli.progress import Progress
from fgaesq.datasets.constructed import read_pool
from fgaesq.datasets.constructed.frames import as_saved, handheld, reframed
from fgaesq.engines import EngineOptions
from fgaesq.evaluation.provenance import provenance
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.types import Image

Pixels: TypeAlias = NDArray[Any]
Rng: TypeAlias = np.random.Generator
Flaw: TypeAlias = Callable[[Image, float, Rng], Pixels]

SEVERITIES: Final = (0.0, 0.15, 0.35, 0.7)


def main() -> None:
    """Rank the series of each flaw and print a table."""
    arguments = _arguments()
    paths = [str(one.path) for one in read_pool(arguments.photos, split=arguments.split)]
    result: dict[str, Any] = {"split": arguments.split, "series": arguments.series, "flaws": {}}
    with (
        ProcessPoolExecutor(arguments.processes) as pool,
        Progress("ranking", arguments.series * len(FLAWS)) as progress,
    ):
        for name in FLAWS:
            numbers = range(arguments.series)
            right: list[list[bool]] = []
            for one in pool.map(_right, [name] * len(numbers), [paths] * len(numbers), numbers):
                right.append(one)
                progress.advance()
            result["flaws"][name] = _summary(np.array(right))
    for name, row in sorted(result["flaws"].items(), key=lambda entry: entry[1]["accuracy"]):
        print(f"{name:20} " + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))
    if arguments.out:
        content = {"model": asdict(load("fgaesq-s").identity), **provenance(), "result": result}
        arguments.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def made(name: str, paths: Sequence[str], number: int) -> list[Image]:
    """Return the images of a series, best first; it follows from its number."""
    rng = np.random.default_rng([list(FLAWS).index(name), number])
    photo = np.asarray(PILImage.open(paths[int(rng.integers(len(paths)))]).convert("RGB"))
    frame = reframed(photo, rng, kind="")
    quality, seed = int(rng.integers(80, 98)), int(rng.integers(2**62))
    images = []
    for severity in SEVERITIES:
        image = handheld(frame, rng)
        if severity:
            values = FLAWS[name](image, severity, np.random.default_rng(seed))
            image = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        images.append(as_saved(np.ascontiguousarray(image), quality))
    return images


def _right(name: str, paths: Sequence[str], number: int) -> list[bool]:
    """Return of each pair, in the order of `combinations`, whether the better image is first."""
    cv2.setNumThreads(1)
    images = _ranker().rank(made(name, paths, number)).series[0].images
    scores = {image.path: image.score for image in images}
    order = [scores[f"image-{place}"] for place in range(1, len(SEVERITIES) + 1)]
    return [better > worse for better, worse in combinations(order, 2)]


@cache
def _ranker() -> Ranker:
    return load("fgaesq-s", options=EngineOptions(threads=1))


def _summary(right: NDArray[np.bool_]) -> dict[str, float]:
    """Return the shares of right pairs: all, untouched before slight, untouched before strong."""
    pairs = list(combinations(range(len(SEVERITIES)), 2))
    slight, strong = pairs.index((0, 1)), pairs.index((0, len(SEVERITIES) - 1))
    return {
        "accuracy": float(right.mean()),
        "slight": float(right[:, slight].mean()),
        "strong": float(right[:, strong].mean()),
    }


def _places(image: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return rows and columns from the middle, in half sides: -1 to 1."""
    height, width = image.shape[:2]
    down, across = (np.linspace(-1, 1, length, dtype=np.float32) for length in (height, width))
    rows, columns = np.broadcast_arrays(down[:, None], across)
    return rows, columns


def _from_middle(image: Image, down: Pixels, across: Pixels) -> Pixels:
    """Return the image with each pixel taken from the place that is given in half sides."""
    height, width = image.shape[:2]
    rows = ((down + 1) / 2 * (height - 1)).astype(np.float32)
    columns = ((across + 1) / 2 * (width - 1)).astype(np.float32)
    return np.asarray(
        cv2.remap(image, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )


def _scaled(image: Image, factor: float) -> Pixels:
    down, across = _places(image)
    return _from_middle(image, down / factor, across / factor)


def _turned(image: Image, degrees: float) -> Pixels:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))


def _mean(images: Sequence[Pixels]) -> Pixels:
    return np.asarray(np.mean([_float(image) for image in images], axis=0))


def _box_blur(image: Image, severity: float, _: Rng) -> Pixels:
    side = 3 + 2 * round(5 * severity)
    return np.asarray(cv2.blur(image, (side, side)))


def _median(image: Image, severity: float, _: Rng) -> Pixels:
    return np.asarray(cv2.medianBlur(image, 3 + 2 * round(5 * severity)))


def _zoom_blur(image: Image, severity: float, _: Rng) -> Pixels:
    return _mean([_scaled(image, 1 + 0.06 * severity * step / 12) for step in range(12)])


def _roll_blur(image: Image, severity: float, _: Rng) -> Pixels:
    return _mean([_turned(image, 4 * severity * (step / 11 - 0.5)) for step in range(12)])


def _half_blurred(image: Image, severity: float, rng: Rng) -> Pixels:
    side = 1 if rng.random() < 0.5 else -1
    share = np.clip(4 * side * _places(image)[1] + 0.5, 0, 1)[..., None]
    blurred = _float(cv2.GaussianBlur(image, (0, 0), 0.6 + 5 * severity))
    return np.asarray(image + share * (blurred - image))


def _mosaic(image: Image, severity: float, _: Rng) -> Pixels:
    height, width = image.shape[:2]
    small = (max(8, round(width / (1 + 8 * severity))), max(8, round(height / (1 + 8 * severity))))
    reduced = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_NEAREST))


def _webp(image: Image, severity: float, _: Rng) -> Pixels:
    quality = [cv2.IMWRITE_WEBP_QUALITY, round(85 - 80 * severity)]
    code = cv2.imencode(".webp", image[..., ::-1], quality)[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR))[..., ::-1]


def _speckle(image: Image, severity: float, rng: Rng) -> Pixels:
    return image * (1 + (0.02 + 0.25 * severity) * rng.standard_normal(image.shape, np.float32))


def _hot_pixels(image: Image, severity: float, rng: Rng) -> Pixels:
    drawn, spoilt = rng.random(image.shape[:2]), image.copy()
    spoilt[drawn < 0.02 * severity] = 255
    spoilt[drawn > 1 - 0.02 * severity] = 0
    return spoilt


def _denoised(image: Image, severity: float, _: Rng) -> Pixels:
    strength = 2 + 14 * severity
    return np.asarray(cv2.fastNlMeansDenoisingColored(image, None, strength, strength, 5, 11))


def _dust(image: Image, severity: float, rng: Rng) -> Pixels:
    height, width = image.shape[:2]
    spots = np.zeros((height, width), np.float32)
    for number in range(40):
        place = int(rng.integers(width)), int(rng.integers(height))
        radius = max(1, round(rng.uniform(0.003, 0.01) * max(height, width)))
        if number < 40 * severity:
            cv2.circle(spots, place, radius, 1, -1)
    return image * (1 - 0.6 * cv2.GaussianBlur(spots, (0, 0), 1.5)[..., None])


def _dark_corners(image: Image, severity: float, _: Rng) -> Pixels:
    down, across = _places(image)
    return image * (1 - 0.42 * severity * (down**2 + across**2))[..., None]


def _colour_fringes(image: Image, severity: float, _: Rng) -> Pixels:
    factor = 1 + 0.012 * severity
    red, blue = _scaled(image, factor)[..., 0], _scaled(image, 1 / factor)[..., 2]
    return np.stack([red, image[..., 1], blue], axis=-1)


def _sun(image: Image, severity: float, rng: Rng) -> Pixels:
    down, across = _places(image)
    far = np.hypot(down - rng.uniform(-1, -0.2), across - rng.uniform(-0.8, 0.8))
    glow = np.exp(-((far / 0.5) ** 2))[..., None] * np.array([1, 0.92, 0.78], np.float32)
    return np.asarray(image + (255 - _float(image)) * glow * 0.85 * severity)


def _wrong_white(gains: tuple[float, float, float]) -> Flaw:
    """Return the flaw of a white balance that is off; gains are for the whole severity."""

    def flaw(image: Image, severity: float, _: Rng) -> Pixels:
        return image * np.array(gains, np.float32) ** np.float32(severity)

    return flaw


def _less_contrast(image: Image, severity: float, _: Rng) -> Pixels:
    return 128 + (_float(image) - 128) * (1 - 0.7 * severity)


def _more_contrast(image: Image, severity: float, _: Rng) -> Pixels:
    return 128 + (_float(image) - 128) * (1 + 1.2 * severity)


def _muted(image: Image, severity: float, _: Rng) -> Pixels:
    grey = _grey(image)
    return np.asarray(grey + (image - grey) * (1 - severity))


def _sepia(image: Image, severity: float, _: Rng) -> Pixels:
    toned = _grey(image) * np.array([1.07, 0.95, 0.8], np.float32)
    return np.asarray(image + severity * (toned - image))


def _sunk_tones(image: Image, severity: float, _: Rng) -> Pixels:
    return np.asarray(255 * (_float(image) / 255) ** (1 + 1.5 * severity))


def _lifted_tones(image: Image, severity: float, _: Rng) -> Pixels:
    return np.asarray(255 * (_float(image) / 255) ** (1 / (1 + 1.2 * severity)))


def _other_hue(image: Image, severity: float, _: Rng) -> Pixels:
    colours = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    colours[..., 0] = (colours[..., 0].astype(np.int64) + round(3 + 57 * severity)) % 180
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_HSV2RGB))


def _local_contrast(image: Image, severity: float, _: Rng) -> Pixels:
    colours = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    colours[..., 0] = cv2.createCLAHE(6, (8, 8)).apply(colours[..., 0])
    strong = _float(cv2.cvtColor(colours, cv2.COLOR_LAB2RGB))
    return np.asarray(image + severity * (strong - image))


def _barrel(image: Image, severity: float, _: Rng) -> Pixels:
    down, across = _places(image)
    reach = 1 - 0.18 * severity * (2 - down**2 - across**2)
    return _from_middle(image, down * reach, across * reach)


def _leaning(image: Image, severity: float, rng: Rng) -> Pixels:
    down, across = _places(image)
    lean = 0.15 * severity * (1 if rng.random() < 0.5 else -1)
    inside = 1 / (1 + abs(lean))
    return _from_middle(image, inside * down, inside * (across + lean * down))


def _rolling_shutter(image: Image, severity: float, _: Rng) -> Pixels:
    down, across = _places(image)
    return _from_middle(image, down, across + (0.006 + 0.04 * severity) * np.sin(9 * down))


def _bars(image: Image, severity: float, _: Rng) -> Pixels:
    return image * (np.abs(_places(image)[0]) < 0.96 - 0.36 * severity)[..., None]


def _watermark(image: Image, severity: float, _: Rng) -> Pixels:
    height, width = image.shape[:2]
    marked, size = image.copy(), width / 260
    place = (int(0.15 * width), int(0.55 * height))
    cv2.putText(
        marked, "SAMPLE", place, cv2.FONT_HERSHEY_SIMPLEX, size, (255,) * 3, max(1, width // 120)
    )
    return image + (_float(marked) - image) * (0.1 + 0.9 * severity)


def _grey(image: Image) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)[..., None]


def _float(image: Pixels) -> NDArray[np.float32]:
    return np.asarray(image, np.float32)


FLAWS: Final[Mapping[str, Flaw]] = {
    "box blur": _box_blur,
    "median filter": _median,
    "zoom blur": _zoom_blur,
    "roll blur": _roll_blur,
    "half out of focus": _half_blurred,
    "mosaic": _mosaic,
    "WebP": _webp,
    "speckle": _speckle,
    "hot pixels": _hot_pixels,
    "non-local denoising": _denoised,
    "dust": _dust,
    "dark corners": _dark_corners,
    "colour fringes": _colour_fringes,
    "low sun": _sun,
    "cold white balance": _wrong_white((0.6, 0.9, 1.25)),
    "green white balance": _wrong_white((0.75, 1.0, 0.75)),
    "less contrast": _less_contrast,
    "more contrast": _more_contrast,
    "sunk tones": _sunk_tones,
    "lifted tones": _lifted_tones,
    "muted colours": _muted,
    "sepia": _sepia,
    "other hue": _other_hue,
    "local contrast": _local_contrast,
    "barrel distortion": _barrel,
    "leaning lines": _leaning,
    "rolling shutter": _rolling_shutter,
    "black bars": _bars,
    "watermark": _watermark,
}
"""By name: (image, severity, rng) -> values to be rounded and clipped to 0 to 255."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", type=Path, help="folder with a MANIFEST.csv")
    parser.add_argument("--split", default="test", help="train, val or test (default)")
    parser.add_argument("--series", type=int, default=40, help="of each flaw")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, help="write the result as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
