"""What a multimodal model is asked about a series, and what counts as an answer.

The paper has Gemini 2.5 Pro check the context of a series; its prompt is not published. This one is
ours, and so are the rules by which an answer is used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fgaesq.building.records import REASONS
from fgaesq.texts.prompt import UnusableAnswerError, json_of_answer

__all__ = ["ANSWERABLE", "FORM", "Verdict", "context_prompt", "usable_verdicts", "verdicts_of"]

ANSWERABLE: Final = ("context", "dissimilar", "defective", "empty", "misaligned", "other")
"""The reasons of `REASONS` that a model can see."""

FORM: Final = '{"images": [{"image": 1, "keep": true, "reason": "", "why": ""}, ...]}'
"""Of an answer."""

_MOST_WORDS = 40

_PROMPT: Final = """\
The {number} images that follow are numbered. A program put them together as one series: {kind}.
People will be asked which image of the series is the best, and that question must make sense: the
images must show one and the same thing and differ in how well they show it.

Judge each image by itself against the majority of the others. Keep it if it shows the same subject,
action, place and occasion, even if it is blurred a little, darker, tilted, noisy or framed
otherwise: flaws that make an image worse are what people are to judge. Do not keep it for one of
these reasons:
{reasons}

If the images do not agree, the largest group that does is the series. When in doubt, keep.

Answer with a JSON object and nothing else, one entry for each image in order:
{form}
"reason" is one of {names}, and "" for images to keep; "why" is one short sentence on what can be
seen, and "" for images to keep."""

_KINDS: Final = {
    "natural": "photos of one scene, taken shortly one after the other",
    "aigc": "images that a generator made of one prompt",
    "cropping": "different crops of one photo",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model says of an image; `reason` and `why` are "" if it is kept."""

    keep: bool
    reason: str
    why: str


def context_prompt(category: str, number: int, prompt: str) -> str:
    """Return what is asked about so many images of a category, made of `prompt` if there is one."""
    kind = _KINDS[category] + (f" ('{' '.join(prompt.split())}')" if prompt else "")
    names = [name for name in ANSWERABLE if prompt or name != "misaligned"]
    return _PROMPT.format(
        number=number,
        kind=kind,
        reasons="\n".join(f"- {name}: {REASONS[name]}" for name in names),
        form=FORM,
        names=", ".join(f'"{name}"' for name in names),
    )


def usable_verdicts(answer: str, number: int) -> str:
    """Return an answer about so many images as the JSON that `verdicts_of` reads.

    Raises:
        UnusableAnswerError: it does not have the form asked for.
    """
    content = json_of_answer(answer)
    entries = content.get("images") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise UnusableAnswerError("it has no list of objects under 'images'")
    named = [one.get("image") for one in entries]
    if named != list(range(1, number + 1)):
        raise UnusableAnswerError(f"its entries are not those of images 1 to {number} in order")
    return json.dumps([_checked(one) for one in entries])


def verdicts_of(kept: str) -> Sequence[Verdict]:
    """Return the verdicts, one per image in order, that `usable_verdicts` made JSON of."""
    return [Verdict(**one) for one in json.loads(kept)]


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    image, keep = entry["image"], entry.get("keep")
    if not isinstance(keep, bool):
        raise UnusableAnswerError(f"'keep' of image {image} is not true or false")
    if keep:
        return {"keep": True, "reason": "", "why": ""}
    reason, why = entry.get("reason"), entry.get("why")
    if reason not in ANSWERABLE:
        raise UnusableAnswerError(
            f"'reason' of image {image} is not one of {', '.join(ANSWERABLE)}"
        )
    if not isinstance(why, str) or not why.strip():
        raise UnusableAnswerError(f"'why' of image {image} is no sentence")
    words = why.split()
    if len(words) > _MOST_WORDS:
        raise UnusableAnswerError(
            f"'why' of image {image} has {len(words)} words, not {_MOST_WORDS}"
        )
    return {"keep": False, "reason": reason, "why": " ".join(words)}
