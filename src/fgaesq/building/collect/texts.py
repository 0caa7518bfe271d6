"""The texts that an image file carries: PNG chunks, EXIF, XMP; pixels are not decoded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

from fgaesq.capture.containers import read_metadata
from fgaesq.capture.metadata import Metadata
from fgaesq.capture.tags import Directory
from fgaesq.errors import SidecarError
from fgaesq.images.faults import DECODER_ERRORS, Fault
from fgaesq.images.opening import opened
from fgaesq.images.readers import open_image
from fgaesq.sidecars.document import RDF, Document, Element
from fgaesq.sidecars.properties import Property, items, occurrences, simple_values

__all__ = ["decoded_comment", "file_texts", "rights_of"]

_DC: Final = "http://purl.org/dc/elements/1.1/"
_RIGHTS: Final = "http://ns.adobe.com/xap/1.0/rights/"
_CC: Final = "http://creativecommons.org/ns#"
_XMP: Final = {
    "xmp:description": Property((_DC, "description"), "dc"),
    "xmp:rights": Property((_DC, "rights"), "dc"),
    "xmp:terms": Property((_RIGHTS, "UsageTerms"), "xmpRights"),
    "xmp:statement": Property((_RIGHTS, "WebStatement"), "xmpRights"),
    "xmp:licence": Property((_CC, "license"), "cc"),
}
_TAGS: Final = {
    "exif:ImageDescription": 0x010E,
    "exif:Make": 0x010F,
    "exif:Model": 0x0110,
    "exif:Software": 0x0131,
    "exif:Artist": 0x013B,
    "exif:Copyright": 0x8298,
}
_USER_COMMENT: Final = 0x9286
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def file_texts(path: Path) -> dict[str, str]:
    """Return the texts of an image file, by name; what is damaged is taken for absent.

    Chunks of a PNG have the name they have in the file, such as `parameters`; only those before
    the pixels are seen, where programs write them. Fields of EXIF are named `exif:UserComment`,
    those of XMP `xmp:description` and the like.

    Raises:
        DecodeError: the file cannot be opened or read.
    """
    with opened(path) as file:
        found = read_metadata(file, os.fstat(file.fileno()).st_size)
        texts = _exif_texts(found) | _xmp_texts(found.xmp)
        file.seek(0)
        if file.read(8) == _PNG:
            texts |= _png_texts(file)
    return {name: text for name, text in texts.items() if text}


def rights_of(texts: dict[str, str]) -> dict[str, str]:
    """Return what the texts of a file say of its rights, by field."""
    fields = {
        "copyright": ("exif:Copyright", "xmp:rights"),
        "artist": ("exif:Artist",),
        "licence": ("xmp:licence",),
        "terms": ("xmp:terms", "xmp:statement"),
    }
    said = {
        field: next((texts[name] for name in names if name in texts), "")
        for field, names in fields.items()
    }
    return {field: text for field, text in said.items() if text}


def decoded_comment(data: bytes, order: str) -> str:
    """Return the text of an EXIF UserComment (Exif 2.3, section 4.6.5): a code of 8 bytes, text.

    Code `UNICODE` means UTF-16, which some write in the byte order of the file and others always
    high byte first: the order that gives more ASCII characters is taken, as prompts and their
    parameters have some in any language.

    Args:
        data: the entry.
        order: `<` or `>`, of the file; taken where both orders do as well.
    """
    code, text = data[:8].rstrip(b"\0 "), data[8:]
    if code.upper() == b"UNICODE":
        orders = ("utf-16-le", "utf-16-be") if order == "<" else ("utf-16-be", "utf-16-le")
        both = [text[: len(text) // 2 * 2].decode(one, "replace") for one in orders]
        best = max(both, key=lambda one: sum("\t" <= letter < "\x7f" for letter in one))
        return best.lstrip("\ufeff").rstrip("\0").strip()
    if code.upper() == b"JIS":
        return text.decode("iso2022_jp", "replace").rstrip("\0").strip()
    content = text if code.upper() == b"ASCII" or not code else data
    return content.split(b"\0")[0].decode("utf-8", "replace").strip()


def _exif_texts(found: Metadata) -> dict[str, str]:
    texts = {name: _first_text(found.main, tag) for name, tag in _TAGS.items()}
    for directory in [*found.exif, *found.main]:
        if data := directory.data(_USER_COMMENT):
            texts["exif:UserComment"] = decoded_comment(data, directory.block.order)
            break
    return texts


def _first_text(directories: list[Directory], tag: int) -> str:
    return next((text for one in directories if (text := one.text(tag))), "")


def _xmp_texts(packet: bytes) -> dict[str, str]:
    if not packet:
        return {}
    try:
        document = Document.parse(packet.strip(b"\0 \r\n\t"))
        return {name: _xmp_text(document, wanted) for name, wanted in _XMP.items()}
    except SidecarError:
        return {}


def _xmp_text(document: Document, wanted: Property) -> str:
    """Return a property that is one text, a link, or a text in several languages: the first."""
    if listed := items(document, wanted):
        return listed[0]
    links = [
        attribute.value
        for one in occurrences(document, wanted)
        if isinstance(one, Element)
        for attribute in one.attributes
        if attribute.name == (RDF, "resource")
    ]
    return next(filter(None, [*simple_values(document, wanted), *links]), "")


def _png_texts(file: BinaryIO) -> dict[str, str]:
    file.seek(0)
    try:
        with open_image(file, "PNG") as image:
            chunks = dict(image.info)
    except (*DECODER_ERRORS, Fault):
        return {}
    return {str(name): _as_utf8(value) for name, value in chunks.items() if isinstance(value, str)}


def _as_utf8(text: str) -> str:
    """Return the text of a chunk; some write UTF-8 where PNG wants Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return text.strip()
