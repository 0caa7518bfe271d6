"""The ablation: what its rows change, what is kept of a run, and what is called reproduced."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.ablation import (
    FULL,
    MEASURES,
    ROWS,
    Settings,
    paper_differences,
    summary,
    train_all,
    verdict,
)

from fgaesq.models.specs import find_spec
from fgaesq.training.recipe import read_recipe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def base() -> Settings:
    recipe = read_recipe(ROOT / "recipes" / "ablation.toml")
    return Settings(recipe, find_spec(recipe.model))


def _batches(settings: Settings) -> tuple[int, int]:
    """Return the numbers of coarse and fine batches."""
    coarse = fine = 0
    for stage in settings.recipe.stages:
        steps = stage.optimiser.steps
        if stage.fine and stage.coarse:
            coarse, fine = coarse + steps // 2, fine + steps - steps // 2
        elif stage.fine:
            fine += steps
        else:
            coarse += steps
    return coarse, fine


def _run(row: str, seed: int, **measured: float) -> dict[str, Any]:
    return {"row": row, "seed": seed, "seconds": 1.0, "measured": measured}


def test_each_row_is_another_run_of_equally_many_batches(base: Settings) -> None:
    rows = [row.change(base) for row in ROWS.values()]
    assert len({one.digest for one in rows}) == len(rows)
    assert {sum(_batches(one)) for one in rows} == {base.recipe.steps}


def test_rows_without_one_kind_of_batch_have_only_the_other(base: Settings) -> None:
    assert _batches(ROWS["coarse only"].change(base))[1] == 0
    assert _batches(ROWS["fine only"].change(base))[0] == 0


def test_coarse_then_fine_differs_in_the_order_alone(base: Settings) -> None:
    assert _batches(ROWS["coarse then fine"].change(base)) == _batches(base)


def test_settings_of_another_seed_are_another_run(base: Settings) -> None:
    assert replace(base, recipe=replace(base.recipe, seed=1)).digest != base.digest


def test_runs_that_are_kept_are_not_repeated(base: Settings, tmp_path: Path) -> None:
    rows = {name: ROWS[name] for name in (FULL, "AdamW")}
    kept = []
    for name, row in rows.items():
        settings = row.change(base)
        settings = replace(settings, recipe=replace(settings.recipe, seed=0))
        kept.append({**_run(name, 0, pair_accuracy=0.5), "settings": settings.digest})
    lines = "".join(json.dumps(one) + "\n" for one in kept)
    (tmp_path / "runs.jsonl").write_text(lines + '{"row": "full", "se', encoding="utf-8")
    runs = train_all(base, rows, 1, tmp_path)
    assert runs == {FULL: [kept[0]], "AdamW": [kept[1]]}


def test_every_row_of_the_paper_has_a_row_here() -> None:
    assert {row.paper for row in ROWS.values()} - {""} == set(paper_differences())


def test_differences_of_the_paper_are_to_its_full_method() -> None:
    found = paper_differences()["FGAesQ without coarse training"]
    assert found == pytest.approx({"srcc": -0.739, "pair_accuracy": -0.188, "top1": -0.301})


@pytest.mark.parametrize(
    ("differences", "paper", "expected"),
    [
        ([-0.02, -0.01, -0.03], -0.1, "yes"),
        ([0.02, 0.01, 0.03], -0.1, "no"),
        ([-0.02, 0.01, -0.03], -0.1, "unclear"),
        ([-0.004, -0.003, -0.002], -0.001, "yes"),
        ([-0.04, -0.03, -0.02], 0.0, "no"),
        ([-0.04, 0.03, -0.02], 0.0, "yes"),
    ],
)
def test_sign_is_reproduced_where_all_seeds_agree(
    differences: list[float], paper: float, expected: str
) -> None:
    assert verdict(differences, paper) == expected


def test_differences_are_between_runs_of_one_seed() -> None:
    values = {FULL: (0.8, 0.6), "fine only": (0.7, 0.5), "AdamW": (0.9, 0.5)}
    runs = {
        name: [_run(name, seed, **dict.fromkeys(MEASURES, value)) for seed, value in enumerate(two)]
        for name, two in values.items()
    }
    table = summary(runs, {name: ROWS[name] for name in values})
    cell = table["fine only"]["srcc"]
    assert (cell["mean"], cell["spread"]) == (0.6, 0.1414)
    assert cell["difference"] == {"mean": -0.1, "spread": 0.0}
    assert (cell["paper_difference"], cell["reproduced"]) == (-0.739, "yes")
    other = table["AdamW"]["srcc"]
    assert (other["in_all_seeds"], "reproduced" in other) == (False, False)
    assert "difference" not in table[FULL]["srcc"]
