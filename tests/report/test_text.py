"""Names made safe and short."""

from __future__ import annotations

import pytest

from fgaesq.report.text import (
    cell_width,
    display_names,
    escape_surrogates,
    printable,
    shorten_middle,
)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("IMG_1.jpg", 9),
        ("富士山", 6),
        ("e\u0301", 1),
        ("é", 1),
        ("🙂.png", 6),
        ("a\u200db", 2),
        ("\u1112\u1161\u11ab", 2),
        ("", 0),
    ],
)
def test_cell_width_counts_terminal_columns(text: str, width: int) -> None:
    assert cell_width(text) == width


@pytest.mark.parametrize(
    ("text", "columns", "shortened"),
    [
        ("IMG_1.jpg", 9, "IMG_1.jpg"),
        ("holiday/IMG_0412.jpg", 12, "holi…412.jpg"),
        ("富士山の写真.jpg", 11, "富士…真.jpg"),
        ("abcdef", 1, "…"),
        ("abcdef", 2, "…f"),
    ],
)
def test_shorten_middle_keeps_the_end_and_the_width(
    text: str, columns: int, shortened: str
) -> None:
    assert shorten_middle(text, columns) == shortened
    assert cell_width(shortened) <= columns


def test_printable_escapes_what_disturbs_a_terminal_and_nothing_else() -> None:
    assert printable("a\x1b[31m\nb\udcff\u202ec\u2028") == r"a\x1b[31m\x0ab\udcff\u202ec\u2028"
    assert printable("Ångström 富士山 🙂 e\u0301.jpg") == "Ångström 富士山 🙂 e\u0301.jpg"


def test_escape_surrogates_makes_text_encodable() -> None:
    assert escape_surrogates("é\udc80b") == r"é\udc80b"
    assert escape_surrogates("plain") == "plain"


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/b/1.jpg", "a/b/2.jpg"], ["1.jpg", "2.jpg"]),
        (["a/b/1.jpg", "a/c/1.jpg"], ["b/1.jpg", "c/1.jpg"]),
        (["/a/1.jpg", "b/1.jpg"], ["/a/1.jpg", "b/1.jpg"]),
        (["a/1.jpg", "a/b/1.jpg"], ["1.jpg", "b/1.jpg"]),
        (["a/b/1.jpg"], ["1.jpg"]),
        (["a/1.jpg", "a/1.jpg"], ["1.jpg", "1.jpg"]),
        (["a/x\n.jpg"], [r"x\x0a.jpg"]),
        ([], []),
    ],
)
def test_display_names_drop_the_shared_folders(paths: list[str], names: list[str]) -> None:
    assert display_names(paths) == names
