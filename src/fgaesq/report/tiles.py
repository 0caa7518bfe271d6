"""The parts of a series picture: the layout of its tiles, and one tile."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

from fgaesq.report.drawing import Palette, Pen, contained, place, rounded
from fgaesq.report.words import percent, reason_words
from fgaesq.types import RankedImage

__all__ = ["Layout", "Tile", "draw_heading", "draw_tile", "tile_layout"]

_MOST_COLUMNS = 5
_LARGEST_TILE_PX = 640
_FLATTEST, _TALLEST = 0.5, 1.8  # height / width
_BADGE_INK = "#0d1f18"
_BADGE_GROUND = "#101215"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the tiles of a series picture lie, in pixels; `unit` scales letters and gaps."""

    columns: int
    rows: int
    tile_px: int
    photo_px: int
    caption_px: int
    heading_px: int
    margin: int
    gap: int
    unit: float

    @property
    def canvas_size(self) -> tuple[int, int]:
        """Return the whole picture's (width, height)."""
        tile_height = self.photo_px + self.caption_px
        return (
            2 * self.margin + self.columns * self.tile_px + (self.columns - 1) * self.gap,
            self.heading_px + self.rows * tile_height + (self.rows - 1) * self.gap + self.margin,
        )

    def corner(self, position: int) -> tuple[int, int]:
        """Return (left, top) of the tile."""
        row, column = divmod(position, self.columns)
        return (
            self.margin + column * (self.tile_px + self.gap),
            self.heading_px + row * (self.photo_px + self.caption_px + self.gap),
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """What is written on one tile: the image's numbers, its name, the margin to the next."""

    image: RankedImage
    name: str
    margin: str
    unclear: bool

    @property
    def why(self) -> str:
        """Return the first reason with its strength, if there is any."""
        return reason_words(self.image.reasons[:1])


def tile_layout(
    pictures: list[Image.Image], width_px: int, *, headed: bool, explained: bool = False
) -> Layout:
    """Return the layout of at least one picture: rows of equal tiles, five at most in a row.

    Tiles of an explained series have a line more, for the first reason. The photo area of all tiles
    has the middle one of the pictures' shapes, within limits.
    """
    rows = math.ceil(len(pictures) / _MOST_COLUMNS)
    columns = math.ceil(len(pictures) / rows)
    margin, gap = width_px // 40, width_px // 64
    tile_px = min((width_px - 2 * margin - (columns - 1) * gap) // columns, _LARGEST_TILE_PX)
    ratios = sorted(picture.height / picture.width for picture in pictures)
    ratio = min(max(ratios[len(ratios) // 2], _FLATTEST), _TALLEST)
    unit = min(max(tile_px / 290, 0.7), 1.5)
    return Layout(
        columns=columns,
        rows=rows,
        tile_px=tile_px,
        photo_px=round(tile_px * ratio),
        caption_px=round((152 if explained else 128) * unit),
        heading_px=round(92 * width_px / 1600) if headed else margin,
        margin=margin,
        gap=gap,
        unit=unit,
    )


def draw_heading(canvas: Image.Image, layout: Layout, title: str, note: str) -> None:
    """Write the title and, where there is room, a note at the right end."""
    pen = Pen(canvas)
    size = layout.heading_px * 0.34
    baseline = layout.heading_px * 0.62
    left, right = layout.margin, canvas.width - layout.margin
    note_px = pen.width(note, size_px=size * 0.62)
    fits = right - left > 2 * note_px
    room = right - left - (note_px + layout.gap if fits else 0)
    pen.text((left, baseline), pen.fitted(title, room, size_px=size), size_px=size)
    if fits:
        pen.text((right, baseline), note, size_px=size * 0.62, fill=Palette.MUTED, anchor="rs")


def draw_tile(
    canvas: Image.Image, layout: Layout, corner: tuple[int, int], picture: Image.Image, tile: Tile
) -> None:
    """Draw a photo with its rank, and beneath it score, P(best), name and margin."""
    left, top = corner
    box = (left, top, left + layout.tile_px, top + layout.photo_px)
    photo = contained(picture, (layout.tile_px, layout.photo_px))
    photo_corner = place(canvas, photo, box, best=tile.image.rank == 1)
    _draw_badge(canvas, photo_corner, tile.image.rank, layout.unit)
    _draw_numbers(canvas, (left, box[3]), layout, tile.image)
    pen, size = Pen(canvas), 17 * layout.unit
    name = pen.fitted(tile.name, layout.tile_px, size_px=size)
    pen.text((left, box[3] + 92 * layout.unit), name, size_px=size, fill=Palette.MUTED)
    if tile.why:
        why = pen.fitted(tile.why, layout.tile_px, size_px=size)
        pen.text((left, box[3] + 140 * layout.unit), why, size_px=size)
    size = 15 * layout.unit
    margin = pen.fitted(tile.margin, layout.tile_px, size_px=size)
    fill = Palette.UNCLEAR if tile.unclear else Palette.MUTED
    pen.text((left, box[3] + 115 * layout.unit), margin, size_px=size, fill=fill)


def _draw_numbers(
    canvas: Image.Image, corner: tuple[int, int], layout: Layout, image: RankedImage
) -> None:
    """Write score and P(best) on one line, with a bar of P(best) beneath."""
    (left, top), unit = corner, layout.unit
    right, baseline = left + layout.tile_px, top + 48 * unit
    tone = Palette.BEST if image.rank == 1 else Palette.TEXT
    pen = Pen(canvas)
    pen.text((left, baseline), f"{image.score:.2f}", size_px=36 * unit)
    chance = percent(image.p_best)
    pen.text((right, baseline), chance, size_px=24 * unit, fill=tone, anchor="rs")
    label_right = right - pen.width(chance, size_px=24 * unit) - 8 * unit
    pen.text(
        (label_right, baseline), "best pick", size_px=15 * unit, fill=Palette.MUTED, anchor="rs"
    )
    bar = (left, round(top + 61 * unit), layout.tile_px, max(2, round(6 * unit)))
    _draw_bar(canvas, bar, image.p_best, tone if image.rank == 1 else Palette.MUTED)


def _draw_badge(canvas: Image.Image, corner: tuple[int, int], rank: int, unit: float) -> None:
    side = round(38 * unit)
    left, top = (round(v + 10 * unit) for v in corner)
    fill, ink = (Palette.BEST, _BADGE_INK) if rank == 1 else (_BADGE_GROUND, Palette.TEXT)
    mask = rounded((side, side), side / 2)
    if rank != 1:
        mask = mask.point([round(v * 0.78) for v in range(256)])
    canvas.paste(fill, (left, top), mask)
    middle = (left + side / 2, top + side / 2)
    Pen(canvas).text(middle, str(rank), size_px=20 * unit, fill=ink, anchor="mm")


def _draw_bar(
    canvas: Image.Image, bar: tuple[int, int, int, int], filled: float, fill: str
) -> None:
    """Draw a bar at (left, top, width, height), filled to the share `filled`."""
    left, top, width, height = bar
    canvas.paste(Palette.LINE, (left, top), rounded((width, height), height / 2))
    length = round(width * filled)
    if length:
        canvas.paste(fill, (left, top), rounded((max(length, height), height), height / 2))
