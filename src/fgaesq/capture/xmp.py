"""The few values of a file's own XMP packet that tell of its capture.

The packet is searched as text, by the local names of its properties: nothing is resolved or
expanded, and a packet that is cut short still gives what it holds.
"""

from __future__ import annotations

import html
import re

__all__ = ["motion_from_end", "xmp_value"]

_VALUE = re.compile(rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')|\s*>([^<]*)<")
_ITEM = re.compile(rb"<[\w-]+:Item\b([^>]*)>")
_MOST_BYTES = 1 << 20


def xmp_value(packet: bytes, name: str) -> str:
    """Return the first value of a property (attribute or element) by its local name, or ""."""
    key = b":" + name.encode()
    # Packets hold long runs of base64: the name is looked for first, and the pattern from there.
    position = packet.find(key, 0, _MOST_BYTES)
    while position >= 0:
        position += len(key)
        if match := _VALUE.match(packet, position):
            value = next(group for group in match.groups() if group is not None)
            return html.unescape(value.decode("utf-8", "replace")).strip()
        position = packet.find(key, position, _MOST_BYTES)
    return ""


def motion_from_end(packet: bytes) -> int:
    """Return how many bytes before the end of the file the clip of a Motion Photo begins.

    By the container directory of Android's "Motion Photo format 1.0", or the offset of Google's
    earlier "Micro Video"; 0 if the packet names no clip.
    """
    if b"Semantic" in packet:
        total = 0
        for attributes in reversed(_ITEM.findall(packet[:_MOST_BYTES])):
            total += _number(xmp_value(attributes, "Length"))
            total += _number(xmp_value(attributes, "Padding"))
            if xmp_value(attributes, "Semantic") == "MotionPhoto":
                return total
    return _number(xmp_value(packet, "MicroVideoOffset"))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0
