"""Maps as SVG: differences, drawn once per series for all its images, and effects per image."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fgaesq.report.effects import effect_rgba, effects_of, effects_top
from fgaesq.report.heat import HEAT_LEVELS, box_of, heat_rgba, outline, runs, scale_top
from fgaesq.types import DifferenceMap, EffectMap

__all__ = ["effect_layer", "effect_legend", "map_definition", "map_legend", "map_use"]


_EFFECT_STEPS = 8


def map_definition(difference: DifferenceMap, identifier: str) -> str:
    """Return a hidden SVG that defines the map, one unit per cell, as the group `identifier`.

    Differences are rounded up to one of 16 colours; cells without difference are left out.

    Raises:
        ShapeError: a fine cell lies outside the map.
    """
    rows, columns = difference.values.shape
    levels = np.ceil(difference.values / scale_top(difference) * HEAT_LEVELS).astype(int)
    shapes = {level: _cells_path(levels == level) for level in range(1, HEAT_LEVELS + 1)}
    paths = [f'<path {_fill(level)} d="{shape}"/>' for level, shape in shapes.items() if shape]
    lines = "".join(
        f"M{s.left} {s.top}L{s.right} {s.bottom}"
        for s in outline(difference.fine_cells, (rows, columns))
    )
    if lines:
        paths += [f'<path class="map-{kind}" d="{lines}"/>' for kind in ("casing", "line")]
    return (
        '<svg class="definitions" width="0" height="0" aria-hidden="true"><defs>'
        f'<g id="{escape(identifier)}">{"".join(paths)}</g></defs></svg>'
    )


def map_legend(difference: DifferenceMap) -> str:
    """Return what the colours and the outline of the map mean, as one HTML paragraph."""
    colours = "".join(
        f'<rect {_fill(level)} x="{level - 1}" width="1.02" height="1"/>'
        for level in range(1, HEAT_LEVELS + 1)
    )
    kept = '<span class="kept">kept at full resolution</span>' if difference.fine_cells else ""
    return (
        f'<p class="legend of-difference">same <svg class="colours" viewBox="0 0 {HEAT_LEVELS} 1" '
        f'preserveAspectRatio="none" aria-hidden="true">{colours}</svg> '
        f"differs by {scale_top(difference):.2f} {kept}</p>"
    )


def map_use(difference: DifferenceMap, identifier: str, path: str, size: tuple[int, int]) -> str:
    """Return the SVG that lays the map `identifier` over the image at `path`.

    Empty for an image that could not be aligned: the map has no place in it.

    Args:
        difference: the map that `map_definition` defined.
        identifier: the name it was defined by.
        path: the image, by which the map knows its place.
        size: (width, height) of the shown image in pixels; only their ratio matters.

    Raises:
        InputError: the map does not know `path`.
    """
    box = box_of(difference, path)
    if box is None:
        return ""
    top, left, bottom, right = box
    rows, columns = difference.values.shape
    width, height = size
    transform = (
        f"translate({left * width:.2f} {top * height:.2f}) "
        f"scale({(right - left) * width / columns:.5f} {(bottom - top) * height / rows:.5f})"
    )
    return (
        f'<svg class="map difference" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<use href="#{escape(identifier)}" transform="{transform}"/></svg>'
    )


def effect_layer(effects: EffectMap, path: str, size: tuple[int, int]) -> str:
    """Return the SVG that lays an image's effect map over it, one pixel of a PNG per cell.

    Empty for an image that could not be aligned or has nothing to be compared with.

    Args:
        effects: of the series.
        path: the image.
        size: (width, height) of the shown image in pixels; only their ratio matters.

    Raises:
        InputError: the map does not know `path`.
    """
    found = effects_of(effects, path)
    if found is None:
        return ""
    values, (top, left, bottom, right) = found
    width, height = size
    data = io.BytesIO()
    colours = effect_rgba(values / effects_top(effects))
    Image.fromarray(colours).save(data, "PNG", optimize=True)
    uri = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
    return (
        f'<svg class="map effect" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f'<image href="{uri}" x="{left * width:.2f}" y="{top * height:.2f}" '
        f'width="{(right - left) * width:.2f}" height="{(bottom - top) * height:.2f}" '
        'preserveAspectRatio="none"/></svg>'
    )


def effect_legend(effects: EffectMap) -> str:
    """Return what the colours of the effect maps mean, as one HTML paragraph."""
    steps = range(-_EFFECT_STEPS, _EFFECT_STEPS + 1)
    colours = "".join(
        f"<rect {_paint(effect_rgba(np.array(step / _EFFECT_STEPS)))} "
        f'x="{step + _EFFECT_STEPS}" width="1.02" height="1"/>'
        for step in steps
    )
    return (
        '<p class="legend of-effect">lowers the score '
        f'<svg class="colours" viewBox="0 0 {len(steps)} 1" '
        f'preserveAspectRatio="none" aria-hidden="true">{colours}</svg> raises it, '
        f"by {effects_top(effects):.3f} a cell, against the others</p>"
    )


def _fill(level: int) -> str:
    return _paint(heat_rgba(np.array(level / HEAT_LEVELS)))


def _paint(colour: NDArray[np.uint8]) -> str:
    red, green, blue, alpha = colour
    return f'fill="#{red:02x}{green:02x}{blue:02x}" fill-opacity="{alpha / 255:.2f}"'


def _cells_path(cells: NDArray[np.bool_]) -> str:
    """Return the path of rectangles that cover the cells, one per horizontal run."""
    return "".join(
        f"M{start} {row}h{stop - start}v1h{start - stop}z"
        for row, flags in enumerate(cells)
        for start, stop in runs(flags)
    )
