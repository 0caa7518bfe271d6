"""What a run needs so that its model can be published."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.datasets.pool import write_pool
from tests.scenes import photos_of, scene

from fgaesq.engines import EngineOptions, open_engine
from fgaesq.errors import RecipeError
from fgaesq.models.specs import build, find_spec
from fgaesq.models.weights import open_folder
from fgaesq.tokens import difftoken
from fgaesq.tokens.difftoken import tokenize_series
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


def write_run(folder: Path, photos: Path) -> Path:
    """Write a checkpoint of the embedded model's network, untrained."""
    recipe = {
        "model": "fgaesq-s",
        "data": {"photos": str(photos), "seed": 1},
        "loss": {"alignment": 0.0},
        "stage": [],
        "optimiser": {"batch_images": 8},
        "precision": "fp32",
    }
    torch.manual_seed(0)
    weights = build(find_spec("fgaesq-s")).state_dict()
    task = {f"model.{name}": value for name, value in weights.items()}
    folder.mkdir()
    torch.save({"recipe": recipe, "task": task, "step": 0}, folder / "last.pt")
    return folder


def test_what_naturalness_says_is_fitted_on_series_that_it_decides(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_pool(photos, train=5, val=3)
    run, model = write_run(tmp_path / "run", photos), tmp_path / "model"
    publish(run, model, version="1", series=2, natural_series=4)
    folder = open_folder(model)
    engine = open_engine(folder, EngineOptions())
    images = photos_of([scene(96, 128, seed=40), scene(96, 128, seed=41)])
    tokens = tokenize_series(images, layout=folder.spec.layout).tokens
    assert all(one.naturalness is not None for one in tokens)
    swapped = [
        replace(one, naturalness=other.naturalness)
        for one, other in zip(tokens, tokens[::-1], strict=True)
    ]
    own = engine.run(tokens).features
    np.testing.assert_allclose(own, engine.run(swapped).features[::-1], rtol=1e-4)  # it decides
    assert np.abs(own[0] - own[1]).max() > 1e-3


def test_the_temperature_is_fitted_to_what_naturalness_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    write_pool(photos, train=5, val=3)
    monkeypatch.setattr(difftoken, "rendered_apart", lambda parts: True)  # it decides all series
    run = write_run(tmp_path / "run", photos)
    measured = publish(run, tmp_path / "model", version="1", series=4, natural_series=4)
    assert measured["pair_accuracy"] > 0  # ties are wrong


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", tmp_path)
    state = torch.load(run / "last.pt", weights_only=True)
    del state["task"]["model.naturalness.direction"]
    torch.save(state, run / "last.pt")
    with pytest.raises(RecipeError) as caught:
        publish(run, tmp_path / "model", version="1")
    assert str(caught.value) == (
        f"{run / 'last.pt'}: its weights are not those of fgaesq-s as this version builds it; "
        "export it with the version that trained it, or train again"
    )
