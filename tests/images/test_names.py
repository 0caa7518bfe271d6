"""Names that can be printed, whatever bytes a file name holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fgaesq.images import printable


@pytest.mark.parametrize("name", ["a/IMG_1.jpg", "été/写真\u3000١.jpg", "👩‍🚀.png", "a b"])
def test_name_stays_as_given_when_printable(name: str) -> None:
    assert printable(name) == name
    assert printable(Path(name)) == name


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"caf\xe9.jpg", "caf\\xe9.jpg"),
        (b"\xff\xfe/\x80.png", "\\xff\\xfe/\\x80.png"),
        (b"two\nlines\x1b[1m.gif", "two\\nlines\\x1b[1m.gif"),
        ("a\u2028b\x85".encode(), "a\\u2028b\\x85"),
    ],
)
def test_name_is_escaped_when_not_printable(raw: bytes, shown: str) -> None:
    assert printable(raw) == shown
    assert printable(os.fsdecode(raw)) == shown
    assert json.loads(json.dumps(shown, ensure_ascii=False).encode()) == shown


def test_lone_surrogate_is_escaped() -> None:
    assert printable("a\ud800b") == "a\\ud800b"
