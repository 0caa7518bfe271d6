"""Renderings of one picture, as upscalers make them: the more natural one is better."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fgaesq.images import read_photo
from fgaesq.models.weights import embedded_models
from fgaesq.ranking.ranker import Ranker, load
from fgaesq.types import Image

BURSTS = Path(__file__).resolve().parents[2] / "examples" / "bursts"


@pytest.fixture(scope="module")
def ranker() -> Ranker:
    if "fgaesq-s" not in embedded_models():
        pytest.skip("the embedded model is not part of this checkout")
    return load("fgaesq-s")


def rendering(scene: str, moved: tuple[int, int], amount: float) -> Image:
    """Return a photo whose fine texture was lost and made up again, in other places."""
    first = sorted((BURSTS / scene).glob("*.jpg"))[0]
    photo = read_photo(first, max_long_side_px=1024).pixels
    plain = cv2.bilateralFilter(cv2.GaussianBlur(photo, (0, 0), 1.5), 9, 40, 3)
    detail = photo.astype(np.float32) - cv2.GaussianBlur(photo, (0, 0), 1.5)
    made_up = np.roll(detail, moved, axis=(0, 1))
    return np.clip(plain + amount * made_up + 0.5, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("scene", ["osprey", "sherburne-lake"])
def test_the_rendering_with_more_of_its_texture_wins(ranker: Ranker, scene: str) -> None:
    images = [
        rendering(scene, moved, amount)
        for moved, amount in (((3, 3), 0.5), ((-3, 3), 1.0), ((3, -3), 0.7))
    ]
    series = ranker.rank(images).series[0]
    assert [image.path for image in series.images] == ["image-2", "image-3", "image-1"]
    assert {reason.text for image in series.images for reason in image.reasons} == {
        "more natural detail",
        "less natural detail",
    }
    assert series.effects is None
    assert series.difference is not None


@pytest.mark.parametrize("scene", sorted(path.name for path in BURSTS.iterdir()))
def test_frames_of_a_burst_are_not_renderings(ranker: Ranker, scene: str) -> None:
    series = ranker.rank(sorted((BURSTS / scene).glob("*.jpg"))).series[0]
    reasons = {reason.text for image in series.images for reason in image.reasons}
    assert not reasons & {"more natural detail", "less natural detail"}
