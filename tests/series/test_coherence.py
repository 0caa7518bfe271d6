"""What an image of a series shows that the others do not."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene

from fgaesq.series.coherence import unshared as unshared_channels
from fgaesq.series.luma import channels_of

Frame = NDArray[np.uint8]
SHAPE = (480, 640)
ROWS, COLUMNS = 6, 8
LUMA = slice(0, 4)


def photo(seed: int = 0) -> Frame:
    """Return a scene with texture of all scales."""
    rng = np.random.default_rng(seed)
    texture = sum(
        cv2.GaussianBlur(rng.normal(0, 1, SHAPE), (0, 0), sigma) * 14 * sigma
        for sigma in (0.8, 1.6, 3.2)
    )
    flat = cv2.GaussianBlur(scene(*SHAPE), (0, 0), 6)
    return as_photo(flat + np.asarray(texture)[..., None])


def as_photo(values: NDArray[np.floating]) -> Frame:
    image: Frame = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return image


def blurred(image: Frame) -> Frame:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), np.uint8)


def noisy(image: Frame, sigma: float = 8, seed: int = 1) -> Frame:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return as_photo(image + noise)


def turned(image: Frame, degrees: float, right: float = 0.0, down: float = 0.0) -> Frame:
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    matrix[:, 2] += np.array((right, down))
    frame = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(frame, np.uint8)


def unshared(images: Sequence[Frame], rows: int, columns: int) -> NDArray[np.float32]:
    return unshared_channels(lambda i: channels_of(images[i]), len(images), rows, columns)


def lost(*images: Frame) -> NDArray[np.float32]:
    """Return what each image does not share of the luma's bands, means over the cells, (N, 4)."""
    means: NDArray[np.float32] = unshared(images, ROWS, COLUMNS)[..., LUMA].mean(axis=1)
    return means


PHOTO = photo()


def test_copies_share_all() -> None:
    assert np.abs(unshared([PHOTO, PHOTO.copy()], ROWS, COLUMNS)).max() < 1e-3


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        pytest.param(blurred(PHOTO), 0.0, 0.35, id="blurred"),
        pytest.param(as_photo(PHOTO * 0.6 + 20), 0.0, 0.35, id="faded"),
        pytest.param(turned(PHOTO, 0, 0.4, 0.5), 0.0, 0.35, id="shifted by half a pixel"),
        pytest.param(turned(PHOTO, 0.4), 0.0, 0.35, id="turned by 0.4 degrees"),
        pytest.param(noisy(PHOTO, 20), 0.5, 1.0, id="noisy"),
        pytest.param(photo(2), 0.7, 1.0, id="of other texture"),
    ],
)
def test_structure_is_shared_where_one_is_the_other_filtered(
    other: Frame, least: float, most: float
) -> None:
    own = lost(PHOTO, other)[0, 1:3]
    assert least <= own.min()
    assert own.max() <= most


def test_of_three_the_noisy_one_shares_least_wherever_it_stands() -> None:
    images = [PHOTO, noisy(PHOTO), blurred(PHOTO)]
    told = lost(*images)
    assert (told[1] > told[[0, 2]].max(axis=0)).all()
    np.testing.assert_allclose(lost(images[1], images[2], images[0]), told[[1, 2, 0]], atol=0.02)


def test_what_is_not_shared_is_told_where_it_is() -> None:
    garbled = PHOTO.copy()
    garbled[80:160, 160:240] = photo(3)[80:160, 160:240]
    told = unshared([PHOTO, garbled], ROWS, COLUMNS)[0][:, LUMA].mean(axis=1)
    cells = told.reshape(ROWS, COLUMNS)
    assert cells[1, 2] > 0.5
    cells[1, 2] = 0
    assert cells.max() < 0.3


def test_coloured_noise_is_told_of_the_chroma() -> None:
    rng = np.random.default_rng(5)
    noise = cv2.resize(rng.normal(0, 25, (SHAPE[0] // 2, SHAPE[1] // 2, 3)), SHAPE[::-1])
    coloured = as_photo(PHOTO + noise - noise @ [[0.299], [0.587], [0.114]])
    told = unshared([PHOTO, coloured], ROWS, COLUMNS)[0].mean(axis=0)
    assert told[4:6].min() > 0.5
    assert told[LUMA].max() < 0.25


@pytest.mark.parametrize("shape", [(64, 64), (65, 200), (90, 64)])
def test_small_parts_are_measured(shape: tuple[int, int]) -> None:
    part = PHOTO[: shape[0], : shape[1]]
    told = unshared([part, noisy(part, 20)], 4, 4)
    assert np.isfinite(told).all()
    assert told[:, :, 1].min() > 0.1


def test_of_parts_too_small_nothing_is_told() -> None:
    assert unshared([PHOTO[:40, :200], PHOTO[40:80, :200]], 2, 8).max() == 0
