"""CLIP's byte-pair encoding, on a miniature vocabulary."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tests.texts.clip_files import MERGES, SIZES, write_hub_vocabulary, write_openai_vocabulary

from fgaesq.errors import InputError, WeightsError
from fgaesq.texts.clip_tokenizer import ClipTokenizer, read_clip_vocabulary

START, END = SIZES.vocabulary - 2, SIZES.vocabulary - 1


@pytest.fixture
def tokenizer(tmp_path: Path) -> ClipTokenizer:
    return read_clip_vocabulary(write_openai_vocabulary(tmp_path))


def merged(*parts: str) -> list[int]:
    """Return the ids of tokens: merged ones follow the 512 of single bytes."""
    tokens = ["".join(pair) for pair in MERGES]
    ids = []
    for part in parts:
        if part in tokens:
            ids.append(512 + tokens.index(part))
        else:
            character = part.removesuffix("</w>")
            ids.append(ord(character) - 33 + 256 * part.endswith("</w>"))
    return ids


def inside(tokenizer: ClipTokenizer, text: str) -> list[int]:
    ids = tokenizer.encode(text)
    assert (ids[0], ids[-1]) == (START, END)
    return list(ids[1:-1])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("sharper", ["sharper</w>"]),
        ("  Sharper\tLESS\n", ["sharper</w>", "less</w>"]),
        ("sharp", ["shar", "p</w>"]),
        ("noise", ["nois", "e</w>"]),  # (nois e) has no merge, and comes before (s e</w>)
        ("se", ["se</w>"]),
        ("less,less", ["less</w>", ",</w>", "less</w>"]),
        ("42", ["4</w>", "2</w>"]),
        ("er's", ["er</w>", "'s</w>"]),
        ("a'x", ["a</w>", "'</w>", "x</w>"]),
        ("!?", ["!", "?</w>"]),
        ("er_er", ["er</w>", "_</w>", "er</w>"]),
    ],
)
def test_texts_become_the_tokens_worked_out_by_hand(
    tokenizer: ClipTokenizer, text: str, tokens: list[str]
) -> None:
    assert inside(tokenizer, text) == merged(*tokens)


def test_a_special_token_in_a_text_is_plain_signs(tokenizer: ClipTokenizer) -> None:
    word = merged(*"endoftex", "t</w>")
    assert inside(tokenizer, "<|endoftext|>") == [
        *merged("<", "|</w>"),
        *word,
        *merged("|", "></w>"),
    ]


def test_signs_beyond_ascii_are_their_bytes(tokenizer: ClipTokenizer) -> None:
    # U+3042 is e3 81 82: e3 stands for itself, 81 is the 35th byte that is not printable (U+0123),
    # and these two merge.
    assert inside(tokenizer, "あ")[0] == 512 + len(MERGES) - 1
    assert len(inside(tokenizer, "あ")) == 2


def test_composed_and_decomposed_letters_are_one(tokenizer: ClipTokenizer) -> None:
    assert tokenizer.encode("e\u0301") == tokenizer.encode("É")


def test_both_published_forms_give_one_tokenizer(tmp_path: Path, tokenizer: ClipTokenizer) -> None:
    hub = tmp_path / "hub"
    hub.mkdir()
    other = read_clip_vocabulary(write_hub_vocabulary(hub))
    assert (tokenizer.size, other.size) == (SIZES.vocabulary, SIZES.vocabulary)
    for text in ("Sharper, less noise!", "ñ 東 10²", "it's"):
        assert other.encode(text) == tokenizer.encode(text)
    assert read_clip_vocabulary(hub).encode("less") == tokenizer.encode("less")
    assert read_clip_vocabulary(tmp_path).encode("less") == tokenizer.encode("less")


def test_a_text_that_is_too_long_is_refused(tokenizer: ClipTokenizer) -> None:
    assert len(tokenizer.encode("less " * 75)) == 77
    with pytest.raises(InputError) as caught:
        tokenizer.encode("less " * 76)
    assert str(caught.value) == (
        f"the text '{'less ' * 11}[...]' has 78 tokens, CLIP reads 77; shorten it"
    )


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_clip_vocabulary(path)
    return str(caught.value).removeprefix(str(path))


def test_missing_and_damaged_files_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        ": has neither vocab.json and merges.txt nor bpe_simple_vocab_16e6.txt.gz; put CLIP's "
        "vocabulary there"
    )
    absent = tmp_path / "x.txt.gz"
    assert refusal(absent) == (
        ": cannot be read (No such file or directory); put CLIP's vocabulary there"
    )
    whole = write_openai_vocabulary(tmp_path).read_bytes()
    absent.write_bytes(whole[:-20])
    assert refusal(absent) == ": cannot be read (it is damaged); put CLIP's vocabulary there"
    absent.write_bytes(gzip.compress(b"#\na b\na b c\n"))
    assert refusal(absent) == ", line 3: is no pair of tokens; download it again"


def test_a_vocabulary_that_does_not_fit_its_merges_is_refused(tmp_path: Path) -> None:
    path = write_hub_vocabulary(tmp_path)
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text("[1]")
    assert refusal(path) == ": is no table of tokens and their numbers; download it again"
    path.write_text(json.dumps(content | {"a": 9999}))
    assert refusal(path) == f": its numbers are not 0 to {len(content) - 1}; download it again"
    del content["sha"]
    path.write_text(json.dumps(content))
    assert refusal(path) == (
        ": lacks 1 tokens that the merges lead to, first 'sha'; use vocabulary and merges of one "
        "model"
    )
