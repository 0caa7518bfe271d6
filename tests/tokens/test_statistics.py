"""Statistics of the full resolution under coarse tokens: what each of them sees."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene

from fgaesq.series import Box
from fgaesq.series.coherence import UNSHARED
from fgaesq.series.luma import channels_of
from fgaesq.tokens.statistics import (
    STATISTICS,
    cell_statistics,
    mirrored,
    series_statistics,
    shared_statistics,
    single_statistics,
)
from fgaesq.types import Image


def of_cells(image: Image, rows: int, columns: int) -> NDArray[np.float32]:
    return cell_statistics(image, channels_of(image), rows, columns)


def of_frame(
    image: Image, reduced: Image, part: Box | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return shared_statistics(image, channels_of(image), reduced, part)


_LOGS = slice(0, 15)  # mean log energies of luma: five bands x horizontal, vertical, diagonal
_DIRECTIONS = slice(46, 72)


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [(8, 8, 1, 1), (17, 33, 2, 3), (31, 500, 2, 32), (64, 64, 4, 4), (333, 500, 8, 12)],
)
def test_every_cell_of_any_frame_has_finite_statistics(
    height: int, width: int, rows: int, columns: int
) -> None:
    statistics = of_cells(scene(height, width), rows, columns)
    assert statistics.shape == (rows * columns, STATISTICS)
    assert statistics.dtype == np.float32
    assert np.isfinite(statistics).all()


def test_a_blurred_part_of_the_frame_loses_high_frequencies_there_and_nowhere_else() -> None:
    import cv2

    sharp = scene(256, 384)
    part = sharp.copy()
    part[:, :192] = cv2.GaussianBlur(sharp, (0, 0), 3)[:, :192]
    before, after = (of_cells(image, 4, 6).reshape(4, 6, -1) for image in (sharp, part))
    highest = slice(9, 15)
    assert (after[:, :2, highest] < before[:, :2, highest]).all()
    assert np.array_equal(after[:, 4:], before[:, 4:])


def test_stripes_have_their_energy_in_their_direction() -> None:
    x = np.arange(128)
    stripes = (127 + 100 * np.sin(x * 1.2)).astype(np.uint8)
    upright = np.repeat(np.tile(stripes, (128, 1))[..., None], 3, axis=2)
    across = of_cells(upright, 1, 1)[0, _LOGS].reshape(5, 3)
    down = of_cells(upright.transpose(1, 0, 2).copy(), 1, 1)[0, _LOGS].reshape(5, 3)
    assert np.allclose(across[:, 0], down[:, 1], atol=1e-4)
    assert (across[1:4, 0] > across[1:4, 1] + 1).all()


@pytest.mark.parametrize(("degrees", "bin_"), [(0, 6), (3, 8), (-3, 4), (9, 10)])
def test_a_tilted_horizon_shows_in_the_bin_of_its_angle(degrees: float, bin_: int) -> None:
    y, x = np.mgrid[:256, :384]
    height = np.tan(np.deg2rad(degrees)) * (x - 192) + 128
    frame = np.clip((y - height) * 20 + 128, 30, 220).astype(np.uint8)
    statistics = of_cells(np.repeat(frame[..., None], 3, axis=2), 1, 1)[0]
    shares = statistics[_DIRECTIONS].reshape(2, 13)
    assert shares.argmax() in (13 + bin_, 13 + 12 - bin_)
    assert shares[1].max() > 5 * shares[0].max()


def test_clipping_and_flatness_are_shares_of_the_pixels() -> None:
    half_white = np.full((64, 64, 3), 90, np.uint8)
    half_white[:32] = 255
    white, black, flat, _ = of_cells(half_white, 2, 1)[:, 42:46].T
    assert white == pytest.approx([2, 0])
    assert black == pytest.approx([0, 0])
    assert flat == pytest.approx([2 * np.sqrt(63 / 64)] * 2, rel=1e-3)


def test_saving_as_a_poor_jpeg_makes_block_borders_stand_out() -> None:
    from fgaesq.datasets.edits import as_jpeg

    frame = scene(256, 384)
    fine, poor = (of_cells(as_jpeg(frame, q), 1, 1)[0, 45] for q in (97, 10))
    assert poor > fine + 0.5


def test_mirrored_statistics_are_those_of_the_mirrored_image() -> None:
    frame = scene(256, 384)
    reduced = frame[::4, ::4]
    turned, _ = of_frame(frame[:, ::-1].copy(), reduced[:, ::-1].copy(), None)
    wanted = mirrored(of_frame(frame, reduced, None)[0])
    flipped = turned[1:].reshape(4, 6, -1)[:, ::-1]
    expected = wanted[1:].reshape(4, 6, -1)
    np.testing.assert_allclose(turned[0], wanted[0], atol=0.15)  # the reduced rim is not symmetric
    blockiness = 45
    kept = np.delete(np.arange(STATISTICS), blockiness)
    assert np.abs(flipped[..., kept] - expected[..., kept]).max() < 0.35
    assert np.abs(flipped[..., kept] - expected[..., kept]).mean() < 0.02


def test_of_a_part_the_cells_are_told_and_the_frame_and_its_blocks_as_they_are() -> None:
    frame = scene(256, 384)
    reduced = frame[::4, ::4]
    own, shared = of_frame(frame, reduced, (slice(8, 248), slice(4, 380)))
    np.testing.assert_array_equal(own, of_frame(frame, reduced, None)[0])
    np.testing.assert_array_equal(shared[0], own[0])
    blockiness = 45
    np.testing.assert_array_equal(shared[1:, blockiness], own[1:, blockiness])
    cut = of_cells(frame[8:248, 4:380], 4, 6)
    kept = np.delete(np.arange(STATISTICS), blockiness)
    np.testing.assert_array_equal(shared[1:][:, kept], cut[:, kept])
    assert np.abs(shared - own).max() > 0.1


def cells(
    *images: NDArray[np.uint8],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return statistics of frames and their parts, and brightness, on a grid of 4 x 6 cells."""
    box = (slice(4, 252), slice(4, 380))
    both = [of_frame(image, image[::4, ::4].copy(), box) for image in images]
    own, shared = (np.stack(one) for one in zip(*both, strict=True))
    parts = [image.reshape(4, 64, 6, 64, 3).mean(axis=(1, 3, 4)).ravel() for image in images]
    return own, shared, np.array(parts, np.float32)


def test_images_of_a_series_are_told_how_they_differ_from_its_mean() -> None:
    frame = scene(256, 384)
    own, shared, brightness = cells(frame, frame // 2, frame // 4)
    told = series_statistics(own, shared, brightness)
    np.testing.assert_array_equal(told[..., :STATISTICS], own)
    for number, statistics in ((1, own), (2, shared)):
        differences = told[:, 1:, number * STATISTICS :][..., :STATISTICS]
        np.testing.assert_allclose(differences, statistics[:, 1:] - statistics[:, 1:].mean(axis=0))
        assert (differences[0, :, :15] > 0).mean() > 0.9  # the brightest has most energy
    np.testing.assert_allclose(told[:, 0, STATISTICS:].sum(axis=0), 0, atol=1e-4)
    assert np.abs(told[:, 0, 2 * STATISTICS :]).max() == 0  # the frame has no part


def test_what_is_not_shared_is_told_as_it_is_and_against_the_mean() -> None:
    frame = scene(256, 384)
    lost = [np.full((24, UNSHARED), share, np.float32) for share in (0.1, 0.4)]
    told = series_statistics(*cells(frame, frame // 2, frame // 3), [lost[0], None, lost[1]])
    cells_told = told[:, 1:, 3 * STATISTICS :]
    np.testing.assert_allclose(cells_told[..., :UNSHARED].mean(axis=(1, 2)), [0.1, 0, 0.4])
    relative = cells_told[..., UNSHARED:].mean(axis=(1, 2))
    np.testing.assert_allclose(relative, [-0.15, 0, 0.15], atol=1e-6)
    assert np.abs(told[:, 0, 3 * STATISTICS :]).max() == 0


def test_an_image_of_another_scene_differs_from_nothing() -> None:
    frame, other = scene(256, 384), scene(256, 384, seed=7)[::-1, ::-1].copy()
    differences = series_statistics(*cells(frame, frame // 2, other))[..., STATISTICS:]
    assert np.abs(differences[2]).max() == 0
    np.testing.assert_allclose(differences[0], -differences[1], atol=1e-4)
    assert np.abs(differences[0]).max() > 0.1


def test_an_image_on_its_own_differs_from_nothing() -> None:
    own, shared, brightness = cells(scene(256, 384))
    told = series_statistics(own, shared, brightness)
    np.testing.assert_array_equal(told, single_statistics(own))
    assert np.abs(told[..., STATISTICS:]).max() == 0


def test_the_order_of_a_series_tells_nothing() -> None:
    frame = scene(256, 384)
    own, shared, brightness = cells(frame, frame // 2, frame // 3 * 2)
    turned = [2, 0, 1]
    np.testing.assert_allclose(
        series_statistics(own, shared, brightness)[turned],
        series_statistics(own[turned], shared[turned], brightness[turned]),
        atol=1e-5,
    )
