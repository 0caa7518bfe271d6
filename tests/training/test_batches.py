"""Batches: whole series, the same inputs as the engines make, the same cells for a series."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np
import pytest
import torch
from tests.training.caches import INFORMED, SPEC, small_cache

from fgaesq.datasets.token_cache import TokenCache
from fgaesq.engines.base import input_arrays
from fgaesq.errors import RecipeError
from fgaesq.tokens.statistics import STATISTICS
from fgaesq.training.batches import read_batch, shuffled_series
from fgaesq.types import TokenSet


@pytest.fixture(scope="module")
def made() -> tuple[TokenCache, list[TokenSet]]:
    return small_cache()


@pytest.fixture(scope="module")
def cache(made: tuple[TokenCache, list[TokenSet]]) -> TokenCache:
    return made[0]


def sizes_of(cache: TokenCache) -> Counter[int]:
    return Counter(cache.series.tolist())


def test_batches_hold_whole_series(cache: TokenCache) -> None:
    sizes = sizes_of(cache)
    for batch in islice(shuffled_series(cache, 10, np.random.default_rng(0)), 50):
        assert 10 - 5 < len(batch) <= 10
        assert len(set(batch.tolist())) == len(batch)
        for one, number in Counter(cache.series[batch].tolist()).items():
            assert number == sizes[one]


def test_every_series_comes_at_most_once_an_epoch_and_all_come(cache: TokenCache) -> None:
    seen: Counter[int] = Counter()
    for batch in islice(shuffled_series(cache, 10, np.random.default_rng(0)), 100):
        seen.update(set(cache.series[batch].tolist()))
    assert set(seen) == set(sizes_of(cache))
    assert max(seen.values()) < 2 * min(seen.values())


def test_batches_are_shuffled_by_the_generator(cache: TokenCache) -> None:
    first, same, other = (
        [b.tolist() for b in islice(shuffled_series(cache, 10, np.random.default_rng(s)), 5)]
        for s in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_a_cache_smaller_than_a_batch_gives_all_of_it(cache: TokenCache) -> None:
    for batch in islice(shuffled_series(cache, 1000, np.random.default_rng(0)), 3):
        assert sorted(batch.tolist()) == list(range(len(cache.series)))


def test_a_cache_of_just_one_batch_gives_all_of_it(cache: TokenCache) -> None:
    number = len(cache.series)
    for batch in islice(shuffled_series(cache, number, np.random.default_rng(0)), 3):
        assert sorted(batch.tolist()) == list(range(number))


def test_a_batch_that_cannot_hold_a_series_is_an_error(cache: TokenCache) -> None:
    longest = max(sizes_of(cache).values())
    text = f"batch_images is {longest - 1}; a series has {longest} images, give at least that"
    with pytest.raises(RecipeError) as caught:
        next(shuffled_series(cache, longest - 1, np.random.default_rng(0)))
    assert str(caught.value) == text


def test_inputs_are_those_of_the_engines(made: tuple[TokenCache, list[TokenSet]]) -> None:
    """What the network is trained on is what it is given in use."""
    cache, sets = made
    images = np.array([3, 0, 17, 5])
    wanted = input_arrays([sets[image] for image in images], SPEC)
    batch = read_batch(cache, images, SPEC)
    for found, (name, array) in zip(batch.inputs, wanted.items(), strict=True):
        assert found.shape == array.shape, name
        np.testing.assert_allclose(found, array.astype(float), atol=2e-6, err_msg=name)
    assert [one.dtype for one in batch.inputs] == [
        torch.float32,
        torch.float32,
        torch.int64,
        torch.bool,
        torch.bool,
    ]


def test_truth_goes_with_the_images(cache: TokenCache) -> None:
    images = np.array([9, 2, 2, 30])
    batch = read_batch(cache, images, SPEC)
    np.testing.assert_array_equal(batch.series, cache.series[images])
    np.testing.assert_array_equal(batch.severity, cache.severity[images])
    np.testing.assert_array_equal(batch.kind, cache.kind[images])


@pytest.mark.parametrize("cells", [0, 1, 4, 99])
def test_a_subset_of_cells_is_the_same_for_a_series(
    made: tuple[TokenCache, list[TokenSet]], cells: int
) -> None:
    cache, sets = made
    images = np.arange(len(cache.series))
    rng = np.random.default_rng(2)
    patches, weights, scales, padded, attended = read_batch(
        cache, images, SPEC, fine_cells=cells, rng=rng
    ).inputs
    whole = read_batch(cache, images, SPEC).inputs
    kept: dict[int, set[int]] = {}
    for row, tokens in enumerate(sets):
        coarse = int((~tokens.padded & (tokens.scales == 0)).sum())
        fine = min(cells, len(tokens.fine_cells)) * 4
        used = coarse + fine
        assert not padded[row, :used].any()
        assert padded[row, used:].all()
        assert torch.equal(attended, ~padded)
        assert scales[row].tolist() == [0] * coarse + [1] * fine + [0] * (scales.shape[1] - used)
        assert torch.equal(patches[row, :coarse], whole[0][row, :coarse])
        assert torch.equal(weights[row, :coarse], whole[1][row, :coarse])
        slots = [
            next(
                slot
                for slot in range(coarse, len(tokens.padded))
                if torch.equal(patches[row, new], whole[0][row, slot])
                and torch.equal(weights[row, new], whole[1][row, slot])
            )
            for new in range(coarse, used)
        ]
        starts = [slot - coarse for slot in slots[::4]]
        assert starts == sorted(starts)
        assert all(start % 4 == 0 for start in starts)
        assert slots == [coarse + start + i for start in starts for i in range(4)]
        chosen = {tokens.fine_cells[start // 4] for start in starts}
        assert kept.setdefault(int(cache.series[row]), chosen) == chosen
    assert padded.shape[1] == int((~padded).sum(dim=1).max())
    if cells in (1, 4):
        assert len({tuple(sorted(one)) for one in kept.values()}) > 1


@pytest.mark.parametrize("options", [{"fine_cells": 3}, {"rng": np.random.default_rng(0)}])
def test_a_subset_needs_both_a_number_and_a_generator(
    cache: TokenCache, options: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="^give fine_cells and rng together or neither$"):
        read_batch(cache, np.arange(3), SPEC, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def informed() -> tuple[TokenCache, list[TokenSet]]:
    return small_cache(4, spec=INFORMED)


def test_statistics_are_those_of_the_tokenizer(
    informed: tuple[TokenCache, list[TokenSet]],
) -> None:
    cache, sets = informed
    expected = np.asarray(input_arrays(sets, INFORMED)["statistics"], np.float32)
    found = read_batch(cache, np.arange(len(sets)), INFORMED).inputs[5]
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)
    assert np.abs(expected[..., STATISTICS:]).max() > 0.1


def test_an_image_is_compared_with_its_series_whatever_else_is_in_the_batch(
    informed: tuple[TokenCache, list[TokenSet]],
) -> None:
    cache, sets = informed
    whole = read_batch(cache, np.arange(len(sets)), INFORMED).inputs[5]
    some = np.array([len(sets) - 1, 0, 3])
    assert torch.equal(read_batch(cache, some, INFORMED).inputs[5], whole[some])


def test_images_alone_differ_from_nothing(informed: tuple[TokenCache, list[TokenSet]]) -> None:
    cache, _ = informed
    first = int(cache.series[0])
    found = read_batch(cache, np.arange(len(cache.series)), INFORMED, alone=[first]).inputs[5]
    of_first = torch.from_numpy(cache.series == first)
    assert found[of_first][..., STATISTICS:].abs().max() == 0
    assert found[~of_first][..., STATISTICS:].abs().max() > 0
