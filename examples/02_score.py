"""Score single images: paths, PIL images and arrays, each on its own, from 1 to 10.

Run `python examples/02_score.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import fgaesq

BURSTS = Path(__file__).parent / "bursts"


def main() -> None:
    """Print the scores of one photo in three forms, and its distribution over 1 to 10."""
    path = BURSTS / "sherburne-lake" / "DSC_0419.jpg"
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    array = np.asarray(picture)  # RGB, uint8, (H, W, 3)

    scores = fgaesq.score([path, picture, array])
    for image in scores.images:
        print(f"{Path(image.path).name:14} {image.score:.4f}")  # equal pixels have equal scores

    print("probability of each score from 1 to 10:")
    print(" ".join(f"{share:.2f}" for share in scores.images[0].distribution))
    print(f"model {scores.model.name} {scores.model.version}, engine {scores.model.engine}")


if __name__ == "__main__":
    main()
