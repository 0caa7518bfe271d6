"""CLIP's visual tower (Radford 2021) by itself: images in, features comparable with texts out.

It is the network of this project with the tokens of a plain grid: with a scale embedding of zeros
its class token is CLIP's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor

from fgaesq.models.clip_weights import initialise_from_clip
from fgaesq.models.specs import ModelSpec, build, find_spec
from fgaesq.types import Image

__all__ = ["ClipImageTower", "load_clip_image"]

_PATCH_PX: Final = 16
_IMAGES_PER_PASS = 16


class ClipImageTower:
    """A frozen tower that encodes images as CLIP does, on the CPU.

    Args (of the constructor):
        weights: file of CLIP, see `clip_weights.initialise_from_clip`.
        spec: of a model with the class token's readout and the stem and table of that CLIP.

    Raises (of the constructor):
        WeightsError: the file cannot be used.
    """

    def __init__(self, weights: Path, spec: ModelSpec) -> None:
        self._network = build(spec)
        initialise_from_clip(self._network, weights)
        with torch.no_grad():
            self._network.scale_embedding.zero_()
        self._network.eval().requires_grad_(requires_grad=False)
        self._side_px = _PATCH_PX * spec.table_size
        self._mean = torch.tensor(spec.normalisation.mean).view(3, 1, 1)
        self._deviation = torch.tensor(spec.normalisation.std).view(3, 1, 1)

    def encode(self, images: Sequence[Image]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """Return the features, (N, F) float32, each of length 1.

        Args:
            images: N at least 1, (H, W, 3) uint8; as CLIP does, the short side is brought to 224 px
                and the middle square is read.
        """
        rows = []
        for start in range(0, len(images), _IMAGES_PER_PASS):
            some = images[start : start + _IMAGES_PER_PASS]
            rows.append(self._encoded(torch.stack([self._square(one) for one in some])))
        features = torch.nn.functional.normalize(torch.cat(rows), dim=-1)
        return features.numpy()

    def _square(self, image: Image) -> Tensor:
        """Return the middle of an image, normalised, (3, S, S) float32."""
        side = self._side_px
        height, width = image.shape[:2]
        factor = side / min(height, width)
        size = (max(side, round(width * factor)), max(side, round(height * factor)))
        whole = PILImage.fromarray(image).resize(size, PILImage.Resampling.BICUBIC)
        left, top = (size[0] - side) // 2, (size[1] - side) // 2
        square = np.asarray(whole.crop((left, top, left + side, top + side)), np.float32)
        pixels = torch.from_numpy(square).permute(2, 0, 1) / 255
        return (pixels - self._mean) / self._deviation

    @torch.no_grad()
    def _encoded(self, squares: Tensor) -> Tensor:
        """Return the features (N, F) of (N, 3, S, S)."""
        number, grid = len(squares), self._side_px // _PATCH_PX
        cut = squares.reshape(number, 3, grid, _PATCH_PX, grid, _PATCH_PX)
        patches = cut.permute(0, 2, 4, 1, 3, 5).flatten(1, 2)  # (N, G * G, 3, 16, 16)
        patches = torch.cat([torch.zeros_like(patches[:, :1]), patches], dim=1)
        slots = patches.shape[1]
        none = torch.zeros(number, slots, dtype=torch.bool)
        table = torch.eye(slots).expand(number, -1, -1)
        return self._network.encode(patches, table, none.long(), none, ~none)


def load_clip_image(weights: Path) -> ClipImageTower:
    """Return the visual tower of CLIP ViT-B/16.

    Raises:
        WeightsError: the file cannot be read, or is not of that CLIP.
    """
    return ClipImageTower(weights, find_spec("fgaesq-b16"))
