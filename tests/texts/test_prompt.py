"""The question about a pair, and the answers that count."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image as PILImage

from fgaesq.texts.prompt import PROMPT, UnusableAnswerError, question, text_of_answer, to_url


def test_the_better_image_comes_first_and_the_prompt_says_so() -> None:
    request = question("m", "BETTER", "WORSE")
    (message,) = request["messages"]
    kinds = [part["type"] for part in message["content"]]
    assert kinds == ["text", "image_url", "image_url"]
    assert [part["image_url"]["url"] for part in message["content"][1:]] == ["BETTER", "WORSE"]
    assert "People prefer\nthe first to the second" in PROMPT
    assert request["model"] == "m"


def test_fields_of_the_request_can_be_set_and_removed() -> None:
    request = question("m", "a", "b", {"temperature": None, "max_tokens": 9, "seed": 1})
    assert "temperature" not in request
    assert (request["max_tokens"], request["seed"]) == (9, 1)


@pytest.mark.parametrize(
    "answer",
    [
        '{"text": "It is sharper."}',
        ' {"text": " It is\\n sharper. ", "why": 1}\n',
        '```json\n{"text": "It is sharper."}\n```',
        '```\n{"text": "It is sharper."}```',
    ],
)
def test_a_text_is_found_in_its_json(answer: str) -> None:
    assert text_of_answer(answer) == "It is sharper."


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("It is sharper.", "it is not JSON"),
        ('{"text": "It is sharp', "it is not JSON"),
        ('["It is sharper."]', "it has no string under 'text'"),
        ('{"text": 1}', "it has no string under 'text'"),
        ('{"text": "Sharper"}', "the text has 1 words, need 2 to 30"),
        ('{"text": "' + "more " * 46 + '"}', "the text has 46 words, need 2 to 30"),
        ('{"text": "It is sharp."}', "the text has no comparative word"),
        ('{"text": "The First image is sharper."}', "the text names an image ('First image')"),
        ('{"text": "Image B is blurrier."}', "the text names an image ('Image B')"),
        ('{"text": "Photo 1 is sharper."}', "the text names an image ('Photo 1')"),
        ('{"text": "It is sharper than the second one."}',
         "the text names an image ('second one')"),
    ],
)  # fmt: skip
def test_answers_that_do_not_count_are_told_why(answer: str, problem: str) -> None:
    with pytest.raises(UnusableAnswerError) as caught:
        text_of_answer(answer)
    assert str(caught.value) == problem


def test_texts_on_pictures_in_general_count() -> None:
    for text in ("The picture is sharper.", "One sees more of a second bird.", "A better frame."):
        assert text_of_answer(f'{{"text": "{text}"}}') == text


def test_only_pixels_are_sent() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:, 15:] = 250
    start, _, content = to_url(pixels).partition(",")
    assert start == "data:image/jpeg;base64"
    with PILImage.open(io.BytesIO(base64.b64decode(content))) as image:
        assert (image.format, image.size) == ("JPEG", (30, 20))
        assert not image.getexif()
        assert np.abs(np.asarray(image, np.int16) - pixels).max() < 12
