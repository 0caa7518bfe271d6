"""What a run begins from: a model folder, the embedded model, or CLIP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from fgaesq.datasets.edits import EDITS
from fgaesq.errors import RecipeError, WeightsError
from fgaesq.models.reasons_file import read_reasons
from fgaesq.models.specs import SPECS, build
from fgaesq.models.weights import find_model
from fgaesq.training.beginnings import begin_from
from fgaesq.training.recipe import Loss
from fgaesq.training.tasks import SeriesTask


def fresh(name: str) -> SeriesTask:
    return SeriesTask(build(SPECS[name]), Loss())


def test_a_run_begins_from_a_folder(tiny_model: Path) -> None:
    task = fresh("fgaesq-tiny")
    before = task.directions.clone()
    begin_from(task, str(tiny_model), SPECS["fgaesq-tiny"])
    stored = load_file(tiny_model / "model.safetensors")
    own = task.model.state_dict()
    assert own.keys() == stored.keys()
    assert all(torch.equal(own[name], value) for name, value in stored.items())
    assert torch.equal(task.directions, before)  # the folder knows no words


def test_a_run_begins_from_the_embedded_model_and_its_words() -> None:
    task = fresh("fgaesq-s")
    before = task.directions.norm(dim=1)
    begin_from(task, "fgaesq-s", SPECS["fgaesq-s"])
    words = read_reasons(find_model("fgaesq-s"))
    assert words is not None
    for word, direction in zip(words.words, words.directions, strict=True):
        own = task.directions[list(EDITS).index(word.kind)].detach()
        np.testing.assert_allclose(own / own.norm(), direction, rtol=0, atol=1e-5)
    torch.testing.assert_close(task.directions.norm(dim=1), before)


def test_weights_of_another_network_are_refused(tiny_model: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        begin_from(fresh("fgaesq-s"), str(tiny_model), SPECS["fgaesq-s"])
    assert str(caught.value) == (
        f"weights: {tiny_model} is fgaesq-tiny and the recipe trains fgaesq-s; "
        "give weights of that, or model = 'fgaesq-tiny'"
    )


@pytest.mark.parametrize("weights", ["fgaesq-x", "runs/clip.pt"])
def test_weights_that_are_nowhere_are_named(weights: str) -> None:
    with pytest.raises(WeightsError) as caught:
        begin_from(fresh("fgaesq-tiny"), weights, SPECS["fgaesq-tiny"])
    assert str(caught.value) == (
        f"weights: there is no {weights}; give fgaesq-s, a model folder, "
        "or a file of CLIP's weights"
    )


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"has no model\.json"):
        begin_from(fresh("fgaesq-tiny"), str(tmp_path), SPECS["fgaesq-tiny"])
