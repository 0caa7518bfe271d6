"""Recipes of refinement: thresholds given, unknown keys refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.building.refine import RefineRecipe, read_refine_recipe
from fgaesq.building.refine.thresholds import RULES
from fgaesq.errors import RecipeError


def written(folder: Path, content: str) -> Path:
    path = folder / "refine.toml"
    path.write_text(content)
    return path


def test_what_a_recipe_does_not_say_is_left_to_the_data(tmp_path: Path) -> None:
    path = written(tmp_path, "[refine]\ndifference = 1\ncontent = 2.5\n")
    assert read_refine_recipe(path) == RefineRecipe(difference=1.0, content=2.5)


def test_every_threshold_can_be_given() -> None:
    assert set(RefineRecipe.__slots__) == set(RULES)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[refine]\nsimilarity = 1", "[refine]: unknown key 'similarity'; known: content,"),
        ("[refine]\nssim = 'high'", "[refine]: ssim is 'high'; needs a number"),
        ("[drop]\nssim = 1", "unknown section 'drop'; a recipe has [refine] only"),
        ("refine = 3", "[refine] is 3; needs a table of keys"),
    ],
)
def test_a_wrong_recipe_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(RecipeError) as caught:
        read_refine_recipe(path)
    assert str(caught.value).startswith(f"{path}: {problem}")
