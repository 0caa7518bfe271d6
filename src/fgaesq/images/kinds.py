"""Which kinds of photo files there are: recognised by content, and by extension in folders."""

from __future__ import annotations

from typing import Literal, TypeAlias

from fgaesq.images.faults import Fault

__all__ = ["READABLE_EXTENSIONS", "UNREADABLE_EXTENSIONS", "Kind", "recognise", "unreadable"]

Kind: TypeAlias = Literal["JPEG", "PNG", "WebP", "TIFF", "BMP", "GIF"]

READABLE_EXTENSIONS = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".tif", ".tiff")
    + (".bmp", ".dib", ".gif")
)
"""Lower-case extensions of the files that are taken from folders."""

_RAW_EXTENSIONS = (
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
    *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2"),
    *(".srf", ".srw", ".x3f"),
)

UNREADABLE_EXTENSIONS = {
    **dict.fromkeys(_RAW_EXTENSIONS, "camera RAW"),
    **dict.fromkeys((".heic", ".heif", ".hif"), "HEIC"),
    ".avif": "AVIF",
    ".jxl": "JPEG XL",
    **dict.fromkeys((".jp2", ".j2k", ".jpx"), "JPEG 2000"),
}
"""Lower-case extension -> name, for the kinds of photo that this version cannot read."""

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BMP_HEADER_SIZES = (12, 40, 52, 56, 64, 108, 124)

_UNREADABLE_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypheim", "HEIC"),
    (4, b"ftypheis", "HEIC"),
    (4, b"ftyphevc", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftypcrx ", "camera RAW"),
    (4, b"ftyp", "MP4 or MOV video"),
    (0, b"IIRO", "camera RAW"),
    (0, b"IIRS", "camera RAW"),
    (0, b"MMOR", "camera RAW"),
    (0, b"IIU\0", "camera RAW"),
    (0, b"II\x1a\0\0\0HEAPCCDR", "camera RAW"),
    (0, b"FUJIFILMCCD-RAW", "camera RAW"),
    (0, b"FOVb", "camera RAW"),
    (0, b"\0MRM", "camera RAW"),
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
    return Fault(
        f"it is a {kind} file, which this version cannot read", "export it as JPEG or TIFF"
    )


def recognise(head: bytes, extension: str) -> Kind:
    """Return what a file is, by its content.

    Args:
        head: the first 32 bytes of the file, or all of a shorter one.
        extension: the file name's extension in lower case; it only serves to tell the camera RAW
            formats that are TIFF files inside, whose first image is just a thumbnail.

    Raises:
        Fault: it is not an image, or one of a kind that cannot be read.
    """
    kind = _readable_kind(head)
    if kind == "TIFF" and (head[8:10] == b"CR" or extension in _RAW_EXTENSIONS):
        raise unreadable("camera RAW")
    if kind is not None:
        return kind
    for offset, magic, name in _UNREADABLE_MAGIC:
        if head[offset : offset + len(magic)] == magic:
            raise unreadable(name)
    raise Fault(
        "it is not a JPEG, PNG, WebP, TIFF, BMP or GIF image", "check that it is a photo file"
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
