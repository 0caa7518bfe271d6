"""Which kinds of photo files there are: recognised by content, and by extension in folders."""

from __future__ import annotations

from typing import Literal, TypeAlias

from fgaesq.images.faults import Fault

__all__ = [
    "HEAD_BYTES",
    "HEIC_EXTENSIONS",
    "RAW_EXTENSIONS",
    "READABLE_EXTENSIONS",
    "UNREADABLE_EXTENSIONS",
    "Kind",
    "recognise",
    "unreadable",
]

Kind: TypeAlias = Literal["JPEG", "PNG", "WebP", "TIFF", "BMP", "GIF", "HEIC", "camera RAW"]

HEAD_BYTES = 32
"""Of a file: what tells its kind."""

HEIC_EXTENSIONS = frozenset((".heic", ".heif", ".hif", ".heics", ".heifs"))
"""Lower-case extensions of HEIC files, which need the extra `heif`."""

RAW_EXTENSIONS = frozenset(
    (".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq")
    + (".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".ori", ".pef", ".raf")
    + (".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f")
)
"""Lower-case extensions of camera RAW files, which need the extra `raw`."""

READABLE_EXTENSIONS = (
    frozenset((".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff"))
    | frozenset((".bmp", ".dib", ".gif"))
    | HEIC_EXTENSIONS
    | RAW_EXTENSIONS
)
"""Lower-case extensions of the files that are taken from folders."""

UNREADABLE_EXTENSIONS = {
    ".avif": "AVIF",
    ".jxl": "JPEG XL",
    **dict.fromkeys((".jp2", ".j2k", ".jpx"), "JPEG 2000"),
}
"""Lower-case extension -> name, for the kinds of photo that this version cannot read."""

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)

_HEIC_BRANDS = tuple(
    b"ftyp" + brand
    for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
)
_HEIF_BRANDS = b"ftypmif1", b"ftypmsf1"
"""Brands of HEIC and of AVIF files alike; the further brands tell which it is."""

_RAW_MAGIC: tuple[tuple[int, bytes], ...] = (
    (4, b"ftypcrx "),
    (0, b"IIRO"),
    (0, b"IIRS"),
    (0, b"MMOR"),
    (0, b"IIU\0"),
    (0, b"II\x1a\0\0\0HEAPCCDR"),
    (0, b"FUJIFILMCCD-RAW"),
    (0, b"FOVb"),
    (0, b"\0MRM"),
)

_VIDEO = "MP4 or MOV"

_UNREADABLE_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypmif1", "AVIF"),
    (4, b"ftypmsf1", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyp", _VIDEO),
    (4, b"moov", _VIDEO),
    (4, b"mdat", _VIDEO),
    (4, b"wide", _VIDEO),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
)


def unreadable(kind: str) -> Fault:
    """Return the fault of a file whose kind is known but not read by this version."""
    if kind == _VIDEO:
        return Fault("it is a clip, not a photo", "pick a frame of it with 'fgaesq cover'")
    return Fault(
        f"it is a {kind} file, which this version cannot read", "export it as JPEG or TIFF"
    )


def recognise(head: bytes, extension: str) -> Kind:
    """Return what a file is, by its content.

    Args:
        head: the first `HEAD_BYTES` of the file, or all of a shorter one.
        extension: the file name's extension in lower case; it only serves to tell the camera RAW
            formats that are TIFF files inside, whose first image is just a thumbnail.

    Returns:
        The kind. A TIFF file may still turn out to be a camera RAW
        (`tiff_structure.holds_sensor_data`).

    Raises:
        Fault: it is not an image, or one of a kind that cannot be read.
    """
    kind = _readable_kind(head) or _kind_of_extra(head)
    if kind == "TIFF" and (head[8:10] == b"CR" or extension in RAW_EXTENSIONS):
        return "camera RAW"
    if kind is not None:
        return kind
    for offset, magic, name in _UNREADABLE_MAGIC:
        if head[offset : offset + len(magic)] == magic:
            raise unreadable(name)
    raise Fault(
        "it is not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or camera RAW image",
        "check that it is a photo file",
    )


def _readable_kind(head: bytes) -> Kind | None:
    kind: Kind | None = None
    if head.startswith(b"\xff\xd8\xff"):
        kind = "JPEG"
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        kind = "PNG"
    elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        kind = "WebP"
    elif head.startswith(_TIFF_MAGIC):
        kind = "TIFF"
    elif head.startswith((b"GIF87a", b"GIF89a")):
        kind = "GIF"
    elif head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        kind = "BMP"
    return kind


def _kind_of_extra(head: bytes) -> Kind | None:
    """Return the kind of a file that an extra reads."""
    brand = head[4:12]
    if brand in _HEIC_BRANDS or (brand in _HEIF_BRANDS and b"avi" not in head[12:]):
        return "HEIC"
    if any(head[offset : offset + len(magic)] == magic for offset, magic in _RAW_MAGIC):
        return "camera RAW"
    return None
