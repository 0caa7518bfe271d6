"""Effects of tokens on the cell grid, against numbers that follow from areas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fgaesq.images import photo_from_array
from fgaesq.ranking.attribution import against_others, cell_effects, levelled
from fgaesq.tokens.difftoken import TokenLayout, tokenize_series
from fgaesq.types import TokenSet

WHOLE = (0.0, 0.0, 1.0, 1.0)


def token_set(centres: list[tuple[float, float]], scales: list[int], padded: int = 0) -> TokenSet:
    """Return a token set with a class token, tokens in the given places, and padding."""
    slots = 1 + len(centres) + padded
    places = np.zeros((slots, 2))
    places[1 : 1 + len(centres)] = centres
    all_scales = np.zeros(slots, np.uint8)
    all_scales[1 : 1 + len(centres)] = scales
    patches = np.zeros((slots, 3, 16, 16), np.uint8)
    return TokenSet(patches, places, all_scales, np.arange(slots) > len(centres), False, (), (0, 0))


QUARTERS = token_set([(0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)], [0] * 4, padded=1)
EFFECTS = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 0.0])


def on_grid(
    effects: NDArray[np.float64], tokens: TokenSet, grid: tuple[int, int], **changes: object
) -> NDArray[np.float64]:
    options = {"size": (128, 128), "box": WHOLE, **changes}
    return cell_effects(effects, tokens, grid=grid, **options)  # type: ignore[arg-type]


def test_coarse_tokens_are_shared_out_by_area() -> None:
    np.testing.assert_allclose(
        on_grid(EFFECTS, QUARTERS, (4, 2)),
        [[0.5, 1.0], [0.5, 1.0], [1.5, 2.0], [1.5, 2.0]],
    )
    # three cells across two tokens: the middle one takes a third of each
    third = on_grid(EFFECTS, QUARTERS, (1, 3))
    np.testing.assert_allclose(third, [[4 * 2 / 3, 10 / 3, 6 * 2 / 3]])


def test_fine_tokens_add_to_the_cell_they_were_cut_from() -> None:
    # the four tokens of cell (1, 0) of a frame of 64 x 64 px, and one coarse token beneath
    fine = [(y, x) for y in (0.625, 0.875) for x in (0.125, 0.375)]
    tokens = token_set([(0.5, 0.5), *fine], [0, 1, 1, 1, 1])
    effects = np.array([0.0, 4.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_allclose(
        on_grid(effects, tokens, (2, 2), size=(64, 64)), [[1.0, 1.0], [2.0, 1.0]]
    )


def test_the_grid_of_a_crop_is_reached_only_in_part() -> None:
    # the image shows the lower right quarter of the frame
    found = on_grid(EFFECTS, QUARTERS, (4, 4), box=(-1.0, -1.0, 1.0, 1.0))
    np.testing.assert_allclose(found[2:, 2:], [[1.0, 2.0], [3.0, 4.0]])
    assert np.isnan(found[:2]).all()
    assert np.isnan(found[:, :2]).all()


def test_what_lies_beside_the_grid_is_left_out() -> None:
    found = on_grid(EFFECTS, QUARTERS, (1, 1), box=(0.0, 0.0, 0.5, 0.5))
    np.testing.assert_allclose(found, [[1.0]])


def test_levelled_effects_sum_to_the_total_and_unused_slots_stay_empty() -> None:
    found = levelled(np.array([9.0, 1.0, 2.0, 3.0, 4.0, 9.0]), QUARTERS, total=2.0)
    np.testing.assert_allclose(found, [0, -1, 0, 1, 2, 0])


def test_images_are_compared_cell_by_cell() -> None:
    maps = np.array([[[1.0, 2.0]], [[0.0, 4.0]], [[2.0, np.nan]]])
    weights = np.array([[0, 0.75, 0.25], [1, 0, 0], [0.5, 0.5, 0]])
    np.testing.assert_allclose(
        against_others(maps, weights),
        # the last image does not reach the second cell: it is no part of the mean there
        [[[0.5, -2.0]], [[-1.0, 2.0]], [[1.5, 0.0]]],
    )


def test_cells_with_nothing_to_compare_have_no_effect() -> None:
    maps = np.array([[[1.0, 2.0]], [[np.nan, 4.0]]])
    found = against_others(maps, np.array([[0.0, 1.0], [1.0, 0.0]]))
    np.testing.assert_array_equal(found, [[[0.0, -2.0]], [[0.0, 2.0]]])
    assert not against_others(maps, np.zeros((2, 2))).any()


@pytest.mark.parametrize("size", [(256, 320), (250, 333)])
def test_effects_of_real_tokens_sum_to_the_gap_between_the_scores(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    base = rng.integers(0, 200, (*size, 3), dtype=np.uint8)
    other = base.copy()
    other[64:96, 96:160] += 40
    photos = [photo_from_array(one, name=str(i)) for i, one in enumerate((base, other))]
    layout = TokenLayout(budget=64, coarse=20, detail_px=512)
    result = tokenize_series(photos, layout=layout)
    grid = result.difference.values.shape
    maps = []
    for tokens, total in zip(result.tokens, (0.7, -0.7), strict=True):
        box = result.difference.boxes["0"]
        assert box is not None
        effects = levelled(rng.normal(size=len(tokens.padded)), tokens, total=total)
        maps.append(cell_effects(effects, tokens, size=size, box=box, grid=(grid[0], grid[1])))
    gap = against_others(np.stack(maps), np.array([[0.0, 1.0], [1.0, 0.0]]))[0].sum()
    if size[0] % 32 == 0 and size[1] % 32 == 0:
        assert gap == pytest.approx(1.4, abs=1e-5)
    else:  # the grid of whole cells leaves out a margin
        assert gap != pytest.approx(1.4, abs=1e-5)
