"""What several benchmarks are tried on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image as PILImage
from tests.scenes import scene


@pytest.fixture(scope="package")
def one_photo(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    """A pool of one drawn photo, as paths."""
    path = tmp_path_factory.mktemp("pool") / "photo.png"
    PILImage.fromarray(scene(420, 560, seed=4)).save(path)
    return [str(path)]
