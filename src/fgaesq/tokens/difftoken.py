"""The `series` tokenizer: DiffToken as the paper means it, made deterministic and linear.

The whole frame of every image is covered by coarse tokens; the cells in which the series differs
are added as fine tokens at native resolution, the same places of the scene for all images that
could be aligned. Nothing is drawn at random and nothing is dropped: a token set depends on the
pixels of the series alone, not on names, order or batch. `tokens/reference.py` holds the released
behaviour; docs/decisions/0001 compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageFilter

from fgaesq.series import (
    Box,
    Placement,
    SeriesFrame,
    align_series,
    cell_detail,
    rendered_apart,
    series_difference,
    shared_boxes,
)
from fgaesq.series.difference import CELL_PX
from fgaesq.tokens.comparison import alone, compared
from fgaesq.tokens.naturalness import naturalness_input
from fgaesq.tokens.selection import cell_importance, select_cells
from fgaesq.types import DifferenceMap, Image, Photo, TokenSet

__all__ = [
    "PATCH_PX",
    "SeriesTokens",
    "TokenLayout",
    "map_difference",
    "tokenize_random",
    "tokenize_series",
    "tokenize_single",
]

Map: TypeAlias = Callable[..., Iterable[Any]]
"""What `map` and the `map` of a thread pool are."""

PATCH_PX = 16
_TILES_PER_CELL = (CELL_PX // PATCH_PX) ** 2
_MOST_STRETCH = 0.06  # |log| of a coarse cell's width over its height
_LAYOUT_PX = 4.0  # of 16: what is larger is taken for the light of a scene
_MOST_DRIFT_PX = 2  # renderings lie on each other; no hand is so still
_LEAST_LIKENESS = 0.5  # of the layouts of two frames of one scene


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """How a model's token budget is spent.

    Attributes:
        budget: slots of a token set, class token included.
        coarse: at most this many coarse tokens; what is left goes to fine cells of four tokens.
        detail_px: long side, in pixels, at which fine tokens are cut; larger photos are reduced to
            it when they are read. "Native resolution" below means this one.
        spread: share of the fine cells given to the regions of the frame in turn.
        statistics: whether coarse tokens bring `tokens.statistics` and the class token
            `tokens.framing`, in a series also how they differ from those of the other images; and
            whether images of several scenes, and renderings of one picture, bring
            `tokens.naturalness`.
    """

    budget: int
    coarse: int
    detail_px: int
    spread: float = 0.5
    statistics: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SeriesTokens:
    """The token sets of a series, in the order of its photos, and where the series differs."""

    tokens: tuple[TokenSet, ...]
    difference: DifferenceMap


def tokenize_single(photo: Photo, *, layout: TokenLayout) -> TokenSet:
    """Return the tokens of one image on its own: fine where it has most structure."""
    cells, grid = _own_cells(photo.pixels, layout)
    return _with_statistics(_on_own_grid(photo.pixels, cells, grid, layout), photo.pixels, layout)


def tokenize_random(photo: Photo, *, layout: TokenLayout, rng: np.random.Generator) -> TokenSet:
    """Return the tokens of one image with fine cells drawn at random, to compare DiffToken with."""
    _, grid = _own_cells(photo.pixels, layout)
    number = _fine_budget(layout, _coarse_grid(photo.pixels.shape, layout.coarse))
    drawn = rng.permutation(grid[0] * grid[1])[:number]
    cells = tuple(sorted(int(cell) for cell in drawn))
    return _with_statistics(_on_own_grid(photo.pixels, cells, grid, layout), photo.pixels, layout)


def tokenize_series(
    photos: Sequence[Photo], *, layout: TokenLayout, parallel: Map = map
) -> SeriesTokens:
    """Return the tokens of every image of a series.

    Images that align with the largest one share their fine cells: the same places of the scene, cut
    from each image without resampling, or next to its border where a crop ends before them. An
    image that does not align is tokenized on its own.

    Args:
        photos: at least one; decoded with a long side of at most `layout.detail_px`.
        layout: the model's.
        parallel: does what `map` does, for work on one image at a time; a thread pool's `map`.

    Returns:
        Token sets in the order of `photos`. The order has no influence on any of them.
    """
    order = sorted(range(len(photos)), key=lambda i: photos[i].digest)
    images = [photos[i].pixels for i in order]
    names = [photos[i].name for i in order]
    frame = _series_frame([photos[i] for i in order], parallel)
    difference = series_difference(images, frame)
    detail = _most_detail(images, frame, parallel)
    reference = images[frame.reference]
    placed = [i for i, p in zip(images, frame.placements, strict=True) if p is not None]
    number = min(_fine_budget(layout, _coarse_grid(i.shape, layout.coarse)) for i in placed)
    shared = select_cells(cell_importance(difference, detail), number, spread=layout.spread)
    places = _grid_places(reference, shared, difference.shape)

    def one(image: Image, placement: Placement | None) -> TokenSet:
        if placement is None:
            return _on_own_grid(image, *_own_cells(image, layout), layout)
        middle = (places + CELL_PX / 2) * placement.scale + (placement.top, placement.left)
        own = np.rint(middle - CELL_PX / 2).astype(np.int64)
        return _token_set(image, shared, difference.shape, own, layout)

    made = list(parallel(one, images, frame.placements))
    if layout.statistics:
        boxes = shared_boxes(images, frame)
        grids = [_coarse_grid(image.shape, layout.coarse) for image in images]
        made = compared(made, images, grids, boxes, parallel=parallel)
        kind = _judged_by_naturalness(images, frame, boxes)
        if kind:
            told = parallel(naturalness_input, images, [kind] * len(images))
            made = [replace(one, naturalness=what) for one, what in zip(made, told, strict=True)]
    tokens = dict(zip(order, made, strict=True))
    places_of_map = _map_boxes(images, frame, difference.shape)
    return SeriesTokens(
        tuple(tokens[index] for index in range(len(photos))),
        DifferenceMap(difference, shared, dict(zip(names, places_of_map, strict=True))),
    )


def _on_own_grid(
    image: Image, cells: tuple[int, ...], grid: tuple[int, int], layout: TokenLayout
) -> TokenSet:
    return _token_set(image, cells, grid, _grid_places(image, cells, grid), layout)


def _with_statistics(tokens: TokenSet, image: Image, layout: TokenLayout) -> TokenSet:
    if not layout.statistics:
        return tokens
    return alone(tokens, image, _coarse_grid(image.shape, layout.coarse))


def _judged_by_naturalness(
    images: Sequence[Image], frame: SeriesFrame, boxes: Sequence[Box | None]
) -> str:
    """Return which kind of series this is of those that naturalness decides, "" for none."""
    if _several_scenes(images, frame):
        return "scenes"
    parts = [image[box] for image, box in zip(images, boxes, strict=True) if box is not None]
    if len(parts) < len(images) or _drift(images, parts) > _MOST_DRIFT_PX:
        return ""
    return "renderings" if rendered_apart(parts) else ""


def _drift(images: Sequence[Image], parts: Sequence[Image]) -> int:
    """Return by how many pixels images are shifted at most, from the parts that all show."""
    whole, shared = images[0].shape, parts[0].shape
    return max(int(whole[axis] - shared[axis]) for axis in (0, 1))


def _several_scenes(images: Sequence[Image], frame: SeriesFrame) -> bool:
    """Return whether most images show another scene than the reference, as variants of a prompt do.

    They lie nowhere on it, and their light and colours lie in other places: a frame that is merely
    blurred or tilted beyond aligning is not another scene.
    """
    apart = np.array([placement is None for placement in frame.placements])
    if 2 * apart.sum() <= len(images) - 1:
        return False
    layouts = np.stack([_layout_of(image) for image in images])
    unlike = layouts @ layouts[frame.reference] < _LEAST_LIKENESS
    return bool(2 * (apart & unlike).sum() > len(images) - 1)


def _layout_of(image: Image) -> NDArray[np.float64]:
    """Return where light and colours lie in the frame, a vector of length 1 (or 0).

    Without what changes slowly over all of it: a bright sky lies over dark ground in most scenes.
    """
    small = PILImage.fromarray(_resized(image, (PATCH_PX, PATCH_PX)))
    level = small.filter(ImageFilter.GaussianBlur(_LAYOUT_PX))
    layout = (np.asarray(small, np.float64) - np.asarray(level, np.float64)).ravel()
    return np.asarray(layout / (np.linalg.norm(layout) + 1e-9))


def map_difference(photos: Sequence[Photo], *, parallel: Map = map) -> DifferenceMap:
    """Return where a series differs, without choosing cells: `fine_cells` is empty.

    Args:
        photos: at least one, any sizes.
        parallel: see `tokenize_series`.
    """
    ordered = sorted(photos, key=lambda photo: photo.digest)
    images = [photo.pixels for photo in ordered]
    frame = _series_frame(ordered, parallel)
    difference = series_difference(images, frame)
    boxes = _map_boxes(images, frame, difference.shape)
    names = [photo.name for photo in ordered]
    return DifferenceMap(difference, (), dict(zip(names, boxes, strict=True)))


def _series_frame(photos: Sequence[Photo], parallel: Map) -> SeriesFrame:
    return align_series(
        [photo.pixels for photo in photos],
        native_scales=[photo.pixels.shape[0] / photo.native_size[0] for photo in photos],
        parallel=parallel,
    )


def _most_detail(images: Sequence[Image], frame: SeriesFrame, parallel: Map) -> NDArray[np.float32]:
    """Return the most fine structure that any image on the reference's grid has in each cell."""
    shape = images[frame.reference].shape
    placed = zip(images, frame.placements, strict=True)
    same = [image for image, placement in placed if placement and image.shape == shape]
    most: NDArray[np.float32] = np.maximum.reduce(list(parallel(cell_detail, same)))
    return most


def _own_cells(image: Image, layout: TokenLayout) -> tuple[tuple[int, ...], tuple[int, int]]:
    detail = cell_detail(image)
    number = _fine_budget(layout, _coarse_grid(image.shape, layout.coarse))
    cells = select_cells(cell_importance(None, detail), number, spread=layout.spread)
    return cells, (detail.shape[0], detail.shape[1])


def _coarse_grid(shape: tuple[int, ...], limit: int) -> tuple[int, int]:
    """Return the largest grid (rows, columns) of at most `limit` patches with the frame's shape.

    Cells are square to within 6 %, so that a tilt or a face is not stretched; where no grid is (a
    narrow strip), the squarest one is taken. Never finer than the image itself: a small image keeps
    one patch per 16 px.
    """
    height, width = shape[:2]
    native = (-(-height // PATCH_PX), -(-width // PATCH_PX))
    if native[0] * native[1] <= limit:
        return native
    best, best_value = (1, 1), -np.inf
    for rows in range(1, min(native[0], limit) + 1):
        columns = min(max(1, round(rows * width / height)), native[1], limit // rows)
        stretch = abs(np.log(width * rows / (height * columns)))
        value = rows * columns / limit if stretch <= _MOST_STRETCH else -stretch
        if value > best_value:
            best, best_value = (rows, columns), value
    return best


def _fine_budget(layout: TokenLayout, coarse: tuple[int, int]) -> int:
    return (layout.budget - 1 - coarse[0] * coarse[1]) // _TILES_PER_CELL


def _grid_places(image: Image, cells: Sequence[int], grid: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the (top, left) pixel of each cell of the centred grid, (n, 2)."""
    origin = (np.asarray(image.shape[:2]) - np.asarray(grid) * CELL_PX) // 2
    ids = np.asarray(cells, dtype=np.int64)
    columns = max(1, grid[1])
    places: NDArray[np.int64] = np.stack([ids // columns, ids % columns], axis=1) * CELL_PX + origin
    return places


def _token_set(
    image: Image,
    cells: tuple[int, ...],
    grid: tuple[int, ...],
    places: NDArray[np.int64],
    layout: TokenLayout,
) -> TokenSet:
    """Fill the slots: class token, coarse tokens (raster), four tokens per fine cell, padding."""
    height, width = image.shape[:2]
    rows, columns = _coarse_grid(image.shape, layout.coarse)
    cuts = _cut_places(places, image)
    coarse_end = 1 + rows * columns
    end = coarse_end + len(cuts) * _TILES_PER_CELL
    patches = np.zeros((layout.budget, 3, PATCH_PX, PATCH_PX), np.uint8)
    centres = np.zeros((layout.budget, 2), np.float64)
    patches[1:coarse_end] = _tiles(_resized(image, (rows * PATCH_PX, columns * PATCH_PX)))
    centres[1:coarse_end] = _grid_centres(rows, columns)
    for index, (top, left) in enumerate(cuts):
        slots = slice(coarse_end + 4 * index, coarse_end + 4 * index + 4)
        patches[slots] = _tiles(image[top : top + CELL_PX, left : left + CELL_PX])
        corners = _grid_centres(2, 2) * CELL_PX + (top, left)
        centres[slots] = corners / (height, width)
    scales = np.zeros(layout.budget, np.uint8)
    scales[coarse_end:end] = 1
    padded = np.arange(layout.budget) >= end
    fine_cells = tuple(cells[index] for index in cuts.values())
    return TokenSet(patches, centres, scales, padded, False, fine_cells, (grid[0], grid[1]))


def _cut_places(places: NDArray[np.int64], image: Image) -> dict[tuple[int, int], int]:
    """Return where the image is cut, (top, left), and the index of the cell that asked for it.

    A cell that sticks out is moved inside. Where that brings several of them to one place (they lie
    outside a crop), the first stands for all. An image smaller than a cell has no place for any.
    """
    height, width = image.shape[:2]
    cuts: dict[tuple[int, int], int] = {}
    if min(height, width) >= CELL_PX:
        tops = np.clip(places[:, 0], 0, height - CELL_PX).tolist()
        lefts = np.clip(places[:, 1], 0, width - CELL_PX).tolist()
        for index, place in enumerate(zip(tops, lefts, strict=True)):
            cuts.setdefault(place, index)
    return cuts


def _resized(image: Image, size: tuple[int, int]) -> Image:
    """Return the image at (height, width) `size`, each new pixel the mean of what it covers."""
    if image.shape[:2] == size:
        return image
    pil = PILImage.fromarray(image)
    return np.asarray(pil.resize((size[1], size[0]), PILImage.Resampling.BOX))


def _tiles(image: Image) -> NDArray[np.uint8]:
    """Cut (16 r, 16 c, 3) into (r * c, 3, 16, 16), raster order."""
    rows, columns = image.shape[0] // PATCH_PX, image.shape[1] // PATCH_PX
    tiles = image.reshape(rows, PATCH_PX, columns, PATCH_PX, 3).transpose(0, 2, 4, 1, 3)
    return tiles.reshape(rows * columns, 3, PATCH_PX, PATCH_PX)


def _grid_centres(rows: int, columns: int) -> NDArray[np.float64]:
    """Return the centres (y, x) of a grid's cells as fractions, (rows * columns, 2), raster."""
    y, x = np.meshgrid(
        (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij"
    )
    return np.stack([y.ravel(), x.ravel()], axis=1)


def _map_boxes(
    images: Sequence[Image], frame: SeriesFrame, grid: tuple[int, ...]
) -> list[tuple[float, float, float, float] | None]:
    """Return, per image, where the difference map's grid lies, in fractions of its frame."""
    reference = images[frame.reference]
    first = _grid_places(reference, [0], grid)[0]
    last = first + np.asarray(grid[:2]) * CELL_PX
    boxes: list[tuple[float, float, float, float] | None] = []
    for image, placement in zip(images, frame.placements, strict=True):
        if placement is None:
            boxes.append(None)
            continue
        size = np.asarray(image.shape[:2])
        offset = np.asarray((placement.top, placement.left))
        start, end = ((p * placement.scale + offset) / size for p in (first, last))
        boxes.append((float(start[0]), float(start[1]), float(end[0]), float(end[1])))
    return boxes
