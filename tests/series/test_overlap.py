"""The part of the scene that all images of a series show."""

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.series import Placement, SeriesFrame, align_series, shared_parts

WHOLE = scene(300, 400)


def test_the_parts_show_the_same_to_the_pixel() -> None:
    images = [WHOLE[t : t + 280, v : v + 380] for t, v in ((8, 10), (0, 14), (15, 3))]
    parts = shared_parts(images, align_series(images))
    assert parts[0] is not None
    assert parts[0].shape == (280 - 15, 380 - 11, 3)
    for part in parts[1:]:
        np.testing.assert_array_equal(part, parts[0])


def test_images_framed_alike_are_shown_whole() -> None:
    images = [WHOLE, WHOLE // 2]
    parts = shared_parts(images, align_series(images))
    for part, image in zip(parts, images, strict=True):
        np.testing.assert_array_equal(part, image)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(None, id="of another scene"),
        pytest.param(Placement(1.1, 0, 0, 0.9), id="of another scale"),
        pytest.param(Placement(1.0, 0, 30, 0.9), id="shifted far"),
    ],
)
def test_an_image_framed_otherwise_takes_nothing_from_the_others(other: Placement | None) -> None:
    frame = SeriesFrame(0, (Placement(1, 0, 0, 1), other, Placement(1, 0, 4, 1)))
    parts = shared_parts([WHOLE, WHOLE, WHOLE], frame)
    assert parts[1] is None
    assert parts[0] is not None
    assert parts[0].shape == (300, 396, 3)


def test_an_image_of_another_shape_has_no_part() -> None:
    frame = SeriesFrame(0, (Placement(1, 0, 0, 1), Placement(1, 0, 0, 1)))
    first, second = shared_parts([WHOLE, WHOLE[:250]], frame)
    assert first is not None
    assert first.shape == WHOLE.shape
    assert second is None
