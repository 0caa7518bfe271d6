"""Images of several scenes, as variants of a prompt: the more naturally rendered one is better."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
import pytest

from fgaesq.images import read_photo
from fgaesq.models.weights import embedded_models
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.types import Image

BURSTS = Path(__file__).resolve().parents[2] / "examples" / "bursts"
SCENES = ("canyon-wren", "osprey", "sherburne-lake")


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    if "fgaesq-s" not in embedded_models():
        pytest.skip("the embedded model is not part of this checkout")
    return load("fgaesq-s")


def photo_of(scene: str) -> Image:
    first = sorted((BURSTS / scene).glob("*.jpg"))[0]
    return read_photo(first, max_long_side_px=1024).pixels


def enlarged(image: Image) -> Image:
    """Return the image without the detail that an enlargement by four does not have."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def smoothed(image: Image) -> Image:
    """Return the image with crisp edges and no texture."""
    return np.asarray(cv2.bilateralFilter(enlarged(image), 9, 60, 4), np.uint8)


@pytest.mark.parametrize("spoiled", [enlarged, smoothed])
@pytest.mark.parametrize(("whole", "other"), list(permutations(SCENES, 2)))
def test_the_scene_that_is_rendered_worse_loses(
    ranker: Ranker, whole: str, other: str, spoiled: Callable[[Image], Image]
) -> None:
    comparison = ranker.compare(photo_of(whole), spoiled(photo_of(other)))
    assert comparison.p > 0.5
    assert [one.text for one in comparison.reasons] == ["more natural detail"]


def test_a_scene_among_many_of_another_changes_nothing_for_them(ranker: Ranker) -> None:
    burst = sorted((BURSTS / "osprey").glob("*.jpg"))
    other = BURSTS / "canyon-wren"
    alone = ranker.rank(burst).series[0]
    together = ranker.rank([*burst, sorted(other.glob("*.jpg"))[0]]).series[0]
    own = {image.path: image.score for image in alone.images}
    scores = {image.path: image.score for image in together.images}
    assert {path: scores[path] for path in own} == pytest.approx(own, abs=0.3)
    assert "more natural detail" not in {
        reason.text for image in together.images for reason in image.reasons
    }
