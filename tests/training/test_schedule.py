"""Which batch comes when: turns of kinds and sources, epochs, repeatability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.caches import SPEC, small_cache

from fgaesq.datasets.truth import constructed_truth
from fgaesq.training.recipe import Optimiser, Recipe, Source, Stage
from fgaesq.training.schedule import Schedule
from fgaesq.training.sources import Material

SETTINGS = Optimiser(steps=6, batch_images=10, coarse_images=7)
CONSTRUCTED = ("constructed",)


@pytest.fixture(scope="module")
def material() -> Material:
    cache, _ = small_cache(12)
    return Material(cache, constructed_truth(cache))


def schedule(material: Material, *stages: Stage, **keys: object) -> Schedule:
    recipe = replace(Recipe(source={"other": Source()}, stage=stages), **keys)  # type: ignore[arg-type]
    return Schedule(recipe, {"constructed": material, "other": material})


def test_fine_and_coarse_batches_take_turns(material: Material) -> None:
    made = schedule(material, Stage("joint", CONSTRUCTED, ("other",), SETTINGS))
    batches = [made.read(step, SPEC) for step in range(6)]
    assert [batch.fine for batch in batches] == [True, False] * 3
    assert [len(batch.series) for batch in batches[1::2]] == [7, 7, 7]
    for batch in batches[::2]:
        assert len(batch.pairs) > 0
        first, second = batch.severity[batch.pairs].T
        assert (first < second).all()
        assert (batch.series[batch.pairs[:, 0]] == batch.series[batch.pairs[:, 1]]).all()


def test_stages_follow_each_other_with_their_own_losses(material: Material) -> None:
    first = Stage("coarse", (), ("other",), replace(SETTINGS, steps=2))
    second = Stage("fine", CONSTRUCTED, (), SETTINGS, replace(Stage().loss, rank=7.0))
    made = schedule(material, first, second)
    batches = [made.read(step, SPEC) for step in range(made.recipe.steps)]
    assert [batch.fine for batch in batches] == [False] * 2 + [True] * 6
    assert [batch.loss.rank for batch in batches if batch.loss] == [2.0] * 2 + [7.0] * 6


def test_an_epoch_passes_once_over_the_fine_sources(material: Material) -> None:
    images = len(material.truth.level)
    epochs = replace(SETTINGS, epochs=3)
    alone = schedule(material, Stage("", CONSTRUCTED, (), epochs))
    assert alone.recipe.steps == 3 * -(-images // 10)
    joint = schedule(material, Stage("", CONSTRUCTED, ("other",), epochs))
    assert joint.recipe.steps == 2 * alone.recipe.steps
    coarse = schedule(material, Stage("", (), ("other",), epochs))
    assert coarse.recipe.steps == 3 * -(-images // 7)


def test_any_step_can_be_repeated(material: Material) -> None:
    stage = Stage("joint", CONSTRUCTED, ("other",), SETTINGS)
    first, second = schedule(material, stage), schedule(material, stage)
    for step in (5, 0, 3):
        once, again = first.read(step, SPEC), second.read(step, SPEC)
        assert once.series.tolist() == again.series.tolist()
        for one, other in zip(once.inputs, again.inputs, strict=True):
            np.testing.assert_array_equal(one, other)
    seeded = schedule(material, stage, seed=1)
    assert first.read(0, SPEC).series.tolist() != seeded.read(0, SPEC).series.tolist()


def test_without_fine_cells_the_model_sees_coarse_tokens_only(material: Material) -> None:
    stage = Stage("", CONSTRUCTED, (), SETTINGS)
    bare = schedule(material, stage, fine_cells="none").read(0, SPEC)
    assert not bare.inputs[2].any()
    assert schedule(material, stage).read(0, SPEC).inputs[2].any()


def test_images_whose_score_is_not_known_are_in_no_coarse_batch(material: Material) -> None:
    score = material.truth.score.copy()
    score[::2] = np.nan
    half = Material(material.cache, replace(material.truth, score=score))
    made = schedule(half, Stage("", (), CONSTRUCTED, SETTINGS))
    for step in range(6):
        assert not made.read(step, SPEC).distribution.isnan().any()


def test_emphasised_series_come_up_more_often(material: Material) -> None:
    emphasis = np.ones(12)
    emphasis[3], emphasis[5] = 2.5, 0.0
    stressed = replace(material, emphasis=emphasis)
    made = schedule(stressed, Stage("", CONSTRUCTED, (), replace(SETTINGS, steps=200)))
    seen = np.concatenate([np.unique(made.read(step, SPEC).series) for step in range(200)])
    counts = np.bincount(seen, minlength=12)
    assert counts[5] == 0
    usual = np.median(np.delete(counts, [3, 5]))
    assert 2.0 < counts[3] / usual < 3.0


def test_a_stage_of_statistics_has_no_fine_cells(material: Material) -> None:
    stage = Stage("first", CONSTRUCTED, (), SETTINGS, reads="statistics")
    batch = schedule(material, stage).read(0, SPEC)
    assert batch.reads == "statistics"
    assert batch.inputs[2].max() == 0
