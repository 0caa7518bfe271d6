"""Properties of XMP documents: where they stand, and how one is set, added or removed in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fgaesq.errors import SidecarError
from fgaesq.sidecars.document import RDF, Attribute, Document, Element, Name

__all__ = [
    "Property",
    "add_items",
    "items",
    "occurrences",
    "remove_items",
    "remove_simple",
    "set_simple",
    "simple_values",
]

_CONTAINERS: Final = {(RDF, kind) for kind in ("Bag", "Seq", "Alt")}
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    **{space: f"&#{ord(space)};" for space in "\t\n\r"},
}


@dataclass(frozen=True, slots=True)
class Property:
    """A property of XMP.

    Attributes:
        name: namespace and local name.
        prefix: the usual one, for documents that have none for the namespace.
    """

    name: Name
    prefix: str


def occurrences(document: Document, wanted: Property) -> list[Attribute | Element]:
    """Return where a property stands, in the order of the text; sound documents have it once."""
    found: list[Attribute | Element] = []
    for description in document.descriptions():
        found += [one for one in description.attributes if one.name == wanted.name]
        found += [one for one in description.children if one.name == wanted.name]
    return found


def simple_values(document: Document, wanted: Property) -> list[str | None]:
    """Return the values of a property that is one text; None for one in a form not understood."""
    return [
        one.value.strip() if isinstance(one, Attribute) else _simple(document, one)
        for one in occurrences(document, wanted)
    ]


def set_simple(document: Document, wanted: Property, value: str) -> Document:
    """Return the document with a property of one text set, in the form in which it stands.

    A property that is not there is added as an attribute, or as an element where the description
    has its properties as elements.

    Raises:
        SidecarError: the value cannot be written in XML.
    """
    text = _escaped(value)
    found = occurrences(document, wanted)
    if not found:
        return _add_simple(document, wanted, text)
    for number in reversed(range(len(found))):  # from the last, as offsets before it stay right
        document = _put(document, found[number], text)
    return document


def remove_simple(document: Document, wanted: Property) -> Document:
    """Return the document without a property, nor the white space before it."""
    for one in reversed(occurrences(document, wanted)):
        start = one.start
        if isinstance(one, Element):
            start -= len(document.space_before(start))
        document = document.replaced(start, one.end, "")
    return document


def items(document: Document, wanted: Property) -> tuple[str, ...] | None:
    """Return the texts of a property that is a list; None if it is in a form not understood."""
    texts: list[str] = []
    for one in occurrences(document, wanted):
        container = _container(document, one)
        if container is None:
            return None
        texts += [entry.text.strip() for entry in _entries(container)]
    return tuple(dict.fromkeys(text for text in texts if text))


def add_items(document: Document, wanted: Property, texts: Sequence[str]) -> Document:
    """Return the document with texts added to the end of a list, which is made if need be.

    Raises:
        SidecarError: a text cannot be written in XML, or the list is in a form not understood.
    """
    for text in map(_escaped, texts):
        document = _add_item(document, wanted, text)
    return document


def remove_items(document: Document, wanted: Property, texts: Sequence[str]) -> Document:
    """Return the document without the entries of a list that have these texts.

    A list that becomes empty by it is removed.
    """
    for one in reversed(occurrences(document, wanted)):
        container = _container(document, one)
        entries = _entries(container) if container else []
        going = [entry for entry in entries if entry.text.strip() in texts]
        if going and len(going) == len(entries) and isinstance(one, Element):
            going = [one]
        for entry in reversed(going):
            space = len(document.space_before(entry.start))
            document = document.replaced(entry.start - space, entry.end, "")
    return document


def _simple(document: Document, element: Element) -> str | None:
    """Return the text of an element that has nothing but text, else None."""
    inside = document.body[element.tag_end : element.close_start]
    qualified = any(attribute.name[0] == RDF for attribute in element.attributes)
    return None if b"<" in inside or qualified else element.text.strip()


def _container(document: Document, one: Attribute | Element) -> Element | None:
    """Return the rdf:Bag, Seq or Alt of a list, an empty element itself, None for other forms."""
    if isinstance(one, Attribute):
        return None
    if _simple(document, one) == "":
        return one
    kinds = [child for child in one.children if child.name in _CONTAINERS]
    return kinds[0] if len(kinds) == len(one.children) == 1 else None


def _entries(container: Element) -> list[Element]:
    return [
        child for child in container.children if child.name == (RDF, "li") and not child.children
    ]


def _put(document: Document, one: Attribute | Element, text: str) -> Document:
    """Return the document with the value of an attribute or of an element of text replaced."""
    if isinstance(one, Attribute):
        return document.replaced(one.value_start, one.end - 1, text)
    if _simple(document, one) is None:
        raise SidecarError(f"it has {one.name[1]} in a form that is not understood")
    if one.empty:
        return _opened(document, one, text)
    inside = document.body[one.tag_end : one.close_start]
    start = one.tag_end + len(inside) - len(inside.lstrip())
    return document.replaced(start, max(start, one.tag_end + len(inside.rstrip())), text)


def _add_simple(document: Document, wanted: Property, text: str) -> Document:
    """Return the document with a property that it does not have; `text` is escaped."""
    document = _with_description(document)
    target = _target(document, wanted)
    properties = [one for one in target.attributes if one.name[0] not in ("", "xmlns", RDF)]
    as_element = bool(target.children) and not properties
    document, prefix = _with_prefix(document, wanted, attribute=not as_element)
    target = _target(document, wanted)
    name = f"{prefix}{wanted.name[1]}"
    if as_element:
        return _append(document, target, lambda _: f"<{name}>{text}</{name}>")
    return _add_attribute(document, target, name, text)


def _add_item(document: Document, wanted: Property, text: str) -> Document:
    """Return the document with one text, which is escaped, added to a list."""
    found = occurrences(document, wanted)
    if not found:
        document = _with_description(document)
        document, prefix = _with_prefix(document, wanted)
        name = f"{prefix}{wanted.name[1]}"
        target = _target(document, wanted)
        return _append(
            document,
            target,
            lambda space: f"<{name}>{_bag(target, text, _deeper(space))}{space}</{name}>",
        )
    container = _container(document, found[0])
    if container is None:
        raise SidecarError(f"it has {wanted.name[1]} in a form that is not understood")
    if container is found[0]:
        return _append(document, container, lambda space: _bag(container, text, space).lstrip())
    rdf = _colon(container.prefix_for(RDF))
    return _append(document, container, lambda _: f"<{rdf}li>{text}</{rdf}li>")


def _bag(inside: Element, text: str, space: str) -> str:
    """Return a list of one entry, on lines that begin with `space`."""
    rdf = _colon(inside.prefix_for(RDF))
    entry = f"{_deeper(space)}<{rdf}li>{text}</{rdf}li>"
    return f"{space}<{rdf}Bag>{entry}{space}</{rdf}Bag>"


def _append(document: Document, parent: Element, make: Callable[[str], str]) -> Document:
    """Return the document with a child added to the end of an element.

    `make` gives the child's text from the line end and indentation that it stands after.
    """
    if parent.children:
        last = parent.children[-1]
        space = _indent(document, last)
        return document.replaced(last.end, last.end, space + make(space))
    outside = _indent(document, parent)
    inside = _deeper(outside)
    if parent.empty:
        return _opened(document, parent, f"{inside}{make(inside)}{outside}")
    return document.replaced(parent.tag_end, parent.tag_end, inside + make(inside))


def _opened(document: Document, element: Element, content: str) -> Document:
    """Return the document with `<a/>` written as `<a>content</a>`; the content is not escaped."""
    slash = document.body.rindex(b"/", element.start, element.tag_end)
    name = f"{_colon(element.prefix)}{element.name[1]}"
    return document.replaced(slash, element.tag_end, f">{content}</{name}>")


def _indent(document: Document, element: Element) -> str:
    """Return the line end and the spaces that an element stands after; "" within a line."""
    space = document.space_before(element.start)
    line = space.rfind("\n")
    return "" if line < 0 else space[line - (space[line - 1 : line] == "\r") :]


def _deeper(space: str) -> str:
    return f"{space} " if space else ""


def _add_attribute(document: Document, element: Element, name: str, text: str) -> Document:
    """Return the document with an attribute added, set off and quoted like the one before it."""
    if not element.attributes:
        end = element.start + 1 + len(f"{_colon(element.prefix)}{element.name[1]}".encode())
        return document.replaced(end, end, f' {name}="{text}"')
    declared = [one for one in element.attributes if one.name[0] == "xmlns"]
    last = (declared if name.startswith("xmlns") and declared else element.attributes)[-1]
    raw = document.body[last.start : last.end]
    space = raw[: len(raw) - len(raw.lstrip())].decode()
    quote = chr(raw[-1])
    return document.replaced(last.end, last.end, f"{space}{name}={quote}{text}{quote}")


def _with_description(document: Document) -> Document:
    """Return the document with an rdf:Description to put properties in."""
    if any(document.descriptions()):
        return document
    rdf = _colon(document.rdf.prefix)
    about = f' {rdf}about=""' if rdf else ""
    return _append(document, document.rdf, lambda _: f"<{rdf}Description{about}/>")


def _target(document: Document, wanted: Property) -> Element:
    """Return the rdf:Description for a new property: one with others of its namespace, if any."""
    descriptions = list(document.descriptions())
    for description in descriptions:
        names = [one.name for one in description.attributes]
        names += [one.name for one in description.children]
        if any(namespace == wanted.name[0] for namespace, _ in names):
            return description
    return descriptions[0]


def _with_prefix(
    document: Document, wanted: Property, *, attribute: bool = False
) -> tuple[Document, str]:
    """Return the document with the namespace declared where the property goes, and `prefix:`."""
    target = _target(document, wanted)
    known = target.prefix_for(wanted.name[0], attribute=attribute)
    if known is not None:
        return document, _colon(known)
    prefix, number = wanted.prefix, 0
    while prefix in target.namespaces:
        number += 1
        prefix = f"{wanted.prefix}{number}"
    declared = _add_attribute(document, target, f"xmlns:{prefix}", wanted.name[0])
    return declared, f"{prefix}:"


def _colon(prefix: str | None) -> str:
    return f"{prefix}:" if prefix else ""


def _escaped(text: str) -> str:
    """Return a text as it stands in an attribute or element."""
    bad = _FORBIDDEN.search(text)
    if bad:
        raise SidecarError(
            f"{text!r} has the character {bad[0]!r}, which XML cannot hold; remove it"
        )
    return "".join(_ESCAPES.get(character, character) for character in text)
