"""Generated images -> series of one prompt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fgaesq.building.collect.natural import folder_series
from fgaesq.building.collect.prompts import normal_prompt
from fgaesq.building.collect.provenance import Tables
from fgaesq.building.collect.records import CollectSettings, Found, Member, Proposed
from fgaesq.report.words import counted

__all__ = ["generated_series"]

_SHOWN: Final = 80  # characters of a prompt in a sentence


def generated_series(
    found: Sequence[Found], settings: CollectSettings, tables: Tables
) -> tuple[list[Proposed], list[tuple[str, Path]]]:
    """Return the series of one prompt each, or of one folder, and images without a prompt.

    The prompt is what a table says, else what the file states. Two prompts are the same if their
    normal forms are (`prompts.normal_prompt`).
    """
    if settings.folders:
        return [_with_prompts(one, tables) for one in folder_series(found)], []
    series: dict[tuple[str, str], list[Member]] = defaultdict(list)
    dropped = []
    for one in found:
        member = _member(one, tables)
        if not member.prompt:
            dropped.append(("no_prompt", one.path))
            continue
        generator = member.maker if settings.generators_apart else ""
        series[normal_prompt(member.prompt), generator].append(member)
    return [
        Proposed(tuple(members), _why(members), "one_of_prompt") for members in series.values()
    ], dropped


def _with_prompts(proposed: Proposed, tables: Tables) -> Proposed:
    members = tuple(_member(one.found, tables) for one in proposed.members)
    return replace(proposed, members=members)


def _member(found: Found, tables: Tables) -> Member:
    said = found.reading.generation
    model = tables.of(found.path, "model")
    prompt = tables.of(found.path, "prompt") or (said.prompt if said else "")
    if said is None:
        return Member(found, prompt=prompt, maker=model, origin={"model": model} if model else {})
    model = model or said.model
    fields = {
        "generator": said.generator,
        "model": model,
        "seed": said.seed,
        "negative": said.negative,
    }
    return Member(
        found,
        prompt=prompt,
        maker=" ".join(filter(None, (said.generator, model))),
        origin={name: text for name, text in fields.items() if text},
    )


def _why(members: Sequence[Member]) -> str:
    prompt = " ".join(members[0].prompt.split())
    if len(prompt) > _SHOWN:
        prompt = prompt[: _SHOWN - 3] + "..."
    generators = len({member.maker for member in members})
    by = f" by {counted(generators, 'generator')}" if generators > 1 else ""
    return f"{len(members)} images of one prompt{by}: {prompt}"
