"""Image files as generators write them, made by Pillow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

__all__ = [
    "EXIF",
    "GRAPH",
    "INFOTEXT",
    "USER_COMMENT",
    "WORKFLOW",
    "picture",
    "unicode_comment",
    "write_exif",
    "write_png",
    "xmp_packet",
]

EXIF, USER_COMMENT = 0x8769, 0x9286

INFOTEXT = (
    "a red fox, in snow\nsoft light\n"
    "Negative prompt: blurry, text\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1234, Size: 512x512, "
    'Model hash: abcdef, Model: film, Lora hashes: "one: 1, two: 2", Version: v1.9.4'
)

GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 99,
            "model": ["4", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "xl\\dream.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
}
"""The graph that ComfyUI starts with, as it is run."""

WORKFLOW: dict[str, Any] = {
    "nodes": [
        {"id": 9, "type": "SaveImage", "inputs": [{"name": "images", "link": 9}]},
        {"id": 8, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 7}]},
        {
            "id": 3,
            "type": "KSampler",
            "inputs": [
                {"name": "model", "link": 1},
                {"name": "positive", "link": 4},
                {"name": "negative", "link": 6},
                {"name": "latent_image", "link": 2},
            ],
            "widgets_values": [99, "fixed", 20, 8, "euler", "normal", 1],
        },
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["xl/dream.safetensors"]},
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 512, 1]},
        {"id": 6, "type": "CLIPTextEncode", "inputs": [], "widgets_values": ["a red fox"]},
        {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["blurry"]},
    ],
    "links": [
        [1, 4, 0, 3, 0, "MODEL"],
        [2, 5, 0, 3, 3, "LATENT"],
        [4, 6, 0, 3, 1, "CONDITIONING"],
        [6, 7, 0, 3, 2, "CONDITIONING"],
        [7, 3, 0, 8, 0, "LATENT"],
        [9, 8, 0, 9, 0, "IMAGE"],
    ],
}
"""The same graph as it is drawn."""


def picture(seed: int = 0, *, height: int = 32, width: int = 48) -> PILImage.Image:
    """Return a picture unlike those of other seeds."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return PILImage.fromarray(coarse).resize((width, height), PILImage.Resampling.BICUBIC)


def write_png(
    path: Path, chunks: Mapping[str, object], *, seed: int = 0, international: bool = False
) -> Path:
    """Write a PNG file with text chunks; what is no text is written as JSON."""
    texts = PngInfo()
    for name, value in chunks.items():
        text = value if isinstance(value, str) else json.dumps(value)
        (texts.add_itxt if international else texts.add_text)(name, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(path, pnginfo=texts)
    return path


def write_exif(
    path: Path,
    *,
    main: Mapping[int, str] | None = None,
    comment: bytes = b"",
    xmp: bytes = b"",
    seed: int = 0,
    big_endian: bool = False,
) -> Path:
    """Write a JPEG or WebP file with EXIF fields, a user comment and an XMP packet."""
    exif = PILImage.Exif()
    if big_endian:
        exif.endian = ">"
    for tag, text in (main or {}).items():
        exif[tag] = text
    if comment:
        exif.get_ifd(EXIF)[USER_COMMENT] = comment
    path.parent.mkdir(parents=True, exist_ok=True)
    image = picture(seed)
    if xmp:
        image.save(path, exif=exif.tobytes(), xmp=xmp)
    else:
        image.save(path, exif=exif.tobytes())
    return path


def unicode_comment(text: str, encoding: str) -> bytes:
    """Return a user comment in UTF-16."""
    return b"UNICODE\0" + text.encode(encoding)


def xmp_packet(inner: str) -> bytes:
    """Return a packet with these properties as elements; `dc`, `xmpRights` and `cc` are known."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" '
        f'xmlns:cc="http://creativecommons.org/ns#">{inner}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
