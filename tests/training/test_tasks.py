"""The task: its losses, their weights, and what learns from them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.caches import SPEC, small_cache

from fgaesq.losses import contrastive_alignment, emd, list_mle, score_distribution
from fgaesq.models.fgaesq import expected_score
from fgaesq.models.specs import build
from fgaesq.training.batches import Batch, read_batch
from fgaesq.training.recipe import Loss
from fgaesq.training.tasks import SeriesTask, neighbours


@pytest.fixture(scope="module")
def batch() -> Batch:
    return read_batch(small_cache(5)[0], np.arange(12), SPEC)


def task_of(weights: Loss) -> SeriesTask:
    torch.manual_seed(0)
    return SeriesTask(build(SPEC), weights).eval()


def test_neighbours_are_the_best_and_each_other_of_a_series(batch: Batch) -> None:
    better, worse = neighbours(batch)
    series, severity = batch.series, batch.severity
    found = set(zip(better.tolist(), worse.tolist(), strict=True))
    wanted = set()
    for one in set(series.tolist()):
        members = [i for i in range(len(series)) if series[i] == one]
        best = min(members, key=lambda i: float(severity[i]))
        wanted |= {(best, i) for i in members if i != best}
    assert found == wanted
    assert len(better) == len(found)


def test_losses_are_those_of_the_parts(batch: Batch) -> None:
    task = task_of(Loss(rank=3.0, distribution=0.5, alignment=0.25))
    losses = task(batch)
    feature, logits = task.model(*batch.inputs)
    better, worse = neighbours(batch)
    wanted = {
        "rank": list_mle(expected_score(logits), batch.severity, batch.series),
        "distribution": emd(torch.softmax(logits, -1), score_distribution(batch.score)),
        "alignment": contrastive_alignment(
            feature[better] - feature[worse], task.directions, batch.kind[better]
        ),
    }
    for name, value in wanted.items():
        torch.testing.assert_close(losses[name], value, msg=name)
    total = 3.0 * wanted["rank"] + 0.5 * wanted["distribution"] + 0.25 * wanted["alignment"]
    torch.testing.assert_close(losses["total"], total)


def test_everything_but_the_unseen_mask_token_learns(batch: Batch) -> None:
    task = task_of(Loss()).train()
    task(batch)["total"].backward()
    for name, parameter in task.named_parameters():
        if name == "model.mask_token":  # padding is masked out: it has no say and nothing to learn
            assert parameter.grad is not None
            assert not parameter.grad.any()
            continue
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def test_scores_are_computed_in_single_precision_under_autocast(batch: Batch) -> None:
    """In bf16 the scores of near-identical images would be rounded to the same value."""
    task = task_of(Loss())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = task(batch)
    assert {value.dtype for value in losses.values()} == {torch.float32}
    plain = task(batch)
    assert losses["total"].item() == pytest.approx(plain["total"].item(), rel=0.05)
