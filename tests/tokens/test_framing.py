"""What the frame as a whole is like: tilted lines, subjects that the border cuts."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene

from fgaesq.tokens.framing import FRAMING, frame_framing, mirrored_framing

_BINS = 17
_ALONG_BORDERS = slice(34, 38)  # of what stands out, in the narrow strip, ascending
_MIDDLE, _CENTRE = 42, 43


def turned_lines(degrees: float, *, upright: bool) -> NDArray[np.uint8]:
    """Return a frame of soft lines, turned counter-clockwise from an axis."""
    y, x = np.mgrid[:144, :208].astype(np.float64)
    angle = np.deg2rad(degrees)
    across = (
        x * np.cos(angle) + y * np.sin(angle) if upright else y * np.cos(angle) - x * np.sin(angle)
    )
    grey = 128 + 90 * np.sin(across / 3)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def disc(row: int, column: int) -> NDArray[np.uint8]:
    """Return a bright disc on grey ground."""
    y, x = np.ogrid[:144, :208]
    frame = np.full((144, 208, 3), 90, np.uint8)
    frame[np.hypot(y - row, x - column) < 30] = (240, 200, 60)
    return frame


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize(
    ("degrees", "bin_"), [(0, 8), (1.2, 9), (-1.2, 7), (3.3, 11), (6.5, 13), (-11, 1), (13.5, 16)]
)
def test_lines_show_in_the_bin_of_their_angle(degrees: float, bin_: int, upright: bool) -> None:
    shares = frame_framing(turned_lines(degrees, upright=upright))[: 2 * _BINS].reshape(2, _BINS)
    own, other = (shares[0], shares[1]) if upright else (shares[1], shares[0])
    assert own.argmax() in (bin_, _BINS - 1 - bin_)
    assert own.max() > 2.5
    assert other.max() == 0


def test_lines_that_lean_to_either_side_are_told_apart() -> None:
    right, left = (
        frame_framing(turned_lines(degrees, upright=True))[:_BINS].argmax() for degrees in (5, -5)
    )
    assert right + left == _BINS - 1
    assert right != left


def test_a_subject_that_the_border_cuts_stands_out_there() -> None:
    whole, cut = (frame_framing(disc(72, column)) for column in (104, 205))
    assert cut[_ALONG_BORDERS][3] > whole[_ALONG_BORDERS][3] + 0.5
    assert whole[_MIDDLE] > cut[_MIDDLE] + 0.5
    assert cut[_CENTRE] > whole[_CENTRE] + 0.5


@pytest.mark.parametrize("turned", [np.s_[:, ::-1], np.s_[::-1]])
def test_which_border_cuts_does_not_matter(turned: tuple[slice, ...]) -> None:
    cut = disc(72, 205)
    expected = frame_framing(cut)[2 * _BINS :]
    found = frame_framing(cut[turned].copy())[2 * _BINS :]
    np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("size", [(16, 16), (16, 400), (160, 192)])
@pytest.mark.parametrize("flat", [True, False])
def test_any_frame_has_finite_framing(size: tuple[int, int], flat: bool) -> None:
    frame = np.full((*size, 3), 7, np.uint8) if flat else scene(*size)
    told = frame_framing(frame)
    assert told.shape == (FRAMING,)
    assert told.dtype == np.float32
    assert np.isfinite(told).all()
    assert np.array_equal(told, told.astype(np.float16))


def test_a_flat_frame_has_no_lines() -> None:
    assert frame_framing(np.full((144, 208, 3), 7, np.uint8))[: 2 * _BINS].max() == 0


def test_mirrored_framing_is_that_of_the_mirrored_frame() -> None:
    frame = scene(144, 208)
    np.testing.assert_allclose(
        frame_framing(frame[:, ::-1].copy()), mirrored_framing(frame_framing(frame)), atol=0.02
    )
