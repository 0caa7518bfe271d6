"""The part of the scene that all images of a series show."""

from collections.abc import Sequence

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.series import Placement, SeriesFrame, align_series, shared_boxes
from fgaesq.types import Image

WHOLE = scene(300, 400)


def parts_of(images: Sequence[Image], frame: SeriesFrame) -> list[Image]:
    """Return what the images that have a part show in it."""
    boxes = shared_boxes(images, frame)
    return [image[box] for image, box in zip(images, boxes, strict=True) if box is not None]


def test_the_parts_show_the_same_to_the_pixel() -> None:
    images = [WHOLE[t : t + 280, v : v + 380] for t, v in ((8, 10), (0, 14), (15, 3))]
    first, *others = parts_of(images, align_series(images))
    assert first.shape == (280 - 15, 380 - 11, 3)
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_images_framed_alike_are_shown_whole() -> None:
    images = [WHOLE, WHOLE // 2]
    parts = parts_of(images, align_series(images))
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
    assert shared_boxes([WHOLE, WHOLE, WHOLE], frame)[1] is None
    for part in parts_of([WHOLE, WHOLE, WHOLE], frame):
        assert part.shape == (300, 396, 3)


def test_an_image_of_another_shape_has_no_part() -> None:
    frame = SeriesFrame(0, (Placement(1, 0, 0, 1), Placement(1, 0, 0, 1)))
    assert shared_boxes([WHOLE, WHOLE[:250]], frame)[1] is None
    [part] = parts_of([WHOLE, WHOLE[:250]], frame)
    assert part.shape == WHOLE.shape
