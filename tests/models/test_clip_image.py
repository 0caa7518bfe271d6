"""CLIP's visual tower by itself: the same features as one built of PyTorch's own parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tests.models.clip_visual_files import ClipVisual, openai_state
from tests.scenes import scene

from fgaesq.models.clip_image import ClipImageTower
from fgaesq.models.specs import find_spec

TINY = replace(find_spec("fgaesq-tiny"), width=32, depth=2, heads=2, feature=32)


def tower(folder: Path) -> tuple[ClipImageTower, ClipVisual]:
    torch.manual_seed(5)
    theirs = ClipVisual()
    path = folder / "clip.safetensors"
    save_file({k: v.contiguous() for k, v in openai_state(theirs).items()}, path)
    return ClipImageTower(path, TINY), theirs


def test_the_features_are_clips(tmp_path: Path) -> None:
    ours, theirs = tower(tmp_path)
    image = scene(224, 224, seed=1)
    normalisation = TINY.normalisation
    pixels = (image / np.float32(255) - normalisation.mean) / np.array(normalisation.std)
    with torch.no_grad():
        expected = theirs(torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None])[0]
    np.testing.assert_allclose(
        ours.encode([image])[0], torch.nn.functional.normalize(expected, dim=0), atol=2e-5
    )


def test_the_middle_square_of_any_shape_is_read(tmp_path: Path) -> None:
    ours, _ = tower(tmp_path)
    wide = scene(224, 400, seed=2)
    middle = np.ascontiguousarray(wide[:, 88:312])
    found = ours.encode([wide, middle, scene(50, 30, seed=3)])
    assert found.shape == (3, 32)
    np.testing.assert_allclose(found[0], found[1], atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
