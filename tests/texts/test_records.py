"""Files of comparative texts: reading, writing, looking up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fgaesq.errors import InputError
from fgaesq.texts.records import (
    ComparativeText,
    PairTexts,
    SignedText,
    read_texts,
    write_texts,
)

SHARPER = ComparativeText("s", "a.jpg", "b.jpg", "first", "It is sharper.")
STRAIGHTER = ComparativeText(
    "s", "c.jpg", "a.jpg", "second", "Straighter: ö\u2028.", "endpoint", "m"
)
GOOD = '{"series": "s", "first": "a", "second": "b", "direction": "first", "text": "Sharper."}'


def refusal(path: Path, content: str) -> list[str]:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_texts(path)
    return str(caught.value).replace(f"{path}, ", "").split("\n")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    write_texts(path, [SHARPER, STRAIGHTER])
    assert read_texts(path) == (SHARPER, STRAIGHTER)
    assert [file.name for file in tmp_path.iterdir()] == ["texts.jsonl"]
    assert list(json.loads(path.read_text(encoding="utf-8").split("\n")[0])) == [
        "series", "first", "second", "direction", "text", "source", "model",
    ]  # fmt: skip


def test_source_and_model_may_be_left_out_and_blank_lines_stand(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text(f"\ufeff{GOOD}\r\n\n", encoding="utf-8")
    assert read_texts(path) == (ComparativeText("s", "a", "b", "first", "Sharper."),)


def test_an_interrupted_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    write_texts(path, [SHARPER])

    def broken() -> object:
        yield STRAIGHTER
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_texts(path, broken())  # type: ignore[arg-type]
    assert read_texts(path) == (SHARPER,)
    assert [file.name for file in tmp_path.iterdir()] == ["texts.jsonl"]


def test_each_wrong_line_has_one_sentence(tmp_path: Path) -> None:
    def changed(**values: object) -> str:
        content = json.loads(GOOD) | values
        return json.dumps({key: value for key, value in content.items() if value != "GONE"})

    lines = [
        GOOD,
        "{",
        "[1]",
        changed(text="GONE"),
        changed(txet="x"),
        changed(text="  "),
        changed(text=3),
        changed(direction="left"),
        changed(source="robot"),
        changed(second="a"),
        changed(first="b", second="a"),
    ]
    assert refusal(tmp_path / "t.jsonl", "\n".join(lines)) == [
        "line 2: is not JSON (Expecting property name enclosed in double quotes); write one object "
        "per line",
        "line 3: is a JSON list; write an object",
        "line 4: has no 'text'; add it",
        "line 5: has an unknown key 'txet'; the keys are series, first, second, direction, text, "
        "source, model",
        "line 6: 'text' is empty; fill it in",
        "line 7: 'text' is 3; need a string",
        "line 8: 'direction' is 'left'; need first or second",
        "line 9: 'source' is 'robot'; need person or endpoint or template",
        "line 10: 'first' and 'second' are both 'a'; name two images",
        "line 11: calls b the better image, line 1 a; remove one",
    ]


def test_only_the_first_wrong_lines_are_shown(tmp_path: Path) -> None:
    problems = refusal(tmp_path / "t.jsonl", "x\n" * 14)
    assert len(problems) == 11
    assert problems[-1] == "and 4 more wrong lines"


def test_files_that_are_no_files_of_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    with pytest.raises(InputError) as caught:
        read_texts(path)
    assert str(caught.value) == (
        f"{path}: cannot be read (No such file or directory); give a JSONL file of texts"
    )
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        read_texts(path)
    assert str(caught.value) == f"{path}: is not UTF-8 (byte 0); save it as UTF-8"
    empty = refusal(path, "\n")
    assert empty == [f"{path}: holds no text; make some with 'fgaesq data describe'"]


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "none" / "t.jsonl"
    with pytest.raises(InputError) as caught:
        write_texts(path, [SHARPER])
    assert str(caught.value) == (
        f"{path}: cannot be written (No such file or directory); choose another place"
    )


def test_swapping_the_pair_flips_the_sign() -> None:
    texts = PairTexts([SHARPER, STRAIGHTER])
    assert len(texts) == 2
    assert texts.of("s", "a.jpg", "b.jpg") == (SignedText("It is sharper.", 1),)
    assert texts.of("s", "b.jpg", "a.jpg") == (SignedText("It is sharper.", -1),)
    assert texts.of("s", "a.jpg", "c.jpg") == (SignedText(STRAIGHTER.text, 1),)
    assert texts.of("s", "c.jpg", "a.jpg") == (SignedText(STRAIGHTER.text, -1),)


def test_pairs_without_texts_have_none_and_several_texts_stay() -> None:
    again = ComparativeText("s", "b.jpg", "a.jpg", "second", "Less blur.")
    texts = PairTexts([SHARPER, again])
    assert texts.of("s", "b.jpg", "c.jpg") == ()
    assert texts.of("other", "a.jpg", "b.jpg") == ()
    assert [one.text for one in texts.of("s", "a.jpg", "b.jpg")] == ["It is sharper.", "Less blur."]


def test_texts_that_disagree_are_refused() -> None:
    other = ComparativeText("s", "a.jpg", "b.jpg", "second", "Brighter.")
    with pytest.raises(InputError) as caught:
        PairTexts([SHARPER, other])
    assert str(caught.value) == (
        "series s: of a.jpg and b.jpg, one text calls a.jpg the better image and another b.jpg; "
        "remove one"
    )
