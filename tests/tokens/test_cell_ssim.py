"""SSIM of cells, against scikit-image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from fgaesq.tokens.cell_ssim import cell_dissimilarity


def random_cells(seed: int, n: int = 40) -> NDArray[np.uint8]:
    """Cells from flat to noisy, some saturated."""
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 256, (n, 1, 1, 3))
    noise = rng.normal(size=(n, 32, 32, 3)) * np.linspace(0, 120, n)[:, None, None, None]
    return np.clip(base + noise, 0, 255).astype(np.uint8)


def skimage_dissimilarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    channels = [
        structural_similarity(  # type: ignore[no-untyped-call] # it has no annotations
            first[..., c] / np.float32(255), second[..., c] / np.float32(255), data_range=1.0
        )
        for c in range(3)
    ]
    return float(np.clip(1 - np.mean(channels), 0, 1))


def test_values_equal_those_of_scikit_image() -> None:
    first, second = random_cells(1), random_cells(2)
    first[::2] = np.clip(second[::2].astype(int) + 3, 0, 255)
    ours = cell_dissimilarity(first, second)
    theirs = [skimage_dissimilarity(a, b) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    assert ours.min() < 0.3 < 0.9 < ours.max()


def test_equal_cells_differ_by_exactly_nothing() -> None:
    cells = random_cells(3)
    assert not cell_dissimilarity(cells, cells.copy()).any()


def test_order_of_the_two_images_does_not_matter() -> None:
    first, second = random_cells(4), random_cells(5)
    np.testing.assert_array_equal(
        cell_dissimilarity(first, second), cell_dissimilarity(second, first)
    )


def test_opposite_structure_is_clipped_to_one() -> None:
    stripes = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    np.testing.assert_array_equal(cell_dissimilarity(stripes, 255 - stripes), [1.0])


def test_no_cells_give_no_values() -> None:
    nothing = np.zeros((0, 32, 32, 3), dtype=np.uint8)
    assert cell_dissimilarity(nothing, nothing).shape == (0,)
