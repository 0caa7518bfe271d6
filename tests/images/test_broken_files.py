"""What cannot be read is refused in one exact sentence, and never with another exception."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.images.corpus import KINDS, encode, png_of, scene, tiff, write

from fgaesq.errors import DecodeError
from fgaesq.images import limits, photo_from_pil, read_photo

SPELLING = {"WEBP": "WebP"}
COPY_AGAIN = "copy it again from the camera or card"


def refusal(path: Path | str, *, limit: int | None = None) -> str:
    """Return the message that reading `path` fails with, without the path."""
    with pytest.raises(DecodeError) as caught:
        read_photo(path, max_long_side_px=limit)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.count("; ") == 1
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.jpg") == "the file does not exist; check the path"
    path = write(tmp_path / "file", b"x") / "a.jpg"
    assert refusal(path) == "a part of the path is a file, not a folder; check the path"


def test_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "it is a folder, not a photo; give the photos in it"


def test_broken_and_circular_links(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.symlink_to(tmp_path / "gone.jpg")
    assert refusal(broken) == ("it is a symbolic link to a file that does not exist; mend the link")
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    assert refusal(loop) == "it is a symbolic link that leads back to itself; mend the link"


def test_link_to_a_photo_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.png"
    link.symlink_to(write(tmp_path / "a.png", encode(scene(16, 16), "PNG")))
    assert read_photo(link).name == str(link)


def test_pipe_socket_and_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    remedy = "save the photo to a file first"
    assert refusal(tmp_path / "pipe.jpg") == f"it is a pipe, not a file; {remedy}"
    assert refusal("/dev/zero") == f"it is a device, not a file; {remedy}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert refusal(tmp_path / "s") == f"it is a socket, not a file; {remedy}"


def test_name_with_a_null_character(tmp_path: Path) -> None:
    with pytest.raises(DecodeError) as caught:
        read_photo("a\0b.jpg")
    assert str(caught.value) == "a\\x00b.jpg: no file can have this name; correct the path"


def test_unreadable_permissions(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", encode(scene(16, 16), "PNG"))
    script = (
        "import os, sys\n"
        "from fgaesq.images import read_photo\n"
        "from fgaesq.errors import DecodeError\n"
        "os.chmod(sys.argv[1], 0)\n"
        "if os.geteuid() == 0:\n"
        "    read_photo(sys.argv[2])  # loads all modules while they may be read\n"
        "    os.chmod(os.path.dirname(sys.argv[1]), 0o755)\n"
        "    os.seteuid(65534)\n"
        "try:\n"
        "    read_photo(sys.argv[1])\n"
        "except DecodeError as error:\n"
        "    print(error)\n"
    )
    other = write(tmp_path / "b.png", encode(scene(16, 16), "PNG"))
    for folder in list(tmp_path.parents)[:2]:
        if os.geteuid() == 0:
            folder.chmod(0o755)
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, str(path), str(other)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == f"{path}: reading it is not permitted; change its permissions\n"


def test_failing_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.png", encode(scene(16, 16), "PNG"))

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("fgaesq.images.decode.check_structure", fail)
    assert refusal(path) == (
        "it cannot be read (Input/output error); check the disk or the connection"
    )


def test_memory_that_runs_out_is_a_failure_of_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.png", encode(scene(16, 16), "PNG"))

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("fgaesq.images.decode.convert", fail)
    assert refusal(path) == "decoding it needs more memory than there is; reduce it first"


def test_empty_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", b"")
    assert refusal(path) == f"the file is empty; {COPY_AGAIN}"


@pytest.mark.parametrize(
    "data", [b"Dear diary,\n", b"B", b"BMW is a car maker, not a picture", b"\0"]
)
def test_text_named_jpg(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "a.jpg", data)
    assert refusal(path) == (
        "it is not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or camera RAW image; "
        "check that it is a photo file"
    )


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\xff\x0a\x00\x00", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_known_kind_that_cannot_be_read_is_named(tmp_path: Path, head: bytes, kind: str) -> None:
    path = write(tmp_path / "a.jpg", head + bytes(64))
    assert refusal(path) == (
        f"it is a {kind} file, which this version cannot read; export it as JPEG or TIFF"
    )


@pytest.mark.parametrize("head", [b"\0\0\0\x14ftypqt  ", b"\0\0\0\x08wide"])
def test_clip_is_named_with_its_remedy(tmp_path: Path, head: bytes) -> None:
    path = write(tmp_path / "a.jpg", head + bytes(64))
    assert refusal(path) == "it is a clip, not a photo; pick a frame of it with 'fgaesq cover'"


@pytest.mark.parametrize(
    ("name", "tag"),
    [("a.NEF", None), ("a.tif", (254, 4, 1, 1)), ("a.tif", (50706, 1, 4, 0x0401))],
)
def test_thumbnail_of_a_raw_file_is_not_taken_for_the_photo(
    tmp_path: Path, name: str, tag: tuple[int, int, int, int] | None
) -> None:
    data = tiff(scene(20, 30), photometric=2, extra=[tag] if tag else [])
    assert refusal(write(tmp_path / name, data)) == (
        "it is no camera RAW that LibRaw knows; convert it to DNG, or export it as JPEG"
    )


@pytest.mark.parametrize("kind", [kind.upper() for kind in KINDS])
@pytest.mark.parametrize("cut", [1, 2, 3, 5, 9, 17, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("reduced", [False, True])
def test_truncated_file(tmp_path: Path, kind: str, cut: float, reduced: bool) -> None:
    data = encode(scene(150, 200), kind)
    kept = len(data) - cut if isinstance(cut, int) else int(len(data) * cut)
    path = write(tmp_path / "a", data[:kept])
    expected = f"the {SPELLING.get(kind, kind)} file is cut short; {COPY_AGAIN}"
    assert refusal(path, limit=25 if reduced else None) == expected


@pytest.mark.parametrize("options", [{"progressive": True}, {"restart_marker_blocks": 4}])
@pytest.mark.parametrize("limit", [None, 100, 50, 25])
def test_jpeg_cut_anywhere_in_its_data(
    tmp_path: Path, options: dict[str, int], limit: int | None
) -> None:
    data = encode(scene(150, 200), "JPEG", **options)
    markers = [i for i in range(len(data) - 1) if data[i] == 0xFF and 0xD0 <= data[i + 1] <= 0xD7]
    cuts = [*markers[::7], *[m + 2 for m in markers[::7]], len(data) - 2, len(data) - 1]
    for cut in [*cuts, *range(700, len(data) - 2, 211)]:
        path = write(tmp_path / "a.jpg", data[:cut])
        assert refusal(path, limit=limit) == f"the JPEG file is cut short; {COPY_AGAIN}"


@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
@pytest.mark.parametrize("as_released", [False, True])
def test_truncated_file_fails_in_released_decoding_too(
    tmp_path: Path, kind: str, as_released: bool
) -> None:
    path = write(tmp_path / "a", encode(scene(50, 60), kind)[:-20])
    with pytest.raises(DecodeError):
        read_photo(path, as_released=as_released)


def test_end_of_compressed_tiff_strip_is_missed(tmp_path: Path) -> None:
    picture = scene(50, 60)
    strip = zlib.compress(picture.tobytes())
    data = tiff(picture, photometric=2, compression=8, data=strip)
    path = write(tmp_path / "a.tif", data)
    assert np.array_equal(read_photo(path).pixels, picture)
    for cut in (1, 4, len(strip) // 2):
        path = write(tmp_path / "a.tif", data[:-cut])
        assert refusal(path) == f"the TIFF file is cut short; {COPY_AGAIN}"


@pytest.mark.parametrize(
    "extra",
    [
        [(274, 3, 2, 0x00060006)],  # two orientations
        [(60000 + index, 1, 9000, 8) for index in range(3)],  # more data than the file has
    ],
)
def test_tiff_directory_that_pillow_would_warn_about(
    tmp_path: Path, extra: list[tuple[int, int, int, int]]
) -> None:
    path = write(tmp_path / "a.tif", tiff(scene(50, 60), photometric=2, extra=extra))
    assert refusal(path) == f"the TIFF data are damaged; {COPY_AGAIN}"


@pytest.mark.parametrize("colours", [None, 16])
def test_bmp_whose_row_padding_is_cut(tmp_path: Path, colours: int | None) -> None:
    image = PILImage.fromarray(scene(50, 61))
    data = encode(image.quantize(colours) if colours else image, "BMP")
    path = write(tmp_path / "a.bmp", data[:-1])
    assert refusal(path) == f"the BMP file is cut short; {COPY_AGAIN}"


def test_checksum_of_png_pixels_is_verified(tmp_path: Path) -> None:
    data = bytearray(encode(scene(50, 60), "PNG"))
    data[-13] ^= 1  # the last byte of the checksum before IEND
    path = write(tmp_path / "a.png", bytes(data))
    assert refusal(path) == f"the PNG data are damaged; {COPY_AGAIN}"


def test_flipped_bit_in_png_pixels_is_noticed(tmp_path: Path) -> None:
    data = bytearray(encode(scene(50, 60), "PNG"))
    data[len(data) // 2] ^= 4
    path = write(tmp_path / "a.png", bytes(data))
    assert refusal(path) == f"the PNG data are damaged; {COPY_AGAIN}"


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_image_smaller_than_a_patch(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path / "a.png", encode(PILImage.new("RGB", size), "PNG"))
    assert refusal(path) == (
        f"it is {size[0]}x{size[1]} px, smaller than one 16 px patch; use the original photo"
    )


def test_strip_that_would_be_reduced_below_a_patch(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", encode(PILImage.new("RGB", (2000, 20)), "PNG"))
    assert read_photo(path).pixels.shape == (20, 2000, 3)
    assert refusal(path, limit=1000) == (
        "it is 2000x20 px, so reduced to 1000 px its short side would be smaller than one 16 px "
        "patch; crop it"
    )


def bomb(kind: str) -> bytes:
    """Return a tiny file whose header declares 30,000 x 30,000 pixels."""
    if kind == "PNG":
        head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
        return png_of([(b"IHDR", head), (b"IDAT", bytes(9)), (b"IEND", b"")])
    data = bytearray(encode(scene(16, 16), kind))
    if kind == "JPEG":
        start = data.index(b"\xff\xc0") + 5
        data[start : start + 4] = struct.pack(">HH", 30000, 30000)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", 30000, 30000)
    elif kind == "BMP":
        data[18:26] = struct.pack("<ii", 30000, 30000)
    elif kind == "WebP":
        chunk = b"VP8X" + struct.pack("<II", 10, 0) + b"\x2f\x75\0" * 2
        data[12:12] = chunk
        data[4:8] = struct.pack("<I", len(data) - 8)
    return bytes(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WebP"])
@pytest.mark.parametrize("limit", [None, 64])
def test_image_of_too_many_pixels(tmp_path: Path, kind: str, limit: int | None) -> None:
    path = write(tmp_path / "a", bomb(kind))
    assert path.stat().st_size < 2000
    assert refusal(path, limit=limit) == (
        "it declares 30000x30000 px, over the limit of 500,000,000 pixels; reduce it first"
    )


def test_tiff_of_too_many_pixels(tmp_path: Path) -> None:
    data = tiff(np.zeros((16, 16, 3), dtype=np.uint8), photometric=2)
    data = data.replace(struct.pack("<HHII", 256, 4, 1, 16), struct.pack("<HHII", 256, 4, 1, 40000))
    data = data.replace(struct.pack("<HHII", 257, 4, 1, 16), struct.pack("<HHII", 257, 4, 1, 40000))
    assert "over the limit of 500,000,000 pixels" in refusal(write(tmp_path / "a.tif", data))


def test_gif_frame_far_beyond_its_screen(tmp_path: Path) -> None:
    data = bytearray(encode(scene(16, 16), "GIF"))
    start = data.index(b",\0\0\0\0\x10\0\x10\0")
    data[start + 5 : start + 9] = struct.pack("<HH", 60000, 60000)
    path = write(tmp_path / "a.gif", bytes(data))
    assert refusal(path) == f"the GIF data are damaged; {COPY_AGAIN}"


def test_pixel_limit_counts_for_pil_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PIXELS", 400)
    with pytest.raises(DecodeError) as caught:
        photo_from_pil(PILImage.new("RGB", (21, 20)), name="image-1")
    assert str(caught.value) == (
        "image-1: it declares 21x20 px, over the limit of 400 pixels; reduce it first"
    )


def test_invalid_animation_header_is_no_warning(tmp_path: Path) -> None:
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"acTL", bytes(8)), (b"IDAT", b"x"), (b"IEND", b"")]
    path = write(tmp_path / "a.png", png_of(chunks))
    assert refusal(path) == f"the PNG data are damaged; {COPY_AGAIN}"


def test_variant_that_pillow_cannot_read(tmp_path: Path) -> None:
    data = tiff(np.zeros((16, 16, 3), dtype="<f4"), photometric=2, sample_format=3)
    path = write(tmp_path / "a.tif", data)
    assert refusal(path) == "this variant of TIFF cannot be read; export it again as 8-bit TIFF"
