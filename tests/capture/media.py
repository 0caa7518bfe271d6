"""Containers of cameras and phones for the tests, written by hand after their formats."""

from __future__ import annotations

import struct

from tests.tiff_writer import (
    ASCII,
    LONG,
    RATIONAL,
    SHORT,
    SIGNED,
    UNDEFINED,
    Directory,
    directory_bytes,
    tiff_bytes,
)

JPEG_HEAD = b"\xff\xd8"
LIVE_ID = "5F6A9C2E-0B1D-4E7F-8A90-1234567890AB"


def exif_directory(
    time: str | None = "2023:05:01 12:34:56",
    *,
    fraction: str | None = None,
    zone: str | None = None,
    note: bytes | None = None,
    **more: int,
) -> Directory:
    """Return the directory of an exposure: 1/250 s, f/2.8, ISO 200, 35 mm, -2/3 EV."""
    entries: dict[int, tuple[int, object]] = {
        0x829A: (RATIONAL, 0.004),
        0x829D: (RATIONAL, 2.8),
        0x8827: (SHORT, 200),
        0x920A: (RATIONAL, 35),
        0x9204: (SIGNED, -0.5),
    }
    if time is not None:
        entries[0x9003] = (ASCII, time)
    if fraction is not None:
        entries[0x9291] = (ASCII, fraction)
    if zone is not None:
        entries[0x9011] = (ASCII, zone)
    if note is not None:
        entries[0x927C] = (UNDEFINED, note)
    if "mode" in more:
        entries[0xA402] = (SHORT, more["mode"])
    return Directory(entries)  # type: ignore[arg-type]


def first_directory(
    exif: Directory | None, *, make: str = "Kamera", model: str = "Eins", orientation: int = 1
) -> Directory:
    directory = Directory({271: (ASCII, make), 272: (ASCII, model), 274: (SHORT, orientation)})
    if exif is not None:
        directory.entries[34665] = (LONG, exif)
    return directory


def exif_block(exif: Directory | None, *, order: str = "<", **more: object) -> bytes:
    return tiff_bytes(first_directory(exif, **more), order=order)  # type: ignore[arg-type]


def jpeg(exif: bytes = b"", *, xmp: bytes = b"", size: tuple[int, int] = (640, 480)) -> bytes:
    """Return the headers of a JPEG file, without any pixels."""
    data = JPEG_HEAD
    if exif:
        data += b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
    if xmp:
        body = b"http://ns.adobe.com/xap/1.0/\0" + xmp
        data += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    data += b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, size[1], size[0], 3) + bytes(9)
    return data + b"\xff\xda\0\x02" + bytes(16) + b"\xff\xd9"


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def ftyp(brand: bytes) -> bytes:
    return box(b"ftyp", brand, bytes(4), b"mif1", brand)


def apple_note(*, burst: str = "", live_id: str = "") -> bytes:
    """Return Apple's maker note: `Apple iOS`, a version, `MM`, a directory at 14."""
    entries = {}
    if burst:
        entries[0x000B] = (ASCII, burst)
    if live_id:
        entries[0x0011] = (ASCII, live_id)
    directory = Directory(entries)  # type: ignore[arg-type]
    return b"Apple iOS\0\0\x01MM" + directory_bytes(directory, order=">", position=14)


def heic(exif: bytes, *, xmp: bytes = b"", size: tuple[int, int] = (4032, 3024)) -> bytes:
    """Return a HEIC file without pixels: EXIF and XMP items, a primary image turned by 270."""
    payload = struct.pack(">I", 6) + b"Exif\0\0" + exif

    def built(start: int) -> bytes:
        items = [(1, b"hvc1", b""), (2, b"Exif", b""), (3, b"mime", b"application/rdf+xml\0")]
        iinf = box(
            b"iinf",
            struct.pack(">IH", 0, len(items)),
            *[
                box(b"infe", b"\2\0\0\0", struct.pack(">HH", number, 0), type_, b"\0", extra)
                for number, type_, extra in items
            ],
        )
        iloc = box(
            b"iloc",
            b"\1\0\0\0\x44\0",
            struct.pack(">H", 2),
            struct.pack(">HHHHII", 2, 0, 0, 1, start, len(payload)),
            struct.pack(">HHHHII", 3, 0, 0, 1, start + len(payload), len(xmp)),
        )
        ispe = box(b"ispe", bytes(4), struct.pack(">II", *size))
        ipma = box(b"ipma", bytes(4), struct.pack(">IHB", 1, 1, 2), b"\x01\x82")
        iprp = box(b"iprp", box(b"ipco", ispe, box(b"irot", b"\3")), ipma)
        pitm = box(b"pitm", bytes(4), struct.pack(">H", 1))
        return ftyp(b"heic") + box(b"meta", bytes(4), pitm, iinf, iloc, iprp)

    head = built(0)
    return built(len(head) + 8) + box(b"mdat", payload, xmp)


def mvhd(seconds_since_1904: int, *, version: int = 0) -> bytes:
    times = struct.pack(">QQ" if version else ">II", seconds_since_1904, seconds_since_1904)
    return box(b"mvhd", bytes([version, 0, 0, 0]), times, bytes(80))


def quicktime_keys(values: dict[str, str]) -> bytes:
    names = [box(b"mdta", b"com.apple.quicktime." + name.encode()) for name in values]
    items = [
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0), value.encode()))
        for number, value in enumerate(values.values(), 1)
    ]
    keys = box(b"keys", bytes(4), struct.pack(">I", len(names)), *names)
    return box(b"meta", box(b"hdlr", bytes(24)), keys, box(b"ilst", *items))


def movie(*parts: bytes, brand: bytes = b"qt  ") -> bytes:
    """Return a clip without any frames."""
    return box(b"ftyp", brand, bytes(4)) + box(b"mdat", bytes(64)) + box(b"moov", *parts)


def motion_xmp(length: int) -> bytes:
    """Return what Android's Motion Photos of format 1.0 say of a clip of `length` bytes."""
    return (
        b'<x:xmpmeta><rdf:Description GCamera:MotionPhoto="1" GCamera:MotionPhotoVersion="1">'
        b'<Container:Directory><rdf:Seq><rdf:li><Container:Item Item:Mime="image/jpeg" '
        b'Item:Semantic="Primary" Item:Length="0" Item:Padding="0"/></rdf:li><rdf:li>'
        b'<Container:Item Item:Mime="video/mp4" Item:Semantic="MotionPhoto" Item:Length="'
        + str(length).encode()
        + b'" Item:Padding="0"/></rdf:li></rdf:Seq></Container:Directory>'
        b"</rdf:Description></x:xmpmeta>"
    )


def samsung_trailer(clip: bytes) -> bytes:
    """Return a clip in the trailer that Samsung's phones write after the JPEG."""
    name = b"MotionPhoto_Data"
    entry = struct.pack("<HHI", 0, 0x0A30, len(name)) + name + clip
    directory = b"SEFH" + struct.pack("<IIHHII", 106, 1, 0, 0x0A30, len(entry), len(entry))
    return entry + directory + struct.pack("<I", len(directory)) + b"SEFT"
