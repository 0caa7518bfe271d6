"""The few drawing operations that all pictures share: colours, text, rounded shapes, the map."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from fgaesq.errors import InputError
from fgaesq.report.effects import effect_rgba, effects_of, effects_top
from fgaesq.report.heat import box_of, heat_rgba, outline, scale_top
from fgaesq.report.text import printable
from fgaesq.types import DifferenceMap, EffectMap

__all__ = [
    "ImageProvider",
    "Palette",
    "Pen",
    "as_picture",
    "contained",
    "effect_picture",
    "heat_picture",
    "place",
    "rounded",
]

ImageProvider: TypeAlias = "Callable[[str], NDArray[np.uint8] | None]"
"""Gives the image of a path: sRGB, uint8, (H, W, 3), of any size; None where there is none."""

_SMOOTHING = 4


class Palette:
    """Colours of the dark, neutral ground that leaves the photos their own."""

    GROUND: Final = "#131518"
    PANEL: Final = "#1d2024"
    LINE: Final = "#343940"
    TEXT: Final = "#f0f1f3"
    MUTED: Final = "#9aa1aa"
    BEST: Final = "#5fd6a8"
    UNCLEAR: Final = "#f2bd5e"


class Pen:
    """Draws text on one picture, in Pillow's own vector font."""

    def __init__(self, picture: Image.Image) -> None:
        self._draw = ImageDraw.Draw(picture)

    def text(
        self,
        position: tuple[float, float],
        text: str,
        *,
        size_px: float,
        fill: str = Palette.TEXT,
        anchor: str = "ls",
    ) -> None:
        """Write `text` with `anchor` (Pillow's two letters; `ls` is left on the baseline)."""
        self._draw.text(position, text, font=_font(round(size_px)), fill=fill, anchor=anchor)

    def width(self, text: str, *, size_px: float) -> float:
        """Return how many pixels wide `text` will be."""
        return self._draw.textlength(text, font=_font(round(size_px)))

    def fitted(self, text: str, width_px: float, *, size_px: float) -> str:
        """Return `text` cut in the middle so that it is at most `width_px` wide."""
        if self.width(text, size_px=size_px) <= width_px:
            return text
        for kept in range(len(text) - 1, 1, -1):
            tail = (kept * 3 + 4) // 5
            shorter = text[: kept - tail] + "…" + text[len(text) - tail :]
            if self.width(shorter, size_px=size_px) <= width_px:
                return shorter
        return "…"


@functools.lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size_px)


def as_picture(path: str, image: NDArray[np.uint8] | None) -> Image.Image:
    """Return the array that a provider gave for `path` as a picture.

    Raises:
        InputError: the provider has no image, or none of shape (H, W, 3) and type uint8.
    """
    if image is None:
        raise InputError(f"{printable(path)}: there is no image to draw; give one for each path")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise InputError(
            f"{printable(path)}: an image to draw is uint8 of shape (H, W, 3), "
            f"not {image.dtype} of shape {image.shape}"
        )
    return Image.fromarray(image)


def contained(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return `picture` scaled, up or down, to the largest that fits (width, height)."""
    scale = min(size[0] / picture.width, size[1] / picture.height)
    new_size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(new_size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def rounded(size: tuple[int, int], radius_px: float) -> Image.Image:
    """Return a smooth mask (mode L) of a rectangle with round corners, of (width, height)."""
    large = Image.new("L", (size[0] * _SMOOTHING, size[1] * _SMOOTHING), 0)
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius_px * _SMOOTHING, fill=255)
    return large.resize(size, Image.Resampling.BOX)


def place(
    canvas: Image.Image, picture: Image.Image, box: tuple[int, int, int, int], *, best: bool
) -> tuple[int, int]:
    """Put `picture` with round corners in the middle of `box`, the best one in a bright frame.

    Returns:
        The (left, top) where the picture lies.
    """
    left = box[0] + (box[2] - box[0] - picture.width) // 2
    top = box[1] + (box[3] - box[1] - picture.height) // 2
    radius = max(4, canvas.width // 160)
    if best:
        line = max(3, canvas.width // 400)
        size = (picture.width + 2 * line, picture.height + 2 * line)
        canvas.paste(Palette.BEST, (left - line, top - line), rounded(size, radius + line))
    canvas.paste(picture, (left, top), rounded(picture.size, radius))
    return left, top


def heat_picture(picture: Image.Image, difference: DifferenceMap, path: str) -> Image.Image:
    """Return `picture` grey and dimmed, the map's cells over it in colours, fine cells outlined.

    An image that could not be aligned has no cells: it is grey and dimmed only.

    Raises:
        InputError: the map does not know `path`.
        ShapeError: a fine cell lies outside the map.
    """
    box = box_of(difference, path)
    ground = _dimmed(picture)
    if box is None:
        return ground
    place_px = _box_px(box, picture)
    _lay_over(ground, heat_rgba(difference.values / scale_top(difference)), place_px)
    _draw_outline(ground, difference, place_px)
    return ground


def effect_picture(picture: Image.Image, effects: EffectMap, path: str) -> Image.Image:
    """Return `picture` grey and dimmed, the cells of its effect map over it in colours.

    An image that could not be aligned has no cells: it is grey and dimmed only.

    Raises:
        InputError: the map does not know `path`.
    """
    ground = _dimmed(picture)
    found = effects_of(effects, path)
    if found is not None:
        values, box = found
        _lay_over(ground, effect_rgba(values / effects_top(effects)), _box_px(box, picture))
    return ground


def _dimmed(picture: Image.Image) -> Image.Image:
    grey = ImageOps.grayscale(picture).point([round(v * 0.62) for v in range(256)])
    return grey.convert("RGB")


def _box_px(
    box: tuple[float, float, float, float], picture: Image.Image
) -> tuple[int, int, int, int]:
    """Return (left, top, width, height) in pixels of a box in fractions of the picture."""
    top, left, bottom, right = box
    y, x = round(top * picture.height), round(left * picture.width)
    width = max(1, round(right * picture.width) - x)
    return x, y, width, max(1, round(bottom * picture.height) - y)


def _lay_over(
    ground: Image.Image, colours: NDArray[np.uint8], place_px: tuple[int, int, int, int]
) -> None:
    """Lay RGBA cells, (rows, columns, 4), over the picture at (left, top, width, height)."""
    cells = Image.fromarray(colours).resize(place_px[2:], Image.Resampling.NEAREST)
    ground.paste(cells.convert("RGB"), place_px[:2], cells.getchannel("A"))


def _draw_outline(
    picture: Image.Image, difference: DifferenceMap, place_px: tuple[int, int, int, int]
) -> None:
    rows, columns = difference.values.shape
    left, top, width, height = place_px
    cell_width, cell_height = width / columns, height / rows
    lines = [
        (
            left + round(s.left * cell_width),
            top + round(s.top * cell_height),
            left + round(s.right * cell_width),
            top + round(s.bottom * cell_height),
        )
        for s in outline(difference.fine_cells, (rows, columns))
    ]
    draw = ImageDraw.Draw(picture)
    thin = max(1, round(picture.width / 640))
    for fill, line_px in (("#000000", thin + 2), ("#ffffff", thin)):
        for line in lines:
            draw.line(line, fill=fill, width=line_px)
