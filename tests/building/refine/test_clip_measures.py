"""What CLIP says of images, with encoders whose answers are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.building.refine.made import series_of_files

from fgaesq.building.collection import Collection
from fgaesq.building.refine.clip_measures import (
    Features,
    alignments,
    clip_likenesses,
    measure_with_clip,
)
from fgaesq.errors import InputError
from fgaesq.types import Image


class Colours:
    """Encodes an image as its mean colour, and a text as the colours that it names."""

    def __init__(self) -> None:
        self.images = 0
        self.texts: list[str] = []

    def encode(self, images: Sequence[Image]) -> Features:
        self.images += len(images)
        return self.unit([image.mean((0, 1)) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Features:
        self.texts += texts
        if any(len(text.split()) > 10 for text in texts):
            raise InputError("too long")
        return self.unit([[name in text for name in ("red", "green", "blue")] for text in texts])

    @staticmethod
    def unit(rows: Sequence[object]) -> Features:
        values = np.array(rows, np.float32)
        return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True), np.float32)


def plain(*colour: int) -> Image:
    return np.full((40, 60, 3), colour, np.uint8)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "clip.pt"
    path.write_bytes(b"weights")
    return path


def test_images_are_compared_with_their_prompt_and_each_other(
    collection: Collection, weights: Path
) -> None:
    _, ids = series_of_files(
        collection, [plain(250, 0, 0), plain(0, 0, 250)], category="aigc", prompt="a red door"
    )
    colours = Colours()
    measure_with_clip(collection, weights, (colours.encode, colours.encode_texts))
    found = alignments(collection)
    assert found[ids[0]] == pytest.approx(1, abs=0.02)
    assert found[ids[1]] == pytest.approx(0, abs=0.02)
    assert clip_likenesses(collection)[ids[0], ids[1]] == pytest.approx(0, abs=0.03)


def test_what_these_weights_measured_is_not_measured_again(
    collection: Collection, weights: Path
) -> None:
    series_of_files(collection, [plain(250, 0, 0), plain(0, 0, 250)])
    colours = Colours()
    for content in (b"weights", b"weights", b"others"):
        weights.write_bytes(content)
        measure_with_clip(collection, weights, (colours.encode, colours.encode_texts))
    assert colours.images == 4
    assert colours.texts == []


def test_a_prompt_that_is_too_long_loses_its_end(collection: Collection, weights: Path) -> None:
    _, ids = series_of_files(
        collection, [plain(250, 0, 0)] * 2, category="aigc", prompt="red " + "and so on " * 20
    )
    colours = Colours()
    measure_with_clip(collection, weights, (colours.encode, colours.encode_texts))
    assert alignments(collection)[ids[0]] == pytest.approx(1, abs=0.02)
    assert len(colours.texts[-1].split()) <= 10


def test_without_a_clip_nothing_is_known(collection: Collection) -> None:
    assert alignments(collection) == {}
    assert clip_likenesses(collection) == {}
