"""What CLIP says of images: how they fit their prompts, and how alike they are in meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import (
    image_measures,
    images,
    keep_image_measures,
    keep_pair_measures,
    pair_measures,
)
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import CATEGORIES, Series, SourceImage
from fgaesq.building.refine.measuring import Pair, pairs_compared
from fgaesq.datasets.records import open_image
from fgaesq.errors import FgaError, InputError, MissingExtraError
from fgaesq.storage.digests import file_sha256
from fgaesq.types import Image

__all__ = ["Encoders", "alignments", "clip_encoders", "clip_likenesses", "measure_with_clip"]

_SETTING: Final = "refinement_clip"  # which weights the measures are of
_MOST_SERIES = 200  # of a category, whose images are compared in meaning
_READ_PX = 512

Features = NDArray[np.float32]
Encoders = tuple[Callable[[Sequence[Image]], Features], Callable[[Sequence[str]], Features]]
"""What encodes images and texts as rows of length 1; InputError: a text is too long."""


def clip_encoders(weights: Path) -> Encoders:
    """Return the towers of CLIP ViT-B/16; the vocabulary lies beside the weights.

    Raises:
        WeightsError: a file cannot be used.
        MissingExtraError: torch is not installed.
    """
    try:
        from fgaesq.models.clip_image import load_clip_image
        from fgaesq.texts.encoder import load_clip_encoder, text_directions
    except ImportError as error:
        raise MissingExtraError("comparing images with prompts", "train") from error
    tower = load_clip_image(weights)
    encoder = load_clip_encoder(weights, weights.parent)
    return tower.encode, lambda texts: text_directions(texts, encoder).numpy()


def measure_with_clip(collection: Collection, weights: Path, encoders: Encoders) -> None:
    """Measure `alignment` of all images with a prompt, and `clip` of pairs of some series.

    What these weights measured before is not measured again; images that cannot be read are left
    out, as the other measures tell of them.

    Args:
        collection: of the dataset.
        weights: the file that `encoders` come from.
        encoders: see `clip_encoders`.
    """
    known = images(collection)
    name = file_sha256(weights)[:12]
    aligned = image_measures(collection, f"alignment-{name}")
    compared = pair_measures(collection, f"clip-{name}")
    encode, encode_texts = encoders
    for one in _chosen(all_series(collection)):
        pairs = [pair for pair in pairs_compared(one.members) if pair not in compared]
        new = [i for i in one.members if known[i].prompt and i not in aligned]
        needed = [i for i in one.members if i in new or any(i in pair for pair in pairs)]
        features = _features(needed, known, encode)
        prompts = {i: known[i].prompt for i in new if i in features}
        found = _cosines(features, prompts, encode_texts)
        alike = {(a, b): float(features[a] @ features[b])
                 for a, b in pairs if a in features and b in features}  # fmt: skip
        with collection.transaction():
            keep_image_measures(collection, f"alignment-{name}", found)
            keep_pair_measures(collection, f"clip-{name}", alike)
    collection.set(_SETTING, name)


def alignments(collection: Collection) -> dict[int, float]:
    """Return the cosines of images and their prompts, as the last CLIP measured them."""
    name = collection.setting(_SETTING)
    return image_measures(collection, f"alignment-{name}") if name else {}


def clip_likenesses(collection: Collection) -> dict[Pair, float]:
    """Return the cosines of pairs of images, as the last CLIP measured them."""
    name = collection.setting(_SETTING)
    return pair_measures(collection, f"clip-{name}") if name else {}


def _chosen(series: Iterable[Series]) -> list[Series]:
    """Return all AI series, as they have prompts, and the first of the other categories."""
    every = list(series)
    found = []
    for category in CATEGORIES:
        some = [one for one in every if one.category == category]
        found += some if category == "aigc" else some[:_MOST_SERIES]
    return found


def _features(
    ids: Iterable[int],
    known: Mapping[int, SourceImage],
    encode: Callable[[Sequence[Image]], Features],
) -> dict[int, Features]:
    pixels: dict[int, Image] = {}
    for image in ids:
        try:
            pixels[image] = open_image(known[image].item(), max_long_side_px=_READ_PX)
        except FgaError:
            continue
    return dict(zip(pixels, encode(list(pixels.values())), strict=True)) if pixels else {}


def _cosines(
    features: Mapping[int, Features],
    prompts: Mapping[int, str],
    encode: Callable[[Sequence[str]], Features],
) -> dict[int, float]:
    if not prompts:
        return {}
    vectors = {text: _text_vector(text, encode) for text in set(prompts.values())}
    return {image: float(features[image] @ vectors[text]) for image, text in prompts.items()}


def _text_vector(text: str, encode: Callable[[Sequence[str]], Features]) -> Features:
    """Return the vector of a prompt, less its end where it is longer than CLIP reads."""
    words = text.split()
    while True:
        try:
            return np.asarray(encode([" ".join(words)])[0], np.float32)
        except InputError:
            if len(words) < 2:
                raise
            words = words[: len(words) * 4 // 5]
