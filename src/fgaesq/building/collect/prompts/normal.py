"""When two prompts are the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["normal_prompt"]

_WEIGHTS: Final = re.compile(r"<(?:lora|lyco|hypernet):[^<>]*>", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
_COMMAS: Final = re.compile(r"\s*,(?:\s*,)*\s*")


def normal_prompt(prompt: str) -> str:
    """Return the form of a prompt by which images of one prompt are found.

    Case, white space, doubled or trailing commas, a final full stop, forms of one character (NFKC)
    and tags that load weights (`<lora:name:0.8>`) do not count: they say how an image was made, not
    what it shows.

    >>> normal_prompt("A  red Fox,, in snow <lora:film:0.7>, ")
    'a red fox, in snow'
    """
    text = _WEIGHTS.sub(" ", unicodedata.normalize("NFKC", prompt))
    text = _COMMAS.sub(", ", _SPACES.sub(" ", text))
    return text.casefold().strip(" ,.")
