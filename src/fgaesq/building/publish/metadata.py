"""Photo files without what they say of people and places; every pixel stays as it was coded.

EXIF (with GPS, serial numbers, names), XMP, IPTC, comments, thumbnails and whatever follows the
picture (clips, depth maps) go; the orientation, the colour profile and what decoding needs stay.
JPEG segments as in ITU-T T.81, annex B; PNG chunks as in ISO/IEC 15948; WebP chunks as in RFC 9649.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fgaesq.errors import DecodeError
from fgaesq.images.orientation import exif_orientation

__all__ = ["STRIPPED_SUFFIXES", "without_metadata"]

STRIPPED_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WebP": ".webp"}
"""The kinds of files that metadata can be taken from, and how their names end."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP"),
    *(b"sBIT", b"bKGD", b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT"),
}
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_JFIF, _JFIF_START = 0xE0, b"\xff\xe0\x00\x10JFIF\0"  # of 16 bytes, without a thumbnail
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE
_NO_LENGTH = {0x01, *range(0xD0, 0xD9)}  # TEM, RST0 to RST7, SOI


def without_metadata(content: bytes) -> tuple[str, bytes] | None:
    """Return the ending for the name and the bytes of a file without metadata.

    Args:
        content: of a photo file.

    Returns:
        None if it is none of JPEG, PNG and WebP.

    Raises:
        DecodeError: its structure is damaged; the message lacks the path.
    """
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return STRIPPED_SUFFIXES["JPEG"], _jpeg(content)
        if content.startswith(_PNG):
            return STRIPPED_SUFFIXES["PNG"], _png(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return STRIPPED_SUFFIXES["WebP"], _webp(content)
    except (struct.error, IndexError, ValueError) as error:
        raise DecodeError("the structure of the file is damaged; get it again") from error
    return None


def _jpeg(content: bytes) -> bytes:
    kept, orientation = [b"\xff\xd8"], 1
    for marker, segment in _segments(content):
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            orientation = exif_orientation(segment[4:])
        if _is_needed(marker, segment):
            kept.append(_JFIF_START + segment[9:16] + b"\0\0" if marker == _JFIF else segment)
    if orientation != 1:
        exif = b"Exif\0\0" + _exif(orientation)
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join(kept) + b"\xff\xd9"


def _is_needed(marker: int, segment: bytes) -> bool:
    """Tell whether decoding needs a segment: of the applications' JFIF, the profile, Adobe's."""
    if marker == _COMMENT:
        return False
    names = {_JFIF: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
    return marker not in _APPLICATION or (marker in names and segment[4:].startswith(names[marker]))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the segments between start and end of the picture, scans with their coded data."""
    place = 2
    while True:
        if content[place] != 0xFF:
            raise ValueError(place)
        while content[place + 1] == 0xFF:  # fill bytes
            place += 1
        marker = content[place + 1]
        if marker == _EOI:
            return
        if marker in _NO_LENGTH:
            end = place + 2
        else:
            (length,) = struct.unpack_from(">H", content, place + 2)
            end = place + 2 + length
        if marker == _SOS:
            end = _end_of_scan(content, end)
        yield marker, content[place:end]
        place = end


def _end_of_scan(content: bytes, place: int) -> int:
    """Return where the next marker is that is no restart and no stuffed byte."""
    while True:
        place = content.index(b"\xff", place)
        following = content[place + 1]
        if following != 0 and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return place
        place += 1 if following == 0xFF else 2


def _png(content: bytes) -> bytes:
    kept, orientation, place = [_PNG], 1, len(_PNG)
    while place < len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if end > len(content):
            raise ValueError(kind)
        if kind == b"eXIf":
            orientation = exif_orientation(content[place + 8 : end - 4])
        if kind in _PNG_KEPT:
            kept.append(content[place:end])
        place = end
        if kind == b"IEND":
            break
    if orientation != 1:
        import zlib

        body = b"eXIf" + _exif(orientation)
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        kept.insert(2, chunk)
    return b"".join(kept)


def _webp(content: bytes) -> bytes:
    kept, orientation, place = [], 1, 12
    end_of_file = min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while place < end_of_file:
        kind, length = struct.unpack_from("<4sI", content, place)
        end = place + 8 + length + length % 2
        body = content[place + 8 : place + 8 + length]
        if len(body) != length:
            raise ValueError(kind)
        if kind == b"EXIF":
            orientation = exif_orientation(body)
        if kind in _WEBP_KEPT:
            kept.append((kind, body))
        place = end
    exif = _exif(orientation) if orientation != 1 else b""
    if kept and kept[0][0] == b"VP8X":
        flags = kept[0][1][0] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
        kept[0] = b"VP8X", bytes([flags]) + kept[0][1][1:]
    if exif:
        kept.append((b"EXIF", exif))
    chunks = b"".join(
        kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for kind, body in kept
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _exif(orientation: int) -> bytes:
    """Return EXIF data that state an orientation and nothing else."""
    tag, short = 0x0112, 3
    entry = struct.pack("<HHIHH", tag, short, 1, orientation, 0)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
