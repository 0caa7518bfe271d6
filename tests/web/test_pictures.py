"""Pictures are encoded once, known by their ETag, and kept up to a limit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PILImage

from fgaesq.errors import DecodeError
from fgaesq.types import Image
from fgaesq.web.pictures import Pictures


class Source:
    """Gives an image and counts how often it was asked for it."""

    def __init__(self, value: int = 90, side: int = 64) -> None:
        self.image = np.full((side, side, 3), value, np.uint8)
        self.asked = 0

    def __call__(self) -> Image:
        self.asked += 1
        return self.image


def test_a_picture_is_a_jpeg_of_the_pixels() -> None:
    made = Pictures().jpeg("a", Source(90), quality=90)
    shown = np.asarray(PILImage.open(io.BytesIO(made.data)))
    assert shown.shape == (64, 64, 3)
    assert abs(int(shown[10, 10, 0]) - 90) <= 2


def test_a_picture_is_encoded_once() -> None:
    pictures, source = Pictures(), Source()
    first = pictures.jpeg("a", source, quality=80)
    assert pictures.jpeg("a", source, quality=80) == first
    assert source.asked == 1


def test_the_etag_names_the_content() -> None:
    pictures = Pictures()
    one, same, other = (
        pictures.jpeg(key, Source(value), quality=80)
        for key, value in (("a", 90), ("b", 90), ("c", 91))
    )
    assert one.etag == same.etag
    assert one.etag != other.etag


def test_a_known_etag_needs_no_pixels() -> None:
    pictures = Pictures()
    etag = pictures.jpeg("a", Source(), quality=80).etag
    assert pictures.is_current("a", f'"other", {etag}')
    assert not pictures.is_current("a", '"other"')
    assert not pictures.is_current("b", etag)


def test_the_least_used_picture_goes_first() -> None:
    size = len(Pictures().jpeg("a", Source(), quality=80).data)
    pictures, sources = Pictures(most_bytes=9 * size), [Source() for _ in range(10)]
    for number, source in enumerate(sources):
        pictures.jpeg(number, source, quality=80)
        pictures.jpeg(0, sources[0], quality=80)
    pictures.jpeg(1, sources[1], quality=80)
    assert [source.asked for source in sources] == [1, 2, *[1] * 8]


def test_a_picture_above_an_eighth_of_the_room_is_not_kept_but_its_etag_is() -> None:
    pictures, source = Pictures(most_bytes=16), Source()
    etag = pictures.jpeg("a", source, quality=80).etag
    assert pictures.jpeg("a", source, quality=80).etag == etag
    assert source.asked == 2
    assert pictures.is_current("a", etag)


def test_errors_of_the_source_pass() -> None:
    def fail() -> Image:
        raise DecodeError("a.jpg: it is cut off")

    with pytest.raises(DecodeError, match=r"a\.jpg: it is cut off"):
        Pictures().jpeg("a", fail, quality=80)
