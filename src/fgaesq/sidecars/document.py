"""XMP documents as text with a map: where in its bytes each element and attribute stands.

Nothing is ever written out anew from a tree. An edit replaces a span of the text, so that all that
is not edited stays as it is: order, quotes, line ends, comments, processing instructions, padding.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat  # only events and offsets are used, and documents with a DTD refused

from fgaesq.errors import SidecarError

__all__ = ["MOST_BYTES", "RDF", "Attribute", "Document", "Element", "Name"]

MOST_BYTES: Final = 32 * 1024 * 1024
"""Larger documents are refused; the largest sidecars, with masks as text, have a few MB."""

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_XMPMETA: Final = "adobe:ns:meta/"
_ATTRIBUTE: Final = re.compile(rb"""[ \t\r\n]+([^\s=/>]+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')""")
_NAME: Final = re.compile(rb"<([^\s/>]+)")
_TAG_END: Final = re.compile(rb"[ \t\r\n]*(/?)>")

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", codecs.BOM_UTF8),
    (codecs.BOM_UTF16_LE, "utf-16-le", codecs.BOM_UTF16_LE),
    (codecs.BOM_UTF16_BE, "utf-16-be", codecs.BOM_UTF16_BE),
    (b"<\0", "utf-16-le", b""),
    (b"\0<", "utf-16-be", b""),
)
"""First bytes, encoding, and what of them is a byte order mark."""

Name = tuple[str, str]
"""Namespace and local name; the namespace is "" for an attribute without a prefix."""


@dataclass(slots=True)
class Attribute:
    """An attribute in the text.

    Attributes:
        name: resolved; of a declaration `xmlns:p` it is ("xmlns", "p").
        value: as a parser reports it.
        start: offset of the white space before it.
        value_start, end: offsets of the value without its quotes, and after the second quote.
    """

    name: Name
    value: str
    start: int
    value_start: int
    end: int


@dataclass(slots=True)
class Element:
    """An element in the text; all offsets count bytes of `Document.body`.

    Attributes:
        name, prefix: resolved name, and the prefix in the text ("" for none).
        namespaces: prefix -> namespace, as they hold inside it.
        start, tag_end: of its start tag.
        close_start, end: of its end tag; all equal to `tag_end` if it is of the form `<a/>`.
        text: its own character data.
    """

    name: Name
    prefix: str
    attributes: tuple[Attribute, ...]
    namespaces: Mapping[str, str]
    start: int
    tag_end: int
    empty: bool
    close_start: int = 0
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def prefix_for(self, namespace: str, *, attribute: bool = False) -> str | None:
        """Return a prefix that means `namespace` in here; None if there is none.

        The default namespace, prefix "", does not hold for attributes.
        """
        found = [prefix for prefix, uri in self.namespaces.items() if uri == namespace]
        found = [prefix for prefix in found if prefix or not attribute]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Document:
    """A well-formed document.

    Attributes:
        body: its text in UTF-8, without a byte order mark.
        mark: the byte order mark it had, or b"".
        encoding: the one that it is stored in.
        root: the outermost element.
    """

    body: bytes
    mark: bytes
    encoding: str
    root: Element

    @classmethod
    def parse(cls, data: bytes) -> Document:
        """Return a document that is stored as UTF-8 or UTF-16.

        Raises:
            SidecarError: it is too large, in another encoding, not well formed, or has a DTD.
        """
        if len(data) > MOST_BYTES:
            raise SidecarError(
                f"it has {len(data):,} bytes, more than the {MOST_BYTES:,} that are read; "
                "is it a sidecar?"
            )
        encoding, mark = next(
            ((encoding, mark) for first, encoding, mark in _MARKS if data.startswith(first)),
            ("utf-8", b""),
        )
        try:
            body = data[len(mark) :].decode(encoding).encode("utf-8")
        except UnicodeError as error:
            raise SidecarError(
                f"it is not sound {encoding.upper()} text; save it anew in the program it is from"
            ) from error
        return cls(body, mark, encoding, _parse(body, encoding))

    def to_bytes(self) -> bytes:
        """Return it as it is stored; of an unedited document, the very bytes that were parsed."""
        return self.mark + self.body.decode("utf-8").encode(self.encoding)

    def replaced(self, start: int, end: int, text: str) -> Document:
        """Return the document with a span of its body replaced."""
        body = self.body[:start] + text.encode("utf-8") + self.body[end:]
        return Document(body, self.mark, self.encoding, _parse(body, self.encoding))

    @property
    def line_end(self) -> str:
        """How its lines end; "" if it is all one line."""
        if b"\n" not in self.body:
            return ""
        return "\r\n" if b"\r\n" in self.body else "\n"

    def space_before(self, offset: int) -> str:
        """Return the white space that ends at an offset."""
        before = self.body[:offset]
        return before[len(before.rstrip(b" \t\r\n")) :].decode("ascii")

    @property
    def rdf(self) -> Element:
        """Its rdf:RDF; raises SidecarError if it has none."""
        inside = self.root.children if self.root.name == (_XMPMETA, "xmpmeta") else [self.root]
        for element in inside:
            if element.name == (RDF, "RDF"):
                return element
        raise SidecarError("it is XML but not XMP: there is no rdf:RDF in it")

    def descriptions(self) -> Iterator[Element]:
        """Yield the outermost rdf:Description elements, which hold the properties."""
        return (child for child in self.rdf.children if child.name == (RDF, "Description"))


class _Builder:
    """Collects elements from the events of a parser."""

    def __init__(self, parser: expat.XMLParserType, body: bytes) -> None:
        self.root: Element | None = None
        self._parser = parser
        self._body = body
        self._open: list[Element] = []
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def _start(self, qualified: str, attributes: list[str]) -> None:
        start = self._parser.CurrentByteIndex
        outer = self._open[-1].namespaces if self._open else {"xml": _XML}
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        declared = {_declared(name): value for name, value in pairs if _declares(name)}
        namespaces = {**outer, **declared} if declared else outer
        at = _expect(_NAME.match(self._body, start)).end()
        found = []
        for name, value in pairs:
            match = _expect(_ATTRIBUTE.match(self._body, at))
            resolved = ("xmlns", _declared(name)) if _declares(name) else _resolve(name, namespaces)
            found.append(
                Attribute(resolved, value, match.start(), match.start(2) + 1, match.end(2))
            )
            at = match.end()
        tag_end = _expect(_TAG_END.match(self._body, at))
        element = Element(
            _resolve(qualified, namespaces, element=True),
            qualified.rpartition(":")[0],
            tuple(found),
            namespaces,
            start,
            tag_end.end(),
            bool(tag_end[1]),
        )
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if element.empty:
            element.close_start = element.end = element.tag_end
        else:
            element.close_start = self._parser.CurrentByteIndex
            element.end = self._body.index(b">", element.close_start) + 1

    def _text(self, text: str) -> None:
        self._open[-1].text += text


def _parse(body: bytes, encoding: str) -> Element:
    """Return the outermost element of a text in UTF-8 that is stored in `encoding`."""
    parser = expat.ParserCreate("utf-8")
    builder = _Builder(parser, body)
    stored = encoding.partition("-")[2][:2]  # 8 or 16

    def declaration(_: str, declared: str | None, __: int) -> None:
        if declared and declared.lower().replace("-", "")[:5] != f"utf{stored}"[:5]:
            raise SidecarError(
                f"it says that its encoding is {declared}, which it is not or which is not read; "
                "save it as UTF-8"
            )

    def doctype(*_: object) -> None:
        raise SidecarError("it has a DOCTYPE, which XMP must not have; remove that or the file")

    parser.XmlDeclHandler = declaration
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise SidecarError(
            f"it is not well-formed XML ({reason}, line {error.lineno}); "
            "mend it, or save it anew in the program that wrote it"
        ) from error
    if builder.root is None:
        raise SidecarError("it is empty; save it anew in the program that wrote it, or remove it")
    return builder.root


def _declares(name: str) -> bool:
    return name == "xmlns" or name.startswith("xmlns:")


def _declared(name: str) -> str:
    return name.partition(":")[2]


def _resolve(qualified: str, namespaces: Mapping[str, str], *, element: bool = False) -> Name:
    prefix, _, local = qualified.rpartition(":")
    if not prefix and not element:
        return "", local
    if prefix and prefix not in namespaces:
        raise SidecarError(
            f"it uses the prefix {prefix} without saying what it means; "
            "save it anew in the program that wrote it"
        )
    return namespaces.get(prefix, ""), local


def _expect(match: re.Match[bytes] | None) -> re.Match[bytes]:
    """Return the match of a pattern that must hold in a text which the parser accepts."""
    if match is None:
        raise SidecarError("it has a tag in a form that is not understood; save it anew as UTF-8")
    return match
