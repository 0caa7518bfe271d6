"""Texts of an image file -> what they say of its generation, as common generators write it.

Sources: the programs' own published code and files they write: AUTOMATIC1111 and Forge
(`modules/infotext_utils.py`), ComfyUI (`nodes.py`, SaveImage), InvokeAI, NovelAI, Fooocus
(`modules/meta_parser.py`), SwarmUI, Midjourney.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple
from typing import Any, Final, TypeAlias

from fgaesq.building.collect.prompts.comfyui import comfyui_generation
from fgaesq.building.collect.records import Generation

__all__ = ["generation_of"]

_Texts: TypeAlias = Mapping[str, str]

_STEPS: Final = re.compile(r"^Steps: \d+", re.MULTILINE)
_NEGATIVE: Final = re.compile(r"^Negative prompt:", re.MULTILINE)
_FIELD: Final = re.compile(r'([A-Z][^:,"\n]*): ("(?:[^"\\]|\\.)*"|[^,\n]*)')
_JOB: Final = re.compile(r"\s*Job ID:\s*[0-9a-f-]{8,}\s*$", re.IGNORECASE)
_OPTION: Final = re.compile(r"\s(?:--|\N{EM DASH})[a-z]+\b.*$", re.DOTALL)
_VERSION: Final = re.compile(r"\s--(v|niji)\s+([\d.]+)")
_SEED: Final = re.compile(r"\s--seed\s+(\d+)")


def generation_of(texts: _Texts) -> Generation | None:
    """Return what the texts of a file say of its generation, None if they name no prompt.

    What a program writes in a form of its own goes before plain descriptions, which are looked at
    last: any text there is then taken for the prompt.

    Args:
        texts: of the file, named as by `texts.file_texts`.
    """
    found = (read(texts) for read in _READERS)
    stated = next((one for one in found if one is not None and one.prompt.strip()), None)
    return Generation(*map(_whole, astuple(stated))) if stated else None


def _parameters(texts: _Texts) -> Generation | None:
    """Read the text that AUTOMATIC1111 and many others write, into PNG, JPEG and WebP files."""
    for name in ("parameters", "exif:UserComment"):
        text = texts.get(name, "")
        found = _of_json(_json(text), texts) if text.lstrip().startswith("{") else None
        if found is None and (name == "parameters" or _STEPS.search(text)):
            found = _of_infotext(text)
        if found is not None and found.prompt:
            return found
    return None


def _of_infotext(text: str) -> Generation | None:
    """Read the prompt, a line `Negative prompt: ...`, and a last line `Steps: 20, Seed: 1, ...`."""
    text = text.replace("\r\n", "\n")
    if text.lstrip().startswith("{"):
        return None
    ends = list(_STEPS.finditer(text))
    words, last = (text[: ends[-1].start()], text[ends[-1].start() :]) if ends else (text, "")
    fields = {name.strip(): _unquoted(value) for name, value in _FIELD.findall(last)}
    divided = _NEGATIVE.split(words, maxsplit=1)
    return Generation(
        divided[0].strip(),
        divided[1].strip() if len(divided) > 1 else "",
        _program(fields),
        fields.get("Model", ""),
        fields.get("Seed", ""),
    )


def _program(fields: _Texts) -> str:
    version = fields.get("Version", "")
    if app := fields.get("App", ""):
        return app
    if version.startswith("f") and version[1:2].isdigit():
        return "Forge"
    return next(
        (name for name in ("ComfyUI", "Fooocus") if version.startswith(name)), "AUTOMATIC1111"
    )


def _of_json(content: Any, texts: _Texts) -> Generation | None:  # noqa: ANN401 - JSON
    """Read the JSON of Fooocus and SwarmUI, and a graph of ComfyUI in the same place."""
    if not isinstance(content, dict):
        return None
    if isinstance(swarm := content.get("sui_image_params"), dict):
        return _by_names(swarm, "SwarmUI", negative="negativeprompt")
    if "nodes" in content or any(
        isinstance(node, dict) and "class_type" in node for node in content.values()
    ):
        return comfyui_generation(content)
    lowered = {str(key).casefold().replace(" ", "_"): value for key, value in content.items()}
    version = str(lowered.get("version", "") or texts.get("exif:Software", ""))
    is_fooocus = "fooocus_scheme" in texts or "fooocus" in version.casefold()
    generator = str(lowered.get("software", "")) or ("Fooocus" if is_fooocus else "")
    return _by_names(lowered, generator, negative="negative_prompt", model="base_model")


def _by_names(
    content: Mapping[str, Any], generator: str, *, negative: str, model: str = "model"
) -> Generation | None:
    if not isinstance(content.get("prompt"), str):
        return None
    weights = content.get(model) or content.get("model")
    if isinstance(weights, dict):
        weights = weights.get("name") or weights.get("model_name")
    return Generation(
        content["prompt"].strip(),
        _text(content.get(negative)),
        generator,
        _text(weights),
        _text(content.get("seed")),
    )


def _invokeai(texts: _Texts) -> Generation | None:
    content = _json(texts.get("invokeai_metadata", ""))
    if isinstance(content, dict):
        named = {**content, "prompt": content.get("positive_prompt")}
        return _by_names(named, "InvokeAI", negative="negative_prompt")
    content = _json(texts.get("sd-metadata", ""))
    image = content.get("image") if isinstance(content, dict) else None
    if not isinstance(image, dict):
        return None
    parts = image.get("prompt")
    if isinstance(parts, list):  # weighted parts of one prompt
        parts = " ".join(_text(part.get("prompt")) for part in parts if isinstance(part, dict))
    named = {**image, "prompt": parts, "model": content.get("model_weights")}
    return _by_names(named, "InvokeAI", negative="negative_prompt")


def _novelai(texts: _Texts) -> Generation | None:
    content = _json(texts.get("Comment", ""))
    if not isinstance(content, dict) or not ("uc" in content or texts.get("Software") == "NovelAI"):
        return None
    named = {**content, "prompt": content.get("prompt") or texts.get("Description")}
    return _by_names({**named, "model": texts.get("Source")}, "NovelAI", negative="uc")


def _comfyui(texts: _Texts) -> Generation | None:
    """Read the graphs: PNG chunks, or EXIF fields of WebP files where each begins with its name."""
    for name in ("prompt", "workflow"):
        stored = [texts.get(name, "")]
        stored += [
            texts.get(field, "").removeprefix(f"{name}:").removeprefix(f"{name.title()}:")
            for field in ("exif:Model", "exif:Make", "exif:ImageDescription")
        ]
        for text in stored:
            content = _json(text)
            if isinstance(content, dict) and (found := comfyui_generation(content)) is not None:
                return found
    return None


def _plain_prompt(texts: _Texts) -> Generation | None:
    """Read a chunk `prompt` that is the prompt itself."""
    prompt = texts.get("prompt", "")
    if not prompt or prompt.lstrip().startswith("{"):
        return None
    return Generation(prompt, texts.get("negative_prompt", ""), seed=texts.get("seed", ""))


def _described(texts: _Texts) -> Generation | None:
    """Read a description: Midjourney's, with its options after two dashes, or any."""
    names = ("Description", "xmp:description", "exif:ImageDescription")
    text = next((texts[name] for name in names if texts.get(name)), "")
    if not text or text.lstrip().startswith("{"):
        return None
    if not _JOB.search(text) and not _VERSION.search(text):
        return Generation(text.strip())
    text = _JOB.sub("", text)
    version, seed = _VERSION.search(text), _SEED.search(text)
    model = ""
    if version:
        model = f"niji {version[2]}" if version[1] == "niji" else f"v{version[2]}"
    return Generation(
        _OPTION.sub("", text).strip(), "", "Midjourney", model, seed[1] if seed else ""
    )


_READERS: Final[tuple[Callable[[_Texts], Generation | None], ...]] = (
    _parameters,
    _invokeai,
    _novelai,
    _comfyui,
    _plain_prompt,
    _described,
)


def _whole(text: str) -> str:
    """Return a text without the halves of characters that JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _json(text: str) -> Any:  # noqa: ANN401 - JSON
    if not text.lstrip().startswith("{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value.strip('"')
    return value.strip()
