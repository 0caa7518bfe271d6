"""Taking metadata out of photo files: nothing said of people, every pixel as it was."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo
from tests.scenes import scene

from fgaesq.building.publish.metadata import without_metadata
from fgaesq.errors import DecodeError
from fgaesq.images import read_photo

SECRET = b"Jane Doe, 47.22 N"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"


def exif(orientation: int) -> bytes:
    data = PILImage.Exif()
    data[0x010F] = SECRET.decode()
    data[0x0112] = orientation
    return data.tobytes()


def coded(form: str, **given: object) -> bytes:
    content = io.BytesIO()
    PILImage.fromarray(scene(48, 64, seed=1)).save(content, form, **given)
    return content.getvalue()


@cache
def profile() -> bytes:
    """Return a profile: one for all, as each that is made carries the second it was made in."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("JPEG", {"comment": SECRET, "xmp": XMP}),
        ("JPEG", {"progressive": True, "xmp": XMP}),
        ("JPEG", {"restart_marker_blocks": 1}),
        ("PNG", {}),
        ("WebP", {"lossless": True, "xmp": XMP}),
        ("WebP", {"quality": 80}),
    ],
)
def test_only_the_metadata_are_gone(
    tmp_path: Path, form: str, given: dict[str, object], orientation: int
) -> None:
    if form == "PNG":
        text = PngInfo()
        text.add_text("parameters", SECRET.decode())
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        given = {**given, "pnginfo": text}
    content = coded(form, exif=exif(orientation), icc_profile=profile(), **given) + SECRET
    bare = without_metadata(content)
    assert bare is not None
    assert SECRET not in bare[1]
    first, second = tmp_path / "a", tmp_path / f"b{bare[0]}"
    first.write_bytes(content)
    second.write_bytes(bare[1])
    np.testing.assert_array_equal(read_photo(first).pixels, read_photo(second).pixels)
    with PILImage.open(second) as image:
        assert image.info["icc_profile"] == profile()


def test_what_has_no_metadata_stays_byte_for_byte() -> None:
    content = coded("PNG")
    assert without_metadata(content) == (".png", content)


def test_other_kinds_are_left_to_the_caller() -> None:
    assert without_metadata(coded("TIFF")) is None


def test_a_file_cut_short_is_refused() -> None:
    with pytest.raises(DecodeError, match="the structure of the file is damaged; get it again"):
        without_metadata(coded("JPEG")[:-40])
