"""What a run needs so that its model can be published."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fgaesq.errors import RecipeError
from fgaesq.models.specs import build, find_spec
from fgaesq.training.publish import publish


def test_a_run_without_validation_series_asks_for_a_pool(tmp_path: Path) -> None:
    recipe = {
        "model": "fgaesq-tiny",
        "data": {"photos": "", "seed": 1},
        "loss": {"alignment": 0.0},
        "stage": [{"fine": ["mine"], "coarse": []}],
        "source": {"mine": {"path": "mine", "format": "", "val": ""}},
    }
    weights = build(find_spec("fgaesq-tiny")).state_dict()
    task = {f"model.{name}": value for name, value in weights.items()}
    torch.save({"recipe": recipe, "task": task, "step": 0}, tmp_path / "last.pt")
    with pytest.raises(RecipeError) as caught:
        publish(tmp_path, tmp_path / "model", version="1")
    assert str(caught.value) == (
        "no source has validation series to fit the temperature on; give a pool with --photos"
    )
