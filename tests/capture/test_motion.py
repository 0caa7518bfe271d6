"""Motion Photos: the clip at the end is found where it is, and only if it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.capture.media import box, exif_block, heic, jpeg, motion_xmp, movie, samsung_trailer
from tests.images.corpus import write

from fgaesq.capture.motion import clip_end, find_motion
from fgaesq.capture.reading import read_capture

CLIP = movie(brand=b"mp42")
MICRO = b'<rdf:Description GCamera:MicroVideo="1" GCamera:MicroVideoOffset="%d"/>' % len(CLIP)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pixel.jpg", jpeg(xmp=motion_xmp(len(CLIP))) + CLIP),
        ("MVIMG.jpg", jpeg(xmp=MICRO) + CLIP),
        ("pixel.heic", heic(exif_block(None), xmp=motion_xmp(len(CLIP))) + CLIP),
    ],
)
def test_clip_at_the_end(tmp_path: Path, name: str, data: bytes) -> None:
    assert read_capture(write(tmp_path / name, data)).motion_bytes == len(CLIP)


def test_clip_in_a_box_of_a_heic_file(tmp_path: Path) -> None:
    data = heic(exif_block(None)) + box(b"mpvd", CLIP)
    assert read_capture(write(tmp_path / "a.heic", data)).motion_bytes == len(CLIP)


def test_clip_in_the_trailer_of_samsung(tmp_path: Path) -> None:
    photo, trailer = jpeg(), samsung_trailer(CLIP)
    path = write(tmp_path / "a.jpg", photo + trailer)
    length = path.stat().st_size
    with path.open("rb") as file:
        start = find_motion(file, length, b"")
        assert (photo + trailer)[start : clip_end(file, start, length)] == CLIP
    assert read_capture(path).motion_bytes == length - start


@pytest.mark.parametrize(
    "data",
    [
        jpeg(xmp=motion_xmp(len(CLIP))),
        jpeg(xmp=motion_xmp(10**9)) + CLIP,
        jpeg(xmp=motion_xmp(len(CLIP))) + CLIP[:-20],
        jpeg() + b"SEFT",
        jpeg() + bytes(40) + b"\xff\xff\xff\xffSEFT",
    ],
)
def test_clip_that_is_not_there_is_not_claimed(tmp_path: Path, data: bytes) -> None:
    assert read_capture(write(tmp_path / "a.jpg", data)).motion_bytes == 0
