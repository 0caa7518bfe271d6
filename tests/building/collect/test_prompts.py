"""What generated images state of their making, from real files of each generator's form."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.building.collect.generated_images import (
    GRAPH,
    INFOTEXT,
    WORKFLOW,
    unicode_comment,
    write_exif,
    write_png,
    xmp_packet,
)

from fgaesq.building.collect.prompts import generation_of, normal_prompt
from fgaesq.building.collect.records import Generation
from fgaesq.building.collect.texts import decoded_comment, file_texts

FOX = Generation("a red fox", "blurry", "ComfyUI", "dream", "99")
INFO = Generation("a red fox, in snow\nsoft light", "blurry, text", "AUTOMATIC1111", "film", "1234")


def stated(path: Path) -> Generation | None:
    return generation_of(file_texts(path))


@pytest.mark.parametrize("international", [False, True])
def test_parameters_of_a_png(tmp_path: Path, international: bool) -> None:
    path = write_png(tmp_path / "a.png", {"parameters": INFOTEXT}, international=international)
    assert stated(path) == INFO


@pytest.mark.parametrize("ending", ["jpg", "webp"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("big_endian", [False, True])
def test_parameters_in_a_user_comment(
    tmp_path: Path, ending: str, encoding: str, big_endian: bool
) -> None:
    path = write_exif(
        tmp_path / f"a.{ending}",
        comment=unicode_comment(INFOTEXT, encoding),
        big_endian=big_endian,
    )
    assert stated(path) == INFO


def test_parameters_in_an_ascii_user_comment(tmp_path: Path) -> None:
    path = write_exif(tmp_path / "a.jpg", comment=b"ASCII\0\0\0" + INFOTEXT.encode())
    assert stated(path) == INFO


@pytest.mark.parametrize(
    ("data", "order", "text"),
    [
        (unicode_comment("狐 ok", "utf-16-be"), "<", "狐 ok"),
        (unicode_comment("狐", "utf-16-le"), "<", "狐"),
        (unicode_comment("狐", "utf-16-be"), ">", "狐"),
        (b"\0" * 8 + b"fox\0\0", "<", "fox"),
        (b"JIS\0\0\0\0\0" + "狐".encode("iso2022_jp"), "<", "狐"),
        (b"a fox without a code", "<", "a fox without a code"),
        (b"", "<", ""),
    ],
)
def test_user_comment(data: bytes, order: str, text: str) -> None:
    assert decoded_comment(data, order) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fox\nSteps: 4, Seed: 1, Version: f2.0.1v1.10.1", Generation("fox", "", "Forge", "", "1")),
        ("fox\nSteps: 4, App: SD.Next, Model: m", Generation("fox", "", "SD.Next", "m")),
        ("fox\r\nSteps: 4, Version: ComfyUI", Generation("fox", "", "ComfyUI")),
        ("only words", Generation("only words", "", "AUTOMATIC1111")),
        ("Negative prompt: x\nSteps: 4", None),
        (
            "how to Steps: 9\nSteps: 4, Seed: 2",
            Generation("how to Steps: 9", "", "AUTOMATIC1111", "", "2"),
        ),
    ],
)
def test_forms_of_parameters(text: str, expected: Generation | None) -> None:
    assert generation_of({"parameters": text}) == expected


def test_graph_that_comfyui_ran(tmp_path: Path) -> None:
    assert stated(write_png(tmp_path / "a.png", {"prompt": GRAPH})) == FOX


def test_graph_that_comfyui_shows(tmp_path: Path) -> None:
    assert stated(write_png(tmp_path / "a.png", {"workflow": WORKFLOW})) == FOX


def test_graph_in_a_webp(tmp_path: Path) -> None:
    path = write_exif(tmp_path / "a.webp", main={0x0110: "prompt:" + json.dumps(GRAPH)})
    assert stated(path) == FOX


def graph(**changed: dict[str, Any] | None) -> dict[str, Any]:
    """Return the graph with nodes changed, added, or (None) removed."""
    nodes = {**copy.deepcopy(GRAPH), **{id[1:]: node for id, node in changed.items()}}
    return {id: node for id, node in nodes.items() if node is not None}


def node(kind: str, **inputs: object) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def prompt_of(content: dict[str, Any]) -> str | None:
    found = generation_of({"prompt": json.dumps(content)})
    return found.prompt if found else None


def test_text_of_another_node() -> None:
    encode = node("CLIPTextEncode", text=["10", 0])
    assert prompt_of(graph(_6=encode, _10=node("String", string="x"))) == "x"


def test_texts_of_two_encoders_in_one_node() -> None:
    guidance = node("FluxGuidance", conditioning=["10", 0])
    encode = node("CLIPTextEncodeFlux", clip_l="f", t5xxl="a fox")
    assert prompt_of(graph(_6=guidance, _10=encode)) == "a fox, f"


def test_texts_that_are_combined() -> None:
    both = node("ConditioningCombine", conditioning_1=["10", 0], conditioning_2=["11", 0])
    first, second = (node("CLIPTextEncode", text=text) for text in "xy")
    assert prompt_of(graph(_6=both, _10=first, _11=second)) == "x, y"


def test_a_node_that_hands_both_sides_on() -> None:
    sampler = copy.deepcopy(GRAPH["3"])
    sampler["inputs"] |= {"positive": ["10", 0], "negative": ["10", 1]}
    control = node("ControlNetApplyAdvanced", positive=["6", 0], negative=["7", 0], image=["8", 0])
    found = generation_of({"prompt": json.dumps(graph(_3=sampler, _10=control))})
    assert found == FOX


def test_guider_of_a_custom_sampler() -> None:
    sampler = node(
        "SamplerCustomAdvanced", guider=["10", 0], noise=["11", 0], latent_image=["5", 0]
    )
    guider = node("BasicGuider", conditioning=["6", 0], model=["4", 0])
    noise = node("RandomNoise", noise_seed=7)
    found = generation_of({"prompt": json.dumps(graph(_3=sampler, _10=guider, _11=noise))})
    assert found == Generation("a red fox", "", "ComfyUI", "dream", "7")


def test_of_two_samplers_the_first_counts() -> None:
    second = node("KSampler", latent_image=["3", 0], positive=["11", 0], negative=["7", 0])
    decode = node("VAEDecode", samples=["10", 0])
    other = node("CLIPTextEncode", text="more detail")
    assert prompt_of(graph(_8=decode, _10=second, _11=other)) == "a red fox"


def test_graphs_without_a_prompt() -> None:
    assert prompt_of(graph(_3=None)) is None
    assert prompt_of(graph(_6=node("CLIPTextEncode", text=["6", 0]))) is None  # a loop
    assert prompt_of({"1": "no node", "2": {"inputs": 3}}) is None
    assert generation_of({"workflow": '{"nodes": [3, {"id": 1}], "links": [[1], null]}'}) is None
    assert generation_of({"prompt": '{"broken'}) is None


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        (
            {
                "invokeai_metadata": {
                    "positive_prompt": "a fox",
                    "negative_prompt": "text",
                    "seed": 5,
                    "model": {"name": "flux", "hash": "x"},
                }
            },
            Generation("a fox", "text", "InvokeAI", "flux", "5"),
        ),
        (
            {
                "sd-metadata": {
                    "model_weights": "sd15",
                    "image": {"prompt": [{"prompt": "a fox", "weight": 1}], "seed": 5},
                }
            },
            Generation("a fox", "", "InvokeAI", "sd15", "5"),
        ),
        (
            {
                "Software": "NovelAI",
                "Source": "Stable Diffusion F1022D28",
                "Description": "a fox",
                "Comment": {"steps": 28, "seed": 5, "uc": "text"},
            },
            Generation("a fox", "text", "NovelAI", "Stable Diffusion F1022D28", "5"),
        ),
        (
            {
                "fooocus_scheme": "fooocus",
                "parameters": {
                    "prompt": "a fox",
                    "negative_prompt": "text",
                    "base_model": "juggernaut",
                    "seed": "5",
                    "version": "Fooocus v2.5.0",
                },
            },
            Generation("a fox", "text", "Fooocus", "juggernaut", "5"),
        ),
        (
            {
                "parameters": {
                    "sui_image_params": {
                        "prompt": "a fox",
                        "negativeprompt": "text",
                        "model": "sdxl",
                        "seed": 5,
                    }
                }
            },
            Generation("a fox", "text", "SwarmUI", "sdxl", "5"),
        ),
        (
            {
                "Author": "someone",
                "Description": "a fox, in snow --ar 3:2 --seed 5 --v 6.1 "
                "Job ID: 01234567-89ab-cdef-0123-456789abcdef",
            },
            Generation("a fox, in snow", "", "Midjourney", "v6.1", "5"),
        ),
        ({"Description": "a fox --niji 6"}, Generation("a fox", "", "Midjourney", "niji 6")),
        (
            {"prompt": "a fox", "negative_prompt": "text", "seed": "5"},
            Generation("a fox", "text", "", "", "5"),
        ),
        ({"Title": "a fox"}, None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_chunks_of_other_generators(
    tmp_path: Path, chunks: dict[str, object], expected: Generation | None
) -> None:
    assert stated(write_png(tmp_path / "a.png", chunks)) == expected


def test_fooocus_in_a_jpeg(tmp_path: Path) -> None:
    content = json.dumps({"prompt": "a fox", "seed": 5, "version": "Fooocus v2.5.0"})
    path = write_exif(tmp_path / "a.jpg", comment=unicode_comment(content, "utf-16-be"))
    assert stated(path) == Generation("a fox", "", "Fooocus", "", "5")


def test_fooocus_in_the_first_directory_of_a_jpeg(tmp_path: Path) -> None:
    content = json.dumps({"prompt": "a fox", "base_model": "x", "version": "Fooocus v2.5.0"})
    path = write_exif(tmp_path / "a.jpg", main={0x9286: content})
    assert stated(path) == Generation("a fox", "", "Fooocus", "x")


def test_descriptions_of_jpeg_files(tmp_path: Path) -> None:
    described = write_exif(tmp_path / "a.jpg", main={0x010E: "a fox"})
    assert stated(described) == Generation("a fox")
    packet = xmp_packet(
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">a fox &amp; snow</rdf:li>'
        "</rdf:Alt></dc:description>"
    )
    assert stated(write_exif(tmp_path / "b.jpg", xmp=packet)) == Generation("a fox & snow")
    assert stated(write_exif(tmp_path / "c.webp", xmp=packet)) == Generation("a fox & snow")


def test_a_chunk_in_utf_8_where_latin_1_is_due(tmp_path: Path) -> None:
    path = write_png(tmp_path / "a.png", {"parameters": "füchse".encode().decode("latin-1")})
    assert stated(path) == Generation("füchse", "", "AUTOMATIC1111")


def test_half_a_character_of_json_becomes_one_that_files_can_hold() -> None:
    found = generation_of({"invokeai_metadata": r'{"positive_prompt": "fox \ud83e"}'})
    assert found is not None
    assert found.prompt == "fox ?"


def test_a_file_that_says_nothing(tmp_path: Path) -> None:
    assert stated(write_png(tmp_path / "a.png", {})) is None
    assert stated(write_exif(tmp_path / "a.jpg", xmp=b"<broken")) is None


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("A  red Fox,\nin snow", "a red fox, in snow", True),
        ("a red fox,, in snow, ", "a red fox, in snow.", True),
        ("a red fox <lora:film:0.8>", "a red fox", True),
        ("ａ ｒｅｄ fox", "a red fox", True),
        ("a red fox", "a red fox, in snow", False),
        ("(red fox:1.2)", "red fox", False),
    ],
)
def test_same_prompts(first: str, second: str, same: bool) -> None:
    assert (normal_prompt(first) == normal_prompt(second)) is same
