"""The task: its losses, their weights, and what learns from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.training.caches import INFORMED, SPEC, small_cache

from fgaesq.datasets.truth import constructed_truth
from fgaesq.losses import (
    bradley_terry,
    contrastive_alignment,
    emd,
    list_mle,
    list_mle_pairs,
    pair_margin,
    text_alignment,
)
from fgaesq.models.fgaesq import expected_score
from fgaesq.models.specs import build
from fgaesq.texts.encoder import HashedTextEncoder, text_directions
from fgaesq.texts.templates import wording_of
from fgaesq.training.batches import Batch, read_batch
from fgaesq.training.recipe import Loss
from fgaesq.training.tasks import SeriesTask, neighbours, recompute_blocks


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
        "distribution": emd(torch.softmax(logits, -1), batch.distribution),
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


@pytest.mark.parametrize("kind", ["list_mle_pairs", "logistic", "margin"])
def test_losses_on_pairs_are_those_of_the_pairs(batch: Batch, kind: str) -> None:
    task = task_of(Loss(rank_loss=kind))
    scores = expected_score(task.model(*batch.inputs)[1])
    first, second = scores[batch.pairs[:, 0]], scores[batch.pairs[:, 1]]
    series = batch.series[batch.pairs[:, 0]]
    wanted = {
        "list_mle_pairs": list_mle_pairs(
            first, second, batch.probability, series, both_orders=True
        ),
        "logistic": bradley_terry(first, second, batch.probability),
        "margin": pair_margin(first, second, batch.probability),
    }
    torch.testing.assert_close(task(batch)["rank"], wanted[kind])


def test_what_is_switched_off_is_no_loss(batch: Batch) -> None:
    losses = task_of(Loss(rank_loss="none", distribution=0.0, alignment_loss="none"))(batch)
    assert set(losses) == {"total"}
    assert losses["total"].item() == 0
    losses["total"].backward()


def test_a_coarse_batch_only_places_images_on_the_scale(batch: Batch) -> None:
    task = task_of(Loss(coarse=3.0))
    losses = task(replace(batch, fine=False))
    logits = task.model(*batch.inputs)[1]
    wanted = emd(torch.softmax(logits, -1), batch.distribution)
    assert set(losses) == {"coarse", "total"}
    torch.testing.assert_close(losses["coarse"], wanted)
    torch.testing.assert_close(losses["total"], 3.0 * wanted)


def test_a_batch_brings_the_weights_of_its_stage(batch: Batch) -> None:
    own = task_of(Loss())(replace(batch, loss=Loss(rank=0.0, distribution=5.0, alignment=0.0)))
    assert set(own) == {"distribution", "total"}
    torch.testing.assert_close(own["total"], 5 * own["distribution"])


def test_images_without_a_score_have_no_distance(batch: Batch) -> None:
    unknown = batch.distribution.clone()
    unknown[3:] = float("nan")
    task = task_of(Loss(rank=0.0, alignment=0.0))
    found = task(replace(batch, distribution=unknown))["distribution"]
    logits = task.model(*batch.inputs)[1][:3]
    torch.testing.assert_close(found, emd(torch.softmax(logits, -1), batch.distribution[:3]))
    none = replace(batch, distribution=torch.full_like(batch.distribution, float("nan")))
    assert set(task(none)) == {"total"}


def test_recomputing_the_blocks_changes_no_gradient(batch: Batch) -> None:
    plain, sparing = task_of(Loss()), task_of(Loss())
    recompute_blocks(sparing.model)
    for task in (plain, sparing):
        task(batch)["total"].backward()
    assert sparing.state_dict().keys() == plain.state_dict().keys()
    for (name, one), other in zip(plain.named_parameters(), sparing.parameters(), strict=True):
        assert one.grad is not None
        assert other.grad is not None
        torch.testing.assert_close(one.grad, other.grad, msg=name)


@pytest.fixture(scope="module")
def described() -> Batch:
    """A batch whose pairs have texts, but for the last one."""
    cache, _ = small_cache(5)
    truth = constructed_truth(cache, texts=True)
    truth = replace(truth, texts=(*truth.texts[:3], "", *truth.texts[4:]))
    return read_batch(cache, np.arange(12), SPEC, truth=truth)


def test_texts_of_constructed_pairs_speak_of_their_edit(described: Batch) -> None:
    sentences = {one for kind in ("defocus", "underexposure", "haze")
                 for one in wording_of(kind).sentences}  # fmt: skip
    assert {text for text in described.texts if text} <= sentences


@pytest.mark.parametrize("kind", ["cosine", "contrastive"])
def test_differences_are_aligned_with_their_texts(described: Batch, kind: str) -> None:
    task = task_of(Loss(alignment_loss=kind))
    task.texts = HashedTextEncoder(SPEC.feature)
    feature = task.model.encode(*described.inputs)
    rows = [row for row, text in enumerate(described.texts) if text]
    texts = [described.texts[row] for row in rows]
    better, worse = described.pairs[rows].T
    difference = feature[better] - feature[worse]
    if kind == "cosine":
        wanted = text_alignment(difference, text_directions(texts, task.texts))
    else:
        unique = sorted(set(texts))
        wanted = contrastive_alignment(
            difference,
            text_directions(unique, task.texts),
            torch.tensor([unique.index(text) for text in texts]),
        )
    torch.testing.assert_close(task(described)["alignment"], wanted)


def test_an_encoder_of_texts_that_is_trained_is_part_of_the_task(described: Batch) -> None:
    task = task_of(Loss(alignment_loss="contrastive"))
    task.texts = HashedTextEncoder(SPEC.feature)
    task(described)["total"].backward()
    assert "texts.projection.weight" in task.state_dict()
    assert task.texts.projection.weight.grad is not None
    assert task.texts.projection.weight.grad.abs().max() > 0


def test_pairs_without_texts_teach_nothing_about_texts(batch: Batch) -> None:
    task = task_of(Loss(alignment_loss="contrastive"))
    task.texts = HashedTextEncoder(SPEC.feature)
    assert task(batch)["alignment"].item() == 0


def test_a_batch_of_statistics_teaches_only_what_reads_these() -> None:
    spec = replace(INFORMED, readout="mean", overview=8, cells=8)
    torch.manual_seed(0)
    task = SeriesTask(build(spec), Loss())
    images = read_batch(small_cache(4, spec=spec)[0], np.arange(8), spec)
    task(replace(images, reads="statistics"))["total"].backward()
    taught = {name.split(".")[0] for name, p in task.model.named_parameters() if p.grad is not None}
    assert taught == {"overview", "cells", "head"}
