"""What files of many makers' conventions say of their capture."""

from __future__ import annotations

import io
import os
import struct
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image as PILImage
from tests.capture.media import (
    LIVE_ID,
    apple_note,
    box,
    exif_block,
    exif_directory,
    first_directory,
    heic,
    jpeg,
    movie,
    mvhd,
    quicktime_keys,
)
from tests.images.corpus import scene, write
from tests.tiff_writer import (
    ASCII,
    BYTE,
    LONG,
    SHORT,
    Directory,
    directory_bytes,
    dng_bytes,
    mosaic_of,
    tiff_bytes,
)

from fgaesq.capture.libraw import ask_libraw
from fgaesq.capture.metadata import Metadata
from fgaesq.capture.reading import read_capture
from fgaesq.capture.records import Capture
from fgaesq.errors import DecodeError

TAKEN = datetime(2023, 5, 1, 12, 34, 56)  # noqa: DTZ001 - as the camera's clock showed it
BLOCK = exif_block(exif_directory(), make="Kamera", model="Eins")
SUMMER = timezone(timedelta(hours=2))


def capture_of(path: Path, data: bytes) -> Capture:
    return read_capture(write(path, data))


def cr3(exif: Directory, note: Directory) -> bytes:
    parts = [
        box(b"CMT1", tiff_bytes(first_directory(None, make="Canon", model="R5", orientation=6))),
        box(b"CMT2", tiff_bytes(exif)),
        box(b"CMT3", tiff_bytes(note)),
    ]
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    moov = box(b"moov", box(b"uuid", uuid, *parts))
    return box(b"ftyp", b"crx ", bytes(4), b"crx isom") + moov + box(b"mdat", bytes(100))


def raf(embedded: bytes) -> bytes:
    head = b"FUJIFILMCCD-RAW 0201FF383501".ljust(84, b"\0")
    return head + struct.pack(">II", 148, len(embedded)) + bytes(56) + embedded + bytes(500)


def mrw(block: bytes) -> bytes:
    inside = b"\0PRD" + struct.pack(">I", 8) + bytes(8) + b"\0TTW" + struct.pack(">I", len(block))
    inside += block
    return b"\0MRM" + struct.pack(">I", len(inside)) + inside + bytes(200)


def saved(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    PILImage.fromarray(scene(48, 64)).save(stream, kind, **options)
    return stream.getvalue()


def saved_heic() -> bytes:
    stream = io.BytesIO()
    image = pillow_heif.from_pillow(PILImage.fromarray(scene(48, 64)))
    image.save(stream, exif=b"Exif\0\0" + BLOCK)
    return stream.getvalue()


FILES = {
    "a.jpg": jpeg(BLOCK),
    "a.png": saved("PNG", exif=BLOCK),
    "a.webp": saved("WebP", exif=BLOCK),
    "b.jpg": saved("JPEG", exif=b"Exif\0\0" + BLOCK),
    "a.heic": heic(BLOCK),
    "b.heic": saved_heic(),
    "a.dng": dng_bytes(mosaic_of(scene(48, 64)), exif=exif_directory(), model="Eins"),
    "a.nef": exif_block(exif_directory(), order=">", model="Eins"),
    "a.rw2": tiff_bytes(first_directory(exif_directory()), magic=b"IIU\0", start=24),
    "a.orf": tiff_bytes(first_directory(exif_directory()), magic=b"IIRO"),
    "a.raf": raf(jpeg(BLOCK)),
    "a.mrw": mrw(BLOCK),
    "a.tif": tiff_bytes(first_directory(exif_directory())),
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_tells_time_camera_and_exposure(tmp_path: Path, name: str) -> None:
    capture = capture_of(tmp_path / name, FILES[name])
    assert (capture.taken, capture.time_source) == (TAKEN, "exif")
    assert (capture.make, capture.model) == ("Kamera", "Eins")
    assert capture.exposure_s == pytest.approx(0.004)
    assert capture.aperture == pytest.approx(2.8)
    assert (capture.iso, capture.focal_mm, capture.bias_ev) == (200, 35, -0.5)
    assert not capture.auto_bracket


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(tmp_path: Path, order: str) -> None:
    data = jpeg(exif_block(exif_directory(fraction="25"), order=order))
    assert capture_of(tmp_path / "a.jpg", data).taken == TAKEN.replace(microsecond=250_000)


@pytest.mark.parametrize(
    ("fraction", "micros"),
    [("7", 700_000), ("07", 70_000), ("123456", 123_456), ("1234567", 123_456), ("  ", 0)],
)
def test_fraction_of_a_second(tmp_path: Path, fraction: str, micros: int) -> None:
    data = jpeg(exif_block(exif_directory(fraction=fraction)))
    assert capture_of(tmp_path / "a.jpg", data).taken == TAKEN.replace(microsecond=micros)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("+02:00", 2), ("-05:30", -5.5), ("Z", 0), ("   :  ", None), ("+99:00", None)],
)
def test_time_zone(tmp_path: Path, zone: str, hours: float | None) -> None:
    taken = capture_of(tmp_path / "a.jpg", jpeg(exif_block(exif_directory(zone=zone)))).taken
    assert taken is not None
    expected = None if hours is None else timedelta(hours=hours)
    assert taken.utcoffset() == expected


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "",
        "1899:12:30 00:00:00",
        "2023:13:01 00:00:00",
    ],
)
def test_clock_that_was_not_set_gives_the_date_of_the_file(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "a.jpg", jpeg(exif_block(exif_directory(text))))
    os.utime(path, (1_600_000_000, 1_600_000_000))
    capture = read_capture(path)
    assert capture.taken == datetime.fromtimestamp(1_600_000_000, tz=UTC)
    assert capture.time_source == "file"


def test_time_of_digitising_stands_in_for_that_of_taking(tmp_path: Path) -> None:
    exif = exif_directory(None)
    exif.entries[0x9004] = (ASCII, "2023:05:01 12:34:56")
    assert capture_of(tmp_path / "a.jpg", jpeg(exif_block(exif))).taken == TAKEN


def test_fraction_and_zone_of_an_equal_time_are_taken(tmp_path: Path) -> None:
    exif = exif_directory()
    exif.entries[0x9290], exif.entries[0x9010] = (ASCII, "25"), (ASCII, "+02:00")
    first = first_directory(exif)
    for text, expected in [
        ("2023:05:01 12:34:56", TAKEN.replace(microsecond=250_000, tzinfo=SUMMER)),
        ("2024:01:01 00:00:00", TAKEN),
    ]:
        first.entries[0x0132] = (ASCII, text)
        assert capture_of(tmp_path / "a.jpg", jpeg(tiff_bytes(first))).taken == expected


def test_time_in_xmp_where_there_is_no_exif(tmp_path: Path) -> None:
    xmp = b'<rdf:Description photoshop:DateCreated="2023-05-01T12:34:56.5+02:00"/>'
    capture = capture_of(tmp_path / "a.jpg", jpeg(xmp=xmp))
    assert capture.taken == TAKEN.replace(microsecond=500_000, tzinfo=SUMMER)
    assert capture.time_source == "xmp"


@pytest.mark.parametrize(("orientation", "size"), [(1, (640, 480)), (6, (480, 640))])
def test_size_is_that_of_the_upright_image(
    tmp_path: Path, orientation: int, size: tuple[int, int]
) -> None:
    data = jpeg(exif_block(exif_directory(), orientation=orientation))
    capture = capture_of(tmp_path / "a.jpg", data)
    assert (capture.width, capture.height) == size


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("a.png", (64, 48)),
        ("a.webp", (64, 48)),
        ("a.dng", (64, 48)),
        ("a.heic", (3024, 4032)),
        ("b.heic", (64, 48)),
        ("a.raf", (640, 480)),
    ],
)
def test_size_of_other_kinds(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    capture = capture_of(tmp_path / name, FILES[name])
    assert (capture.width, capture.height) == size


@pytest.mark.parametrize("lossless", [True, False])
def test_size_of_plain_webp(tmp_path: Path, lossless: bool) -> None:
    capture = capture_of(tmp_path / "a.webp", saved("WebP", lossless=lossless))
    assert (capture.width, capture.height) == (64, 48)


def test_turn_in_heic_counts_and_not_that_in_its_exif(tmp_path: Path) -> None:
    data = heic(exif_block(exif_directory(), orientation=3))
    capture = capture_of(tmp_path / "a.heic", data)
    assert (capture.width, capture.height) == (3024, 4032)


def test_apple_burst_and_live_photo(tmp_path: Path) -> None:
    note = apple_note(burst="BURST-1", live_id=LIVE_ID)
    block = exif_block(exif_directory(note=note), order=">", make="Apple", model="iPhone")
    for name, data in (("a.jpg", jpeg(block)), ("a.heic", heic(block))):
        capture = capture_of(tmp_path / name, data)
        assert (capture.burst, capture.live_id) == ("BURST-1", LIVE_ID)


@pytest.mark.parametrize(
    "xmp",
    [
        b'<rdf:Description GCamera:BurstID="abc-1"/>',
        b"<rdf:Description><GCamera:BurstID>abc-1</GCamera:BurstID></rdf:Description>",
    ],
)
def test_burst_in_xmp(tmp_path: Path, xmp: bytes) -> None:
    assert capture_of(tmp_path / "a.jpg", jpeg(BLOCK, xmp=xmp)).burst == "abc-1"


@pytest.mark.parametrize(
    ("name", "burst"),
    [
        ("00000IMG_00000_BURST20190714120000123_COVER.jpg", "20190714120000123"),
        ("IMG_20190714_120000_BURST012.jpg", "IMG_20190714_120000"),
        ("Sunburst_001.jpg", ""),
        ("BURST.jpg", ""),
    ],
)
def test_burst_in_the_name_of_a_file(tmp_path: Path, name: str, burst: str) -> None:
    assert capture_of(tmp_path / name, jpeg(BLOCK)).burst == burst


def test_bracket_by_exposure_mode(tmp_path: Path) -> None:
    assert capture_of(tmp_path / "a.jpg", jpeg(exif_block(exif_directory(mode=2)))).auto_bracket


def in_block(entries: dict[int, tuple[int, object]]) -> Directory:
    return Directory(entries)  # type: ignore[arg-type]


def nikon_note(mode: int) -> bytes:
    return b"Nikon\0\x02\x10\0\0" + tiff_bytes(in_block({0x0089: (SHORT, mode)}), order=">")


def panasonic_note(mode: int, number: int) -> bytes:
    directory = in_block({0x002A: (SHORT, mode), 0x002B: (LONG, number)})
    return b"Panasonic\0\0\0" + directory_bytes(directory)


def fujifilm_note(bracketing: int, number: int) -> bytes:
    directory = in_block({0x1100: (SHORT, bracketing), 0x1101: (SHORT, number)})
    return b"FUJIFILM\x0c\0\0\0" + directory_bytes(directory, position=12)


def olympus_note(mode: int, shot: int, bits: int = 0) -> bytes:
    settings = in_block({0x0600: (SHORT, [mode, shot, bits])})
    first = in_block({0x2020: (LONG, settings)})
    return b"OLYMPUS\0II\x03\0" + directory_bytes(first, position=12)


@pytest.mark.parametrize(
    ("make", "note", "bracket", "sequence"),
    [
        ("NIKON CORPORATION", nikon_note(16), True, None),
        ("NIKON CORPORATION", nikon_note(1), False, None),
        ("Panasonic", panasonic_note(2, 3), False, 3),
        ("Panasonic", panasonic_note(1, 7), False, 7),
        ("FUJIFILM", fujifilm_note(1, 2), True, 2),
        ("FUJIFILM", fujifilm_note(0, 0), False, None),
        ("OLYMPUS CORPORATION", olympus_note(2, 3), True, 3),
        ("OLYMPUS CORPORATION", olympus_note(1, 12), False, 12),
        ("OM Digital Solutions", olympus_note(5, 2, bits=1), True, 2),
        ("Unknown", b"whatever this is", False, None),
    ],
)
def test_maker_notes_tell_brackets_from_bursts(
    tmp_path: Path, make: str, note: bytes, bracket: bool, sequence: int | None
) -> None:
    block = exif_block(exif_directory(note=note), make=make)
    capture = capture_of(tmp_path / "a.jpg", jpeg(block))
    assert (capture.auto_bracket, capture.sequence) == (bracket, sequence)


@pytest.mark.parametrize(
    ("make", "note"),
    [("Panasonic", panasonic_note(3, 4)), ("OLYMPUS CORPORATION", olympus_note(5, 4, bits=64))],
)
def test_maker_notes_tell_focus_stacks(tmp_path: Path, make: str, note: bytes) -> None:
    capture = capture_of(tmp_path / "a.jpg", jpeg(exif_block(exif_directory(note=note), make=make)))
    assert (capture.focus_bracket, capture.auto_bracket, capture.sequence) == (True, False, 4)


def moved_note(make: str, directory: Directory) -> bytes:
    """Return EXIF data whose maker note is a directory with offsets of the whole block."""
    size = len(directory_bytes(directory))
    block = exif_block(exif_directory(note=b"\xab" * size), make=make)
    place = block.index(b"\xab" * size)
    return block.replace(b"\xab" * size, directory_bytes(directory, position=place))


def test_canon_note(tmp_path: Path) -> None:
    file = [0] * 22
    file[3], file[5], file[20], file[21] = 1, 2, 220, 180
    data = jpeg(moved_note("Canon", in_block({0x0093: (SHORT, file)})))
    capture = capture_of(tmp_path / "a.jpg", data)
    assert capture.auto_bracket
    assert capture.sequence == 2
    assert capture.focus_m == pytest.approx(2.0)


def test_focus_stack_of_canon(tmp_path: Path) -> None:
    file = [0] * 22
    file[3], file[5] = 2, 7
    capture = capture_of(
        tmp_path / "a.jpg", jpeg(moved_note("Canon", in_block({0x0093: (SHORT, file)})))
    )
    assert (capture.focus_bracket, capture.auto_bracket, capture.sequence) == (True, False, 7)


def test_sony_note(tmp_path: Path) -> None:
    data = jpeg(moved_note("SONY", in_block({0xB049: (SHORT, 2), 0xB04A: (LONG, 5)})))
    capture = capture_of(tmp_path / "a.jpg", data)
    assert (capture.auto_bracket, capture.sequence) == (False, 5)


def test_cr3_has_its_parts_in_boxes(tmp_path: Path) -> None:
    shot = [0] * 30
    shot[9], shot[19], shot[20] = 4, 65535, 500
    exif = exif_directory(fraction="42", zone="+02:00")
    exif.entries[0xA002], exif.entries[0xA003] = (SHORT, 8192), (SHORT, 5464)
    capture = capture_of(tmp_path / "a.CR3", cr3(exif, in_block({0x0004: (SHORT, shot)})))
    assert capture.taken == TAKEN.replace(microsecond=420_000, tzinfo=SUMMER)
    assert (capture.make, capture.model, capture.sequence) == ("Canon", "R5", 4)
    assert (capture.width, capture.height) == (5464, 8192)
    assert capture.focus_m == pytest.approx(5.0)


def test_raw_file_of_another_structure_is_left_to_libraw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.dng", FILES["a.dng"])
    facts = ask_libraw(path)
    assert facts is not None
    assert (facts.taken, facts.iso, facts.size) == (TAKEN, 200, (64, 48))
    monkeypatch.setattr("fgaesq.capture.reading.read_metadata", lambda *_: Metadata())
    capture = read_capture(path)
    assert (capture.taken, capture.time_source, capture.width) == (TAKEN, "exif", 64)
    monkeypatch.setitem(sys.modules, "rawpy", None)
    assert read_capture(path).time_source == "file"


def test_clip_of_a_phone_tells_its_own_time_with_zone(tmp_path: Path) -> None:
    keys = {
        "creationdate": "2023-05-01T12:34:56+0200",
        "content.identifier": LIVE_ID,
        "make": "Apple",
        "model": "iPhone 14",
    }
    capture = capture_of(tmp_path / "a.mov", movie(mvhd(0), quicktime_keys(keys)))
    assert capture.taken == TAKEN.replace(tzinfo=SUMMER)
    assert capture.time_source == "container"
    assert (capture.make, capture.model, capture.live_id) == ("Apple", "iPhone 14", LIVE_ID)


@pytest.mark.parametrize("version", [0, 1])
def test_clip_with_nothing_but_a_header(tmp_path: Path, version: int) -> None:
    seconds = int((TAKEN - datetime(1904, 1, 1)).total_seconds())  # noqa: DTZ001 - both alike
    data = movie(mvhd(seconds, version=version), brand=b"isom")
    assert capture_of(tmp_path / "a.mp4", data).taken == TAKEN.replace(tzinfo=UTC)


def test_clip_of_a_clock_that_was_not_set(tmp_path: Path) -> None:
    assert capture_of(tmp_path / "a.mp4", movie(mvhd(0))).time_source == "file"


@pytest.mark.parametrize(
    "data",
    [b"Dear diary,\n" * 20, b"\xff\xd8", b"\xff\xd8\xff\xe1", b"II*\0", b"MM\0*\xff\xff\xff\xff"]
    + [b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypheic", b"FUJIFILMCCD-RAW"]
    + [b"\0\0\0\x14ftypqt  \0\0\0\0\0\0\0\0\0\0\0\0moov", b"\0MRM"],
)
def test_file_that_says_nothing_has_its_own_date(tmp_path: Path, data: bytes) -> None:
    capture = capture_of(tmp_path / "a.cr2", data)
    assert capture.time_source == "file"
    assert capture.make == ""


def test_missing_and_empty_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match=r"a\.jpg: the file does not exist; check the path$"):
        read_capture(tmp_path / "a.jpg")
    with pytest.raises(DecodeError, match=r"b\.jpg: the file is empty; copy it again"):
        read_capture(write(tmp_path / "b.jpg", b""))


@pytest.mark.parametrize("name", FILES)
def test_damaged_and_cut_headers_never_raise(tmp_path: Path, name: str) -> None:
    data = FILES[name]
    rng = np.random.default_rng(0)
    for number in range(80):
        broken = bytearray(data[: rng.integers(1, len(data) + 1)] if number % 2 else data)
        for place in rng.integers(0, len(broken), 8):
            broken[place] = rng.integers(0, 256)
        assert read_capture(write(tmp_path / name, bytes(broken))).taken is not None


def test_entry_of_bytes_is_no_number(tmp_path: Path) -> None:
    exif = exif_directory()
    exif.entries[0x829A] = (BYTE, b"")
    assert capture_of(tmp_path / "a.jpg", jpeg(exif_block(exif))).exposure_s is None
