"""Reading marks from XMP, and merging marks into it without touching anything else.

Fields and their meaning: XMP specification part 1 (ISO 16684-1) for xmp:Rating, xmp:Label and
dc:subject; digiKam's handbook for its pick label (0 none, 1 rejected, 2 pending, 3 accepted);
ExifTool's tag names for xmpDM:pick and MicrosoftPhoto:Rating.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fgaesq.sidecars.document import Document
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.properties import (
    Property,
    add_items,
    items,
    occurrences,
    remove_items,
    remove_simple,
    set_simple,
    simple_values,
)

__all__ = ["Merged", "merge", "read_marks"]

_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_RATING: Final = Property((_XMP, "Rating"), "xmp")
_LABEL: Final = Property((_XMP, "Label"), "xmp")
_SUBJECT: Final = Property(("http://purl.org/dc/elements/1.1/", "subject"), "dc")
_HIERARCHY: Final = Property(("http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject"), "lr")
_PICK_LABEL: Final = Property(("http://www.digikam.org/ns/1.0/", "PickLabel"), "digiKam")
_PICK: Final = Property(("http://ns.adobe.com/xmp/1.0/DynamicMedia/", "pick"), "xmpDM")
_MICROSOFT: Final = Property(("http://ns.microsoft.com/photo/1.0/", "Rating"), "MicrosoftPhoto")

_FLAGS: Final = (
    (_PICK_LABEL, {"-1": "1", "0": "0", "1": "3"}),
    (_PICK, {"-1": "-1", "0": "0", "1": "1"}),
)
"""The properties for flags, and what each has for a reject, for nothing, and for a pick."""

_NOTHING: Final = ("", "0")
"""Values that say nothing: programs write a rating of 0 into every sidecar."""

_NEW: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="fgaesq">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """A sidecar with marks merged into it.

    Attributes:
        data: its bytes; those that were given if nothing was to be changed.
        written: what we last wrote into it, now or before; the next time's `previous`.
        changes: what was changed, such as `rating 0 -> 4`.
        kept: what the user had said and was therefore not changed: a phrase by the name of the
            field, `rating` standing for rating and flag.
    """

    data: bytes
    written: Marks
    changes: tuple[str, ...]
    kept: Mapping[str, str]


def read_marks(data: bytes) -> Marks:
    """Return what a sidecar says of its photo.

    A rating is read from MicrosoftPhoto:Rating (1 to 99) only if there is no xmp:Rating. Values
    that are not understood are read as nothing said; they stay in the file in any case.

    Raises:
        SidecarError: the document cannot be read; the message does not name the file.
    """
    document = Document.parse(data)
    ratings = _numbers(_ratings(document), least=-1, most=5)
    flags = _numbers((value for each in _flags(document) for value in each), least=-1, most=1)
    labels = [value for value in simple_values(document, _LABEL) if value]
    return Marks(
        rating=ratings[0] if ratings else None,
        flag=next(filter(None, flags), flags[0] if flags else None),
        label=labels[0] if labels else None,
        keywords=items(document, _SUBJECT) or (),
        hierarchy=items(document, _HIERARCHY) or (),
    )


def merge(
    existing: bytes | None,
    wanted: Marks,
    *,
    overwrite: bool = False,
    previous: Marks | None = None,
) -> Merged:
    """Return a sidecar with marks merged into it; all its other bytes stay as they are.

    What the user said stays: each value that is neither empty, nor 0, nor that of `previous`. A
    value of `previous` that is gone or back at 0 was taken away by the user, which stays too.
    Rating and flag are one decision: if the user made it in either, neither is written, and a
    reject of ours that it contradicts is taken back. Keywords are added to those that there are;
    of these only those of `previous` that are no longer wanted are removed.

    Args:
        existing: the sidecar; None to make a new one.
        wanted: what it is to say; a rating, flag or label that is None is left alone.
        overwrite: also overwrite the user's rating, flag and label (never keywords).
        previous: `Merged.written` of the last time that the file was written.

    Raises:
        SidecarError: the sidecar cannot be read, or a text cannot be written in XML; the message
            does not name the file.
    """
    document = Document.parse(_NEW.encode() if existing is None else existing)
    before = previous if previous and existing is not None else Marks()
    merging = _Merging(document, wanted, before, overwrite)
    merging.decide()
    merging.label()
    merging.extend(_SUBJECT, "keywords", wanted.keywords, before.keywords)
    merging.extend(_HIERARCHY, "hierarchy", wanted.hierarchy, before.hierarchy)
    return merging.result()


class _Merging:
    """A merge on its way, field by field."""

    def __init__(self, document: Document, wanted: Marks, previous: Marks, overwrite: bool) -> None:
        self._document = document
        self._wanted = wanted
        self._previous = previous
        self._written = previous
        self._overwrite = overwrite
        self._changes: list[str] = []
        self._kept: dict[str, str] = {}

    def result(self) -> Merged:
        """Return what has become of the document."""
        return Merged(
            self._document.to_bytes(),
            self._written,
            tuple(dict.fromkeys(self._changes)),
            self._kept,
        )

    def decide(self) -> None:
        """Write rating and flag, unless the user made the decision."""
        rating, flag = self._wanted.rating, self._wanted.flag
        ratings, flags = _ratings(self._document), _flags(self._document)
        if not self._overwrite:
            rating, flag = self._left_to_write(ratings, [one for each in flags for one in each])
        if rating is not None and self._set(_RATING, _text(rating), ratings, "rating"):
            self._written = replace(self._written, rating=rating)
        for (field, texts), values in zip(_FLAGS, flags, strict=True):
            if flag is not None and self._set(field, _text(flag), values, "flag", texts):
                self._written = replace(self._written, flag=flag)

    def label(self) -> None:
        """Write the label, unless the user gave one."""
        wanted, values = self._wanted.label, simple_values(self._document, _LABEL)
        if wanted is None:
            return
        users = _of_user(values, self._previous.label or "", gone=True)
        if users is not None and not self._overwrite:
            if users != wanted:
                self._kept["label"] = (
                    f"label {users or 'none'} kept, {wanted or 'none'} not written"
                )
        elif self._set(_LABEL, wanted, values, "label"):
            self._written = replace(self._written, label=wanted)

    def extend(
        self, field: Property, what: str, wanted: Sequence[str], previous: Sequence[str]
    ) -> None:
        """Add keywords, and remove those that we had added and that are no longer wanted."""
        there = items(self._document, field)
        if there is None:
            if wanted:
                self._kept[what] = f"{what} kept, as they are in a form that is not understood"
            return
        new = [word for word in dict.fromkeys(wanted) if word not in (*there, *previous)]
        gone = [word for word in previous if word in there and word not in wanted]
        self._document = remove_items(self._document, field, gone)
        self._document = add_items(self._document, field, new)
        self._changes += [f"{what} - {word}" for word in gone] + [
            f"{what} + {word}" for word in new
        ]
        ours = (*(word for word in previous if word not in gone), *new)
        self._written = replace(self._written, **{what: ours})  # type: ignore[arg-type]

    def _left_to_write(
        self, ratings: Sequence[str | None], flags: Sequence[str | None]
    ) -> tuple[int | None, int | None]:
        """Return the rating and flag that may be written without overruling the user."""
        wanted, previous = self._wanted, self._previous
        rating = _of_user(ratings, _text(previous.rating), gone=True)
        flag = _of_user(flags, _text(previous.flag), gone=False)
        contradicts = flag is not None and (flag == "-1") != (wanted.rating == -1)
        if rating is None and not contradicts:
            return wanted.rating, wanted.flag if flag is None else None
        agrees = _text(wanted.rating) == (rating or "0") or wanted.rating == -1 and flag == "-1"
        if wanted.rating is not None and not agrees:
            theirs = f"flag {flag}" if rating is None else f"rating {rating or 'none'}"
            self._kept["rating"] = f"{theirs} kept, rating {wanted.rating} not written"
        if "-1" in (rating, flag):
            return None, None
        return (
            0 if rating is None and previous.rating == -1 else None,
            0 if flag is None and previous.flag == -1 else None,
        )

    def _set(
        self,
        field: Property,
        value: str,
        values: Sequence[str | None],
        what: str,
        texts: Mapping[str, str] | None = None,
    ) -> bool:
        """Set a property, unless it says so already; return whether it was changed.

        Args:
            field: the property.
            value: what to say; "" removes it.
            values: what it says now.
            what: its name for people.
            texts: what is written for each value, if not the value.
        """
        there = set(values) or {""}
        if there == {value} or (value in _NOTHING and there <= set(_NOTHING)):
            return False
        if value:
            self._document = set_simple(self._document, field, texts[value] if texts else value)
        else:
            self._document = remove_simple(self._document, field)
        self._changes.append(f"{what} {next(iter(values), '') or 'none'} -> {value or 'none'}")
        return True


def _of_user(values: Sequence[str | None], previous: str, *, gone: bool) -> str | None:
    """Return what the user said in a property, None if nothing.

    Args:
        values: what is there, one for each time that the property stands there.
        previous: what we last wrote, "" for nothing.
        gone: whether a property that is no longer there was taken away by the user.
    """
    for value in values:
        if value is None:
            return "not understood"
        if value != previous and (value not in _NOTHING or previous not in _NOTHING):
            return value
    return "" if gone and not values and previous not in _NOTHING else None


def _ratings(document: Document) -> list[str | None]:
    """Return the ratings as "-1" to "5", as they are if not understood, None for odd forms."""
    if occurrences(document, _RATING):
        return [_whole(value) for value in simple_values(document, _RATING)]
    return [_stars_of(value) for value in simple_values(document, _MICROSOFT)]


def _flags(document: Document) -> list[list[str | None]]:
    """Return, for each property of `_FLAGS`, its flags as "-1", "0", "1", or as they are."""
    found = []
    for field, texts in _FLAGS:
        flags = {text: flag for flag, text in texts.items()}
        values = simple_values(document, field)
        found.append([value if value is None else flags.get(value, value) for value in values])
    return found


def _numbers(values: Iterable[str | None], *, least: int, most: int) -> list[int]:
    """Return those of the values that are whole numbers of a range."""
    texts = {str(number) for number in range(least, most + 1)}
    return [int(value) for value in values if value in texts and value]


def _whole(value: str | None) -> str | None:
    """Return a number such as `4.0` as `4`, and what else there is as it is."""
    try:
        number = float(value or "")
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() else value


def _stars_of(value: str | None) -> str | None:
    """Return the stars for MicrosoftPhoto:Rating, whose five are 1, 25, 50, 75 and 99."""
    if value is None or not value.isdecimal() or not value.isascii() or int(value) > 99:
        return value
    return str((int(value) + 12) // 25 + 1 if int(value) else 0)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
