"""Make the example series in `bursts/` from their source photos (needs the train extra).

Run `python examples/make_bursts.py osprey perched-osprey.jpg`, for example.

Each series starts from one photo: it is reduced to 1,200 px, framed a few pixels off as an unsteady
hand does, made worse by one edit of `fgaesq.datasets.edits` at a severity that happens in practice,
and saved as JPEG. One frame of a burst stays untouched, and neither the names nor their order tell
which. Sources and licences: THIRD_PARTY.md.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from fgaesq.datasets.edits import EDITS
from fgaesq.images import read_photo
from fgaesq.types import Image

_LONG_SIDE_PX = 1200
_REACH_PX = 12  # how far the hand moves to each side
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Frame:
    """One image of a series.

    Attributes:
        name: of the file.
        edits: (kind, severity), applied in this order; a tilt comes before the reduction.
        box: (top, left, bottom, right) in fractions of the photo, for crops.
    """

    name: str
    edits: tuple[tuple[str, float], ...] = ()
    box: tuple[float, float, float, float] | None = None


SERIES = {
    "osprey": (
        Frame("IMG_2041.jpg", (("motion", 0.42),)),
        Frame("IMG_2042.jpg", (("defocus", 0.22),)),
        Frame("IMG_2043.jpg", (("underexposure", 0.24), ("noise", 0.2))),
        Frame("IMG_2044.jpg"),
        Frame("IMG_2045.jpg", (("defocus", 0.55),)),
    ),
    "canyon-wren": (
        Frame("IMG_3310.jpg", (("defocus", 0.3),)),
        Frame("IMG_3311.jpg"),
        Frame("IMG_3312.jpg", (("motion", 0.35),)),
        Frame("IMG_3313.jpg", (("overexposure", 0.2),)),
    ),
    "sherburne-lake": (
        Frame("DSC_0417.jpg", (("tilt", 0.2),)),
        Frame("DSC_0418.jpg", (("tilt", 0.0), ("overexposure", 0.22))),
        Frame("DSC_0419.jpg", (("tilt", 0.0),)),
        Frame("DSC_0420.jpg", (("tilt", 0.0), ("haze", 0.06))),
    ),
    "otter-crops": (
        Frame("otter-1.jpg", box=(0.0, 0.0, 1.0, 1.0)),
        Frame("otter-2.jpg", box=(0.22, 0.40, 0.76, 0.94)),
        Frame("otter-3.jpg", box=(0.2, 0.04, 0.98, 1.0)),
    ),
}


def main() -> None:
    """Write the frames of one series."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("series", choices=sorted(SERIES))
    arguments.add_argument("photo", type=Path, help="the source photo")
    given = arguments.parse_args()
    photo = read_photo(given.photo).pixels
    folder = Path(__file__).parent / "bursts" / given.series
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(SERIES[given.series]):
        image = make_frame(photo, frame, rng=np.random.default_rng(number))
        target = folder / frame.name
        PILImage.fromarray(image).save(target, quality=_QUALITY, optimize=True, progressive=True)
        print(f"{target}: {image.shape[1]}x{image.shape[0]}, {target.stat().st_size // 1000} kB")


def make_frame(photo: Image, frame: Frame, *, rng: np.random.Generator) -> Image:
    """Return one image of a series, uint8 (H, W, 3), long side at most 1,200 px."""
    if frame.box is not None:
        height, width = photo.shape[:2]
        top, left, bottom, right = np.asarray(frame.box) * (height, width, height, width)
        return _reduced(photo[round(top) : round(bottom), round(left) : round(right)], 0)
    image = photo
    for kind, severity in frame.edits:
        if kind == "tilt":
            image = EDITS[kind](image, severity, rng)
    image = _handheld(_reduced(image, _REACH_PX), rng)
    for kind, severity in frame.edits:
        if kind != "tilt":
            image = EDITS[kind](image, severity, rng)
    return image


def _reduced(image: Image, margin_px: int) -> Image:
    """Return the image with a long side of 1,200 px and a margin on every side."""
    height, width = image.shape[:2]
    factor = min(1.0, (_LONG_SIDE_PX + 2 * margin_px) / max(height, width))
    size = (round(width * factor), round(height * factor))
    return np.asarray(PILImage.fromarray(image).resize(size, PILImage.Resampling.LANCZOS))


def _handheld(image: Image, rng: np.random.Generator) -> Image:
    """Return the frame without its margin, moved by up to the margin by whole pixels."""
    top, left = (int(value) for value in rng.integers(2 * _REACH_PX + 1, size=2))
    height, width = (side - 2 * _REACH_PX for side in image.shape[:2])
    return np.ascontiguousarray(image[top : top + height, left : left + width])


if __name__ == "__main__":
    main()
