"""XMP documents for tests: samples in the forms of many programs, and random ones."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

SAMPLES = {path.stem: path.read_bytes() for path in Path(__file__).with_name("samples").iterdir()}
"""Sidecars as these programs write them, made up by us (the one of ExifTool by it)."""

XMP = "http://ns.adobe.com/xap/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


class Pieces(NamedTuple):
    """A document in pieces; `ours` says of each whether it belongs to a field that we write."""

    texts: tuple[str, ...]
    ours: tuple[bool, ...]
    encoding: str

    @property
    def data(self) -> bytes:
        return "".join(self.texts).encode(self.encoding)

    @property
    def foreign(self) -> list[bytes]:
        """The pieces that must stay as they are."""
        coding = {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(self.encoding, self.encoding)
        pairs = zip(self.texts, self.ours, strict=True)
        return [text.encode(coding) for text, ours in pairs if not ours]


def document(inside: str, attributes: str = "", *, head: str = "", tail: str = "") -> bytes:
    """Return a small document with attributes and elements in its one description."""
    return (
        f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about="" xmlns:xmp="{XMP}" xmlns:dc="{DC}"{attributes}>{inside}'
        f"</rdf:Description></rdf:RDF></x:xmpmeta>{tail}"
    ).encode()


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "S", "P")), max_size=8)
_plain = words.map(lambda text: text.translate({ord(sign): None for sign in "<>&\"'"}))
_space = st.sampled_from([" ", "\n  ", "\r\n\t", "   "])
_quote = st.sampled_from("\"'")


@st.composite
def documents(draw: st.DrawFn) -> Pieces:
    """Draw a document with foreign and own fields in any order, spacing, quotes, encoding."""
    prefix = draw(st.sampled_from(["xmp", "xap", "q"]))
    attributes = [(f" xmlns:{prefix}='{XMP}' xmlns:dc='{DC}' xmlns:o='urn:other'", False)]
    rating = draw(st.sampled_from([None, "attribute", "element"]))
    value = draw(st.integers(-1, 5))
    for number in range(draw(st.integers(0, 3))):
        quote = draw(_quote)
        attributes.append((f"{draw(_space)}o:a{number}={quote}{draw(_plain)}{quote}", False))
    if rating == "attribute":
        quote = draw(_quote)
        place = draw(st.integers(0, len(attributes)))
        attributes.insert(place, (f"{draw(_space)}{prefix}:Rating={quote}{value}{quote}", True))
    children = [
        (f"{draw(_space)}<o:b><!-- {draw(_plain).replace('-', '')} -->{draw(_plain)}</o:b>", False)
        for _ in range(draw(st.integers(0, 3)))
    ]
    if rating == "element":
        place = draw(st.integers(0, len(children)))
        children.insert(place, (f"{draw(_space)}<{prefix}:Rating>{value}</{prefix}:Rating>", True))
    if draw(st.booleans()):
        items = "".join(f"<r:li>{word}</r:li>" for word in draw(st.lists(_plain, max_size=3)))
        whole = f"{draw(_space)}<dc:subject><r:Bag>{items}</r:Bag></dc:subject>"
        children.insert(draw(st.integers(0, len(children))), (whole, True))
    end = draw(_space)
    texts = [
        ("<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>" + draw(_space), False),
        (f"<r:RDF xmlns:r='{RDF}'><r:Description", False),
        *attributes,
        (">", False),
        *children,
        (f"{end}</r:Description><r:Description r:about='' xmlns:o='urn:other' o:z='&lt;'/>", False),
        (f"</r:RDF>{draw(_space)}<?xpacket end='w'?>", False),
    ]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"]))
    return Pieces(tuple(text for text, _ in texts), tuple(ours for _, ours in texts), encoding)
