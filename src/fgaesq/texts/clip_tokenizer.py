"""CLIP's text tokenizer: lower-case byte-pair encoding (Radford 2021; Sennrich 2016).

The vocabulary is a file of the user, in either published form: `vocab.json` with `merges.txt`, or
`bpe_simple_vocab_16e6.txt.gz`. Text is brought to NFC, white space collapsed, letters made small,
as in the tokenizers published with the weights on the Hub. (OpenAI's code repairs wrongly decoded
text as well; ours is expected to be sound.) Special tokens that stand in a text are plain
characters here.
"""

from __future__ import annotations

import gzip
import json
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from fgaesq.errors import InputError, WeightsError

__all__ = ["ClipTokenizer", "read_clip_vocabulary"]

_START: Final = "<|startoftext|>"
_END: Final = "<|endoftext|>"
_WORD_END: Final = "</w>"
_OPENAI_FILE: Final = "bpe_simple_vocab_16e6.txt.gz"
_OPENAI_MERGES: Final = 49152 - 256 - 2
"""The file holds more merges than CLIP uses."""

_CONTRACTION = re.compile(r"'(?:s|t|re|ve|m|ll|d)")
_RUN = re.compile(r"L+|N|P+")


class ClipTokenizer:
    """Texts to token ids.

    Args:
        ids: of all tokens; those that end a word end in `</w>`.
        merges: pairs of tokens that become one, the first ones first.
    """

    def __init__(self, ids: Mapping[str, int], merges: Sequence[tuple[str, str]]) -> None:
        self._ids = ids
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self._ids)

    def encode(self, text: str, *, length: int = 77) -> tuple[int, ...]:
        """Return the ids of a text between those of start and end.

        Raises:
            InputError: the text has more than `length` tokens; cutting it could turn its meaning.
        """
        ids = [self._ids[_START]]
        for word in _words(_cleaned(text)):
            ids.extend(self._ids[token] for token in self._merged(word))
        ids.append(self._ids[_END])
        if len(ids) > length:
            start = textwrap.shorten(text, 60)
            raise InputError(
                f"the text '{start}' has {len(ids)} tokens, CLIP reads {length}; shorten it"
            )
        return tuple(ids)

    def _merged(self, word: str) -> list[str]:
        """Return a word's tokens: its bytes, joined as long as a merge applies."""
        symbols = _byte_symbols()
        tokens = [symbols[byte] for byte in word.encode("utf-8")]
        tokens[-1] += _WORD_END
        while len(tokens) > 1:
            best = min(pairwise(tokens), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            tokens = list(_joined(tokens, best))
        return tokens


def read_clip_vocabulary(path: Path) -> ClipTokenizer:
    """Read a vocabulary as published.

    Args:
        path: `vocab.json` (with `merges.txt` beside it), `bpe_simple_vocab_16e6.txt.gz`, or the
            folder of either.

    Raises:
        WeightsError: a file is missing, damaged, or the tokens and merges do not fit.
    """
    if path.is_dir():
        known = [path / name for name in ("vocab.json", _OPENAI_FILE) if (path / name).is_file()]
        if not known:
            raise WeightsError(
                f"{path}: has neither vocab.json and merges.txt nor {_OPENAI_FILE}; put CLIP's "
                "vocabulary there"
            )
        path = known[0]
    if path.suffix == ".json":
        merges = _merges(path.with_name("merges.txt"))
        ids = _read_ids(path)
    else:
        merges = _merges(path)[:_OPENAI_MERGES]
        ids = _ids_of(merges)
    _check(path, ids, merges)
    return ClipTokenizer(ids, merges)


def _cleaned(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).lower()


def _words(text: str) -> Iterator[str]:
    """Yield contractions, runs of letters, single digits and runs of other signs."""
    kinds = "".join(_kind(character) for character in text)
    position = 0
    while position < len(text):
        match = _CONTRACTION.match(text, position) or _RUN.match(kinds, position)
        if match is None:  # white space
            position += 1
        else:
            yield text[position : match.end()]
            position = match.end()


def _kind(character: str) -> str:
    """Return L for a letter, N for a number, a space for white space, P for all else."""
    if character.isspace():
        return " "
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "P"


def _joined(tokens: Sequence[str], pair: tuple[str, str]) -> Iterator[str]:
    """Yield the tokens with each occurrence of a pair, from the left, as one token."""
    position = 0
    while position < len(tokens):
        is_pair = tuple(tokens[position : position + 2]) == pair
        yield "".join(pair) if is_pair else tokens[position]
        position += 2 if is_pair else 1


@cache
def _byte_symbols() -> dict[int, str]:
    """Return the character that stands for each byte (Radford 2019), in the vocabulary's order.

    Printable Latin-1 characters stand for themselves, the others for those from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(0x100 + n) for n, byte in enumerate(others)
    }


def _ids_of(merges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the ids that follow from the merges: bytes, bytes at a word's end, merged, special."""
    symbols = list(_byte_symbols().values())
    tokens = [*symbols, *(symbol + _WORD_END for symbol in symbols)]
    tokens += ["".join(pair) for pair in merges]
    return {token: number for number, token in enumerate([*tokens, _START, _END])}


def _read_ids(path: Path) -> dict[str, int]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not isinstance(content, dict) or not all(type(one) is int for one in content.values()):
        raise WeightsError(f"{path}: is no table of tokens and their numbers; download it again")
    return content


def _merges(path: Path) -> list[tuple[str, str]]:
    """Read the pairs of a file of merges; its first line is a heading."""
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except (OSError, EOFError, ValueError) as error:
        raise _unreadable(path, error) from error
    merges = []
    for number, line in enumerate(text.rstrip("\n").split("\n")[1:], start=2):
        first, _, second = line.rstrip("\r").partition(" ")
        if not first or not second or " " in second:
            raise WeightsError(f"{path}, line {number}: is no pair of tokens; download it again")
        merges.append((first, second))
    return merges


def _unreadable(path: Path, error: Exception) -> WeightsError:
    reason = getattr(error, "strerror", None) or "it is damaged"
    return WeightsError(f"{path}: cannot be read ({reason}); put CLIP's vocabulary there")


def _check(path: Path, ids: Mapping[str, int], merges: Iterable[tuple[str, str]]) -> None:
    """Raise WeightsError unless every text can be encoded and the numbers are gapless."""
    missing = [token for token in _ids_of(merges) if token not in ids]
    if missing:
        raise WeightsError(
            f"{path}: lacks {len(missing)} tokens that the merges lead to, first '{missing[0]}'; "
            "use vocabulary and merges of one model"
        )
    if sorted(ids.values()) != list(range(len(ids))):
        raise WeightsError(f"{path}: its numbers are not 0 to {len(ids) - 1}; download it again")
