"""Learning from a teacher: lessons by series, heads for training only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.datasets.pool import write_pool
from tests.training.caches import SPEC, small_cache

from fgaesq.datasets.teachers import TeacherOutputs
from fgaesq.models.specs import build, find_spec
from fgaesq.training.batches import Batch, read_batch
from fgaesq.training.distillation import Distillation, lesson_of, teacher_outputs
from fgaesq.training.recipe import Data, Loss, Optimiser, Recipe
from fgaesq.training.runs import train
from fgaesq.training.tasks import SeriesTask


def made_up(series: int = 5, *, feature: int = 6, classes: int = 4) -> TeacherOutputs:
    rng = np.random.default_rng(0)
    return TeacherOutputs(
        feature=rng.normal(3, 2, (series, feature)).astype(np.float16),
        logits=rng.normal(0, 2, (series, classes)).astype(np.float16),
        mean=np.full(feature, 3, np.float32),
        deviation=np.full(feature, 2, np.float32),
    )


@pytest.fixture(scope="module")
def batch() -> Batch:
    made = read_batch(small_cache(5)[0], np.arange(12), SPEC)
    return replace(made, teacher=lesson_of(made_up(), made.series))


def task_of(weights: Loss, *, taught: bool) -> SeriesTask:
    torch.manual_seed(0)
    task = SeriesTask(build(SPEC), weights)
    if taught:
        task.distillation = Distillation.between(task.model, made_up())
    return task.eval()  # without dropout


def test_the_images_of_a_series_share_its_lesson() -> None:
    outputs = made_up()
    lesson = lesson_of(outputs, torch.tensor([3, 3, 1]))
    wanted = (outputs.feature[[3, 3, 1]].astype(np.float32) - 3) / 2
    np.testing.assert_allclose(lesson.feature, wanted, rtol=1e-6)
    np.testing.assert_array_equal(lesson.logits, outputs.logits[[3, 3, 1]].astype(np.float32))


def test_series_that_the_teacher_was_not_asked_about_teach_nothing() -> None:
    outputs, heads = made_up(), Distillation(8, feature=6, classes=4)
    feature = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    lesson = lesson_of(outputs, torch.tensor([1, 7, 4]))
    assert torch.isnan(lesson.feature).any(dim=1).tolist() == [False, True, False]
    told = heads(feature[[0, 2]], lesson_of(outputs, torch.tensor([1, 4])))
    both = heads(feature, lesson)
    assert {name: loss.item() for name, loss in both.items()} == pytest.approx(
        {name: loss.item() for name, loss in told.items()}
    )
    assert heads(feature[:1], lesson_of(outputs, torch.tensor([9]))) == {}


def test_the_total_is_what_it_was_plus_the_weighted_losses_of_the_teacher(batch: Batch) -> None:
    weights = Loss(teacher_feature=0.7, teacher_classes=0.3)
    plain = task_of(weights, taught=False)(batch)
    taught = task_of(weights, taught=True)(batch)
    assert set(taught) - set(plain) == {"teacher_feature", "teacher_classes"}
    more = 0.7 * taught["teacher_feature"] + 0.3 * taught["teacher_classes"]
    torch.testing.assert_close(taught["total"], plain["total"] + more)


def test_with_weights_of_zero_the_model_learns_the_same(batch: Batch) -> None:
    gradients = []
    for taught in (False, True):
        task = task_of(Loss(teacher_feature=0.0, teacher_classes=0.0), taught=taught)
        task(batch)["total"].backward()
        gradients.append({n: p.grad for n, p in task.model.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, wanted in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], wanted, rtol=0, atol=0)


def test_the_teacher_reaches_the_first_layer_of_the_model(batch: Batch) -> None:
    task = task_of(Loss(rank=0.0, distribution=0.0, alignment=0.0), taught=True)
    task(batch)["total"].backward()
    first = next(task.model.stem.parameters()).grad
    assert first is not None
    assert first.abs().max() > 0


def test_a_teacher_without_classes_gives_one_loss(batch: Batch) -> None:
    outputs = made_up(classes=0)
    heads = Distillation(8, feature=6, classes=0)
    losses = heads(torch.randn(12, 8), lesson_of(outputs, batch.series))
    assert set(losses) == {"teacher_feature"}


def test_what_is_learned_without_a_teacher_has_no_heads_for_one(batch: Batch) -> None:
    assert not [key for key in task_of(Loss(), taught=False).state_dict() if "distil" in key]


def test_lessons_that_are_the_students_own_cost_nothing() -> None:
    heads = Distillation(8, feature=6, classes=4)
    feature = torch.randn(3, 8)
    assert heads.classes is not None
    lesson = lesson_of(made_up(), torch.arange(3))
    own = replace(lesson, feature=heads.feature(feature), logits=heads.classes(feature))
    for loss in heads(feature, own).values():
        assert loss.item() == pytest.approx(0, abs=1e-5)


def test_a_recipe_without_a_teacher_asks_none(tmp_path: Path) -> None:
    assert teacher_outputs(Recipe(data=Data(cache=str(tmp_path / "none")))) is None


def test_a_run_with_a_teacher_leaves_a_model_without_its_heads(
    shared: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ai_edge_litert")
    teacher = shared / "teachers" / "tf2_mobilenet_v2_1.0_224_ptq.tflite"
    if not teacher.is_file():
        pytest.skip(f"no teacher at {teacher}")
    write_pool(tmp_path / "photos", train=4, val=1)
    recipe = Recipe(
        model="fgaesq-tiny",
        precision="fp32",
        data=Data(
            photos=str(tmp_path / "photos"),
            cache=str(tmp_path / "cache"),
            train_series=4,
            val_series=2,
            workers=1,
            teacher=str(teacher),
        ),
        optimiser=Optimiser(steps=2, batch_images=10, warmup=1),
    )
    told: list[set[str]] = []
    train(recipe, tmp_path / "run", progress=lambda *done: told.append(set(done[2])))
    assert all({"teacher_feature", "teacher_classes"} <= losses for losses in told)
    task = torch.load(tmp_path / "run" / "last.pt", weights_only=True)["task"]
    assert task["distillation.classes.weight"].shape[0] == 1001
    model = {k.removeprefix("model."): v for k, v in task.items() if k.startswith("model.")}
    build(find_spec(recipe.model)).load_state_dict(model)  # strict
