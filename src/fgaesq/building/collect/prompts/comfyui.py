"""The graph that ComfyUI writes into its images -> the text that the sampler is conditioned on.

A graph comes in two forms: as it was run (`prompt`: nodes by id, each with `class_type` and
`inputs`, where a list `[id, slot]` is a link) and as it was drawn (`workflow`: `nodes` with
`widgets_values`, and a list of `links`). The second is brought into the form of the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from fgaesq.building.collect.records import Generation

__all__ = ["comfyui_generation"]

_Inputs: TypeAlias = dict[str, Any]
_Graph: TypeAlias = dict[str, _Inputs]
"""Inputs of each node; `class_type` is one of them."""

_TEXTS: Final = ("text", "text_g", "text_l", "t5xxl", "clip_g", "clip_l", "prompt") + (
    "populated_text",
    "wildcard_text",
    "string",
    "value",
    "string_a",
    "string_b",
)
"""Inputs that hold text, in nodes that encode or make it."""
_NOT_TEXT: Final = frozenset(
    ("clip", "model", "vae", "control_net", "image", "pixels", "latent", "latent_image", "samples")
    + ("noise", "sigmas", "sampler", "mask", "clip_vision_output", "style_model")
)
_WEIGHTS: Final = ("ckpt_name", "unet_name", "model_name", "base_ckpt_name")
_WEIGHTS_ENDINGS: Final = (".safetensors", ".ckpt", ".gguf", ".sft", ".pt")
_WRITERS: Final = ("text", "string", "prompt", "primitive")
_MOST_NODES: Final = 5000


def comfyui_generation(content: Mapping[str, Any]) -> Generation | None:
    """Return what a graph says, None if no sampler in it has a text.

    Of several samplers on the way to the image the first one counts, which lays the image out.

    Args:
        content: the graph, in either form.
    """
    graph = _drawn(content) if isinstance(content.get("nodes"), list) else _run(content)
    samplers = [node for node in _upstream(graph, _outputs(graph)) if _is_sampler(graph[node])]
    for sampler in reversed(samplers):
        inputs = graph[sampler]
        prompt = _conditioning(graph, inputs, "positive")
        if prompt:
            return Generation(
                prompt,
                _conditioning(graph, inputs, "negative"),
                "ComfyUI",
                _model(graph, sampler),
                _seed(graph, inputs),
            )
    return None


def _run(content: Mapping[str, Any]) -> _Graph:
    """Return a graph as it was run."""
    graph = {}
    for id, node in list(content.items())[:_MOST_NODES]:
        if isinstance(node, dict) and isinstance(node.get("inputs"), dict):
            graph[str(id)] = {**node["inputs"], "class_type": str(node.get("class_type", ""))}
    return graph


def _drawn(content: Mapping[str, Any]) -> _Graph:
    """Return a graph as it was drawn, links and the widgets that matter as inputs."""
    sources: dict[Any, list[Any]] = {}
    for link in content.get("links") or ():
        if isinstance(link, list) and len(link) >= 3:
            sources[link[0]] = [str(link[1]), link[2]]
        elif isinstance(link, dict):
            sources[link.get("id")] = [str(link.get("origin_id")), link.get("origin_slot", 0)]
    graph: _Graph = {}
    for node in content["nodes"][:_MOST_NODES]:
        if not isinstance(node, dict):
            continue
        inputs: _Inputs = {"class_type": str(node.get("type", ""))}
        inputs |= _widgets(inputs["class_type"], node.get("widgets_values"))
        for slot in node.get("inputs") or ():
            if isinstance(slot, dict) and _hashable(slot.get("link")) in sources:
                inputs[str(slot.get("name"))] = sources[slot["link"]]
        graph[str(node.get("id"))] = inputs
    return graph


def _widgets(kind: str, values: object) -> _Inputs:
    """Return what the widgets of a drawn node say, named as in a graph that was run."""
    if isinstance(values, dict):
        return {str(name): value for name, value in values.items()}
    if not isinstance(values, list):
        return {}
    texts = [value for value in values if isinstance(value, str)]
    weights = [text for text in texts if text.lower().endswith(_WEIGHTS_ENDINGS)]
    if weights:
        return {"ckpt_name": weights[0]}
    if texts and any(word in kind.lower() for word in _WRITERS):
        return {"text": texts[0]}
    numbers = [value for value in values if type(value) is int]
    return {"seed": numbers[0]} if numbers else {}


def _outputs(graph: _Graph) -> list[str]:
    """Return the nodes that save or show images; all, if none does."""
    found = [
        node
        for node, inputs in graph.items()
        if inputs["class_type"].startswith(("Save", "Preview")) or "images" in inputs
    ]
    return found or list(graph)


def _upstream(graph: _Graph, starts: list[str]) -> Iterator[str]:
    """Yield nodes and what they get their inputs from, the nearest first."""
    waiting = [node for node in starts if node in graph]
    seen = set(waiting)
    for node in waiting:  # grows while it is gone through
        yield node
        for source, _ in _links(graph, graph[node]).values():
            if source not in seen:
                seen.add(source)
                waiting.append(source)


def _links(graph: _Graph, inputs: _Inputs) -> dict[str, tuple[str, Any]]:
    """Return the links of a node by input."""
    return {
        name: (str(value[0]), value[1])
        for name, value in inputs.items()
        if isinstance(value, list) and len(value) == 2 and str(value[0]) in graph
    }


def _is_sampler(inputs: _Inputs) -> bool:
    return any(isinstance(inputs.get(name), list) for name in ("latent_image", "latent")) and any(
        isinstance(inputs.get(name), list) for name in ("positive", "guider", "conditioning")
    )


def _conditioning(graph: _Graph, inputs: _Inputs, side: str) -> str:
    """Return the texts that a sampler is conditioned on, from one side, joined by commas."""
    names = [side, "guider"] if side == "negative" else [side, "guider", "conditioning"]
    links = _links(graph, inputs)
    found: list[str] = []
    seen: set[str] = set()
    waiting = [links[name][0] for name in names if name in links]
    for node in waiting:  # grows while it is gone through
        if node in seen:
            continue
        seen.add(node)
        here, onward = _texts(graph, graph[node], side)
        found += here
        waiting += onward
    return ", ".join(dict.fromkeys(found))


def _texts(graph: _Graph, inputs: _Inputs, side: str) -> tuple[list[str], list[str]]:
    """Return the texts that stand in a node, and the nodes that it gets the others from."""
    links = _links(graph, inputs)
    if inputs["class_type"].startswith("ConditioningZeroOut"):
        return [], []
    if side in links:  # a node that hands both sides on
        return [], [links[side][0]]
    if "guider" not in inputs["class_type"].lower() or side == "positive":
        written = [inputs[name] for name in _TEXTS if isinstance(inputs.get(name), str)]
        linked = [links[name][0] for name in _TEXTS if name in links]
        if written or linked:
            return [text.strip() for text in written if text.strip()], linked
        other = {"positive": "negative", "negative": "positive"}[side]
        return [], [
            node for name, (node, _) in links.items() if name != other and name not in _NOT_TEXT
        ]
    return [], []  # a guider without a negative side


def _model(graph: _Graph, sampler: str) -> str:
    """Return the weights nearest to the sampler, without folder and ending."""
    for node in _upstream(graph, [sampler]):
        for name in _WEIGHTS:
            value = graph[node].get(name)
            if isinstance(value, str) and value:
                file = value.replace("\\", "/").rsplit("/", 1)[-1]
                stem, dot, ending = file.rpartition(".")
                return stem if dot + ending.lower() in _WEIGHTS_ENDINGS else file
    return ""


def _seed(graph: _Graph, inputs: _Inputs) -> str:
    links = _links(graph, inputs)
    sources = [inputs, *(graph[links[name][0]] for name in ("noise", "seed") if name in links)]
    for one in sources:
        for name in ("seed", "noise_seed", "value"):
            if type(one.get(name)) is int:
                return str(one[name])
    return ""


def _hashable(value: object) -> object:
    return value if isinstance(value, (int, str)) else None
