"""Results as one picture: a ranked series, a comparison, or where the images of a series differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from fgaesq.errors import InputError
from fgaesq.report.drawing import (
    ImageProvider,
    Palette,
    Pen,
    as_picture,
    contained,
    effect_picture,
    heat_picture,
    place,
    rounded,
)
from fgaesq.report.effects import effect_rgba, effects_top
from fgaesq.report.heat import heat_rgba, scale_top
from fgaesq.report.text import display_names, printable
from fgaesq.report.tiles import Tile, draw_heading, draw_tile, tile_layout
from fgaesq.report.words import (
    comparison_words,
    counted,
    margin_words,
    neighbour_pairs,
    reason_words,
)
from fgaesq.types import Comparison, DifferenceMap, EffectMap, RankedSeries, Score

__all__ = ["comparison_picture", "difference_overlay", "series_picture"]

_RAMP = np.linspace(0, 1, 256)
_SCALE_GROUND = "#55585c"  # about what a dimmed grey photo shows beneath the colours


def series_picture(
    series: RankedSeries, images: ImageProvider, *, title: str | None = None, width_px: int = 1600
) -> Image.Image:
    """Return the series as one picture: images in rank order with rank, score and P(best).

    Args:
        series: in rank order, with all its pairs.
        images: gives the image of each path.
        title: the heading; the series' id unless told, none where empty.
        width_px: the greatest width; a series of one or two images makes a narrower picture.

    Raises:
        InputError: an image or a pair of the series is missing, or the series is empty.
    """
    if not series.images:
        raise InputError(f"series '{printable(series.id)}' holds no images; there is none to draw")
    pictures = [as_picture(image.path, images(image.path)) for image in series.images]
    explained = any(image.reasons for image in series.images)
    layout = tile_layout(pictures, width_px, headed=title != "", explained=explained)
    canvas = Image.new("RGB", layout.canvas_size, Palette.GROUND)
    if title != "":
        note = f"{counted(len(pictures), 'image')}, best first"
        draw_heading(canvas, layout, printable(title or series.id), note)
    names = display_names([image.path for image in series.images])
    unclear = [pair.verdict == "too_close" for pair in neighbour_pairs(series)] + [False]
    tiles = map(Tile, series.images, names, margin_words(series), unclear)
    for position, (picture, tile) in enumerate(zip(pictures, tiles, strict=True)):
        draw_tile(canvas, layout, layout.corner(position), picture, tile)
    return canvas


def difference_overlay(
    image: NDArray[np.uint8], difference: DifferenceMap, path: str, *, width_px: int | None = None
) -> Image.Image:
    """Return the image, grey, with the difference map over it and a legend beneath.

    Args:
        image: uint8 RGB, (H, W, 3).
        difference: the map of the image's series.
        path: the image's path, by which the map knows its place.
        width_px: the picture's width; the image's own, within 480 to 1600, unless told.

    Raises:
        InputError: `image` is no RGB image, or the map does not know `path`.
        ShapeError: a fine cell lies outside the map.
    """
    picture = as_picture(path, image)
    width = width_px or min(max(picture.width, 480), 1600)
    height = max(1, round(picture.height * width / picture.width))
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS)
    legend_px = _legend_height(width)
    canvas = Image.new("RGB", (width, height + legend_px), Palette.GROUND)
    canvas.paste(heat_picture(scaled, difference, path), (0, 0))
    _draw_legend(canvas, (round(legend_px * 0.3), height), difference)
    return canvas


def comparison_picture(
    comparison: Comparison,
    first: NDArray[np.uint8],
    second: NDArray[np.uint8],
    *,
    width_px: int = 1600,
) -> Image.Image:
    """Return both images side by side, verdict and reasons above, maps with legends beneath.

    A row of maps shows where the two differ, another what moves the score, each if `comparison` has
    such a map.

    Args:
        comparison: the verdict on the two.
        first: the image of `comparison.first`, uint8 RGB, (H, W, 3).
        second: that of `comparison.second`.
        width_px: the picture's width.

    Raises:
        InputError: an image is no RGB image, or a map does not know it.
        ShapeError: a fine cell lies outside the map.
    """
    scores = (comparison.first, comparison.second)
    frame = _ComparisonFrame(width_px)
    pictures = [
        contained(as_picture(score.path, image), (frame.photo_px, round(frame.photo_px * 1.1)))
        for score, image in zip(scores, (first, second), strict=True)
    ]
    row_px = max(picture.height for picture in pictures)
    top = frame.heading_px + row_px + frame.caption_px
    rows = _map_rows(comparison)
    map_row_px = row_px + _legend_height(width_px)
    canvas = Image.new("RGB", (width_px, top + len(rows) * map_row_px), Palette.GROUND)
    names = display_names([score.path for score in scores])
    _draw_verdict(canvas, frame, comparison, names)
    for column, picture in enumerate(pictures):
        score, left = scores[column], frame.left(column)
        best = comparison.verdict == ("first", "second")[column]
        place(canvas, picture, frame.box(column, frame.heading_px, row_px), best=best)
        _draw_caption(canvas, frame, (left, frame.heading_px + row_px), (names[column], score))
        for row, (overlay, _) in enumerate(rows):
            box = frame.box(column, top + row * map_row_px, row_px)
            place(canvas, overlay(picture, score.path), box, best=False)
    for row, (_, legend) in enumerate(rows):
        legend(canvas, (frame.margin, top + row * map_row_px + row_px))
    return canvas


_Overlay: TypeAlias = Callable[[Image.Image, str], Image.Image]
_Legend: TypeAlias = Callable[[Image.Image, tuple[int, int]], None]


def _map_rows(comparison: Comparison) -> list[tuple[_Overlay, _Legend]]:
    """Return for each map that the comparison has how to draw it, and its legend."""
    rows: list[tuple[_Overlay, _Legend]] = []
    difference, effects = comparison.difference, comparison.effects
    if difference is not None:
        rows.append(
            (
                lambda picture, path: heat_picture(picture, difference, path),
                lambda canvas, corner: _draw_legend(canvas, corner, difference),
            )
        )
    if effects is not None:
        rows.append(
            (
                lambda picture, path: effect_picture(picture, effects, path),
                lambda canvas, corner: _draw_effect_legend(canvas, corner, effects),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class _ComparisonFrame:
    """Where the two columns of a comparison lie, in pixels."""

    width_px: int

    @property
    def margin(self) -> int:
        return self.width_px // 40

    @property
    def photo_px(self) -> int:
        return (self.width_px - 2 * self.margin - self.width_px // 80) // 2

    @property
    def heading_px(self) -> int:
        return self.width_px // 14

    @property
    def caption_px(self) -> int:
        return self.width_px // 22

    def left(self, column: int) -> int:
        return self.margin + column * (self.photo_px + self.width_px // 80)

    def box(self, column: int, top: int, height: int) -> tuple[int, int, int, int]:
        left = self.left(column)
        return (left, top, left + self.photo_px, top + height)


def _draw_verdict(
    canvas: Image.Image, frame: _ComparisonFrame, comparison: Comparison, names: list[str]
) -> None:
    pen, size = Pen(canvas), frame.heading_px * 0.32
    words = comparison_words(comparison, *names)
    fill = Palette.UNCLEAR if comparison.verdict == "too_close" else Palette.TEXT
    room = canvas.width - 2 * frame.margin
    baseline = frame.heading_px * (0.45 if comparison.reasons else 0.62)
    fitted = pen.fitted(words, room, size_px=size)
    pen.text((frame.margin, baseline), fitted, size_px=size, fill=fill)
    if comparison.reasons:
        size *= 0.62
        why = pen.fitted(f"why: {reason_words(comparison.reasons)}", room, size_px=size)
        below = (frame.margin, frame.heading_px * 0.78)
        pen.text(below, why, size_px=size, fill=Palette.MUTED)


def _draw_caption(
    canvas: Image.Image, frame: _ComparisonFrame, corner: tuple[int, int], named: tuple[str, Score]
) -> None:
    left, baseline = corner[0], corner[1] + frame.caption_px * 0.62
    pen, size = Pen(canvas), canvas.width / 62
    room = frame.photo_px - pen.width("0.00", size_px=size * 1.25) - size
    name = pen.fitted(named[0], room, size_px=size)
    pen.text((left, baseline), name, size_px=size, fill=Palette.MUTED)
    score = f"{named[1].score:.2f}"
    pen.text((left + frame.photo_px, baseline), score, size_px=size * 1.25, anchor="rs")


def _legend_height(width: int) -> int:
    return round(min(max(width / 18, 34), 64))


def _draw_legend(canvas: Image.Image, corner: tuple[int, int], difference: DifferenceMap) -> None:
    """Draw the colour scale, and the sign for cells kept at full resolution if there is room."""
    height = _legend_height(canvas.width)
    size, middle = height * 0.34, corner[1] + height / 2
    pen = Pen(canvas)
    x = _write(pen, (corner[0], middle), "same", size) + size * 0.6
    x = _draw_scale(canvas, (round(x), middle), size, heat_rgba(_RAMP)) + size * 0.6
    x = _write(pen, (x, middle), f"differs by {scale_top(difference):.2f}", size) + size * 1.6
    kept = "kept at full resolution"
    if not difference.fine_cells or x + size * 2 + pen.width(kept, size_px=size) > canvas.width:
        return
    square = (x, middle - size / 2, x + size, middle + size / 2)
    ImageDraw.Draw(canvas).rectangle(square, outline="#ffffff", width=max(1, round(size / 9)))
    _write(pen, (x + size * 1.6, middle), kept, size)


def _draw_effect_legend(canvas: Image.Image, corner: tuple[int, int], effects: EffectMap) -> None:
    height = _legend_height(canvas.width)
    size, middle = height * 0.34, corner[1] + height / 2
    pen = Pen(canvas)
    x = _write(pen, (corner[0], middle), "lowers the score", size) + size * 0.6
    colours = effect_rgba(2 * _RAMP - 1)
    x = _draw_scale(canvas, (round(x), middle), size, colours) + size * 0.6
    top = f"raises it, by {effects_top(effects):.3f} a cell, against the other"
    _write(pen, (x, middle), top, size)


def _write(pen: Pen, place_at: tuple[float, float], text: str, size: float) -> float:
    """Write quiet text, centred in height, and return where it ends."""
    pen.text(place_at, text, size_px=size, fill=Palette.MUTED, anchor="lm")
    return place_at[0] + pen.width(text, size_px=size)


def _draw_scale(
    canvas: Image.Image, place_at: tuple[int, float], size: float, colours: NDArray[np.uint8]
) -> int:
    """Draw a row of RGBA colours as a bar, from least to most, and return where it ends."""
    left, middle = place_at
    bar = (round(canvas.width * 0.16), max(4, round(size * 0.7)))
    ramp = Image.fromarray(colours[np.newaxis]).resize(bar, Image.Resampling.NEAREST)
    ground = Image.new("RGB", bar, _SCALE_GROUND)
    ground.paste(ramp.convert("RGB"), mask=ramp.getchannel("A"))
    canvas.paste(ground, (left, round(middle - bar[1] / 2)), rounded(bar, bar[1] / 3))
    return left + bar[0]
