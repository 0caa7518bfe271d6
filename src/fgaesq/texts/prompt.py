"""What a multimodal model is asked about a pair, and what counts as an answer.

The paper's prompt is not published; this one is ours. The better image comes first, and the answer
must neither say so nor name the images, because the text goes with the difference of two features
whichever way round the pair is stored.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PIL import Image as PILImage

from fgaesq.texts.vocabulary import is_comparative
from fgaesq.types import Image

__all__ = [
    "FORM",
    "PROMPT",
    "UnusableAnswerError",
    "asked_again",
    "json_of_answer",
    "question",
    "request_about",
    "text_of_answer",
    "to_url",
]

PROMPT: Final = """\
Two images of one series follow: the same scene or the same idea, a little different. People prefer
the first to the second.

In one English sentence of at most 30 words, say in what the preferred image is better. Look at
sharpness, light, colour, noise and artefacts, at framing, level and composition, at the moment, at
expressions and at whether bodies and objects are formed well. Name only the one or two differences
that matter most, and only what can be seen.

Compare: use words such as sharper, brighter, cleaner, straighter, more natural, less cluttered.
Speak of the preferred image as "it". Never name the images or their order (no "first", "second",
"image 1", "A", "B"): the sentence must fit the pair whichever way round it is shown.

Answer with a JSON object and nothing else: {"text": "..."}"""

FORM: Final = '{"text": "..."}'
"""Of an answer."""

_MOST_WORDS = 45
_FEWEST_WORDS = 2
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)
_THING = r"(?:image|photo|photograph|picture|version|frame|shot|one)"
_ORDINAL = r"(?:first|second|former|latter|preferred|other)"
_NAMED = re.compile(
    rf"\b(?:{_ORDINAL} {_THING}|{_THING} (?:[ab12]|one|two)|the former|the latter)\b", re.IGNORECASE
)
_JPEG_QUALITY = 90


class UnusableAnswerError(ValueError):
    """An answer that is not what was asked for; the message says why, to the model."""


def question(
    model: str, better: str, worse: str, fields: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """Return the request for a pair, as the chat completions API has it.

    Args:
        model: its name at the endpoint.
        better: image as data URL.
        worse: the same.
        fields: to set besides, or instead; None removes one.
    """
    return request_about(model, PROMPT, [("", better), ("", worse)], fields, most_tokens=200)


def request_about(
    model: str,
    prompt: str,
    images: Sequence[tuple[str, str]],
    fields: Mapping[str, object] | None = None,
    *,
    most_tokens: int,
) -> dict[str, Any]:
    """Return a request about images, as the chat completions API has it.

    Args:
        model: its name at the endpoint.
        prompt: what is asked.
        images: words before each, "" for none, and the image as data URL.
        fields: to set besides, or instead; None removes one.
        most_tokens: of the answer.
    """
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
    for words, url in images:
        if words:
            content.append({"type": "text", "text": words})
        content.append({"type": "image_url", "image_url": {"url": url}})
    request = {
        "model": model,
        "messages": [{"role": "user", "content": content}],
        "response_format": {"type": "json_object"},
        "temperature": 0,
        "max_tokens": most_tokens,
    }
    chosen = request | dict(fields or {})
    return {name: value for name, value in chosen.items() if value is not None}


def asked_again(
    request: Mapping[str, Any], answer: str, problem: UnusableAnswerError, *, form: str
) -> dict[str, Any]:
    """Return the request that points out what was wrong with the answer to an earlier one.

    Args:
        request: the earlier one.
        answer: to it.
        problem: what is wrong with it.
        form: that an answer must have, such as `FORM`.
    """
    remark = f"That cannot be used: {problem}. Answer again, with {form} only."
    messages = [
        *request["messages"],
        {"role": "assistant", "content": answer},
        {"role": "user", "content": remark},
    ]
    return {**request, "messages": messages}


def text_of_answer(answer: str) -> str:
    """Return the text that an answer holds.

    Raises:
        UnusableAnswerError: it is not the JSON asked for, or the text does not compare, names the
            images, or is of an odd length.
    """
    content = json_of_answer(answer)
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(text, str):
        raise UnusableAnswerError("it has no string under 'text'")
    text = " ".join(text.split())
    words = len(text.split())
    if not _FEWEST_WORDS <= words <= _MOST_WORDS:
        raise UnusableAnswerError(f"the text has {words} words, need 2 to 30")
    if not is_comparative(text):
        raise UnusableAnswerError("the text has no comparative word")
    if named := _NAMED.search(text):
        raise UnusableAnswerError(f"the text names an image ('{named[0]}')")
    return text


def json_of_answer(answer: str) -> Any:  # noqa: ANN401 - what JSON holds
    """Return the JSON that an answer is, with or without a fence around it.

    Raises:
        UnusableAnswerError: it is not JSON.
    """
    fenced = _FENCED.fullmatch(answer)
    try:
        return json.loads(fenced[1] if fenced else answer)
    except ValueError:
        raise UnusableAnswerError("it is not JSON") from None


def to_url(image: Image) -> str:
    """Return pixels as a data URL, JPEG of quality 90; nothing of the file but its pixels is in it.

    Args:
        image: RGB uint8, (H, W, 3).
    """
    content = io.BytesIO()
    PILImage.fromarray(image).save(content, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode("ascii")
