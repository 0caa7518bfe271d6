"""One picture with texture that was made up again for each rendering."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.scenes import scene

__all__ = ["SHAPE", "grain", "picture"]

SHAPE = (640, 800)


def grain(seed: int, size: float = 0.7) -> NDArray[np.float32]:
    """Return fine texture in the lower three quarters of the frame, none in the sky above."""
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.standard_normal(SHAPE).astype(np.float32), (0, 0), size)
    fine[: SHAPE[0] // 4] = 0
    return np.asarray(fine / fine.std(), np.float32)


FORMS = grain(9, 4)


def picture(texture: NDArray[np.float32], strength: float = 7) -> NDArray[np.uint8]:
    """Return the outlines and forms of one scene with some texture."""
    outlines = cv2.GaussianBlur(scene(*SHAPE), (0, 0), 6) * 0.5 + 50 + 24 * FORMS[..., None]
    return np.clip(outlines + strength * texture[..., None] + 0.5, 0, 255).astype(np.uint8)
