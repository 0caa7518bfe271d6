"""The heap of known truth, and a small measure of refinement on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from benchmarks.refining import outcome
from benchmarks.refining_heap import PLANTED, Member, make_heap
from tests.scenes import scene

from fgaesq.building.collection import Collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series
from fgaesq.building.records import REASONS
from fgaesq.building.refine import refine_by_metrics
from fgaesq.datasets.constructed import PoolPhoto, read_pool
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.types import Image

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "photos"
SCENES: Mapping[str, Image] = {f"{seed}.png": scene(300, 400, seed=seed) for seed in range(8)}
POOL = [PoolPhoto(Path(name), "research") for name in SCENES]

Heap = tuple[Collection, list[Member]]


@pytest.fixture(scope="module")
def heap(tmp_path_factory: pytest.TempPathFactory) -> Heap:
    folder = tmp_path_factory.mktemp("heap") / "heap"
    return make_heap(folder, POOL, SCENES, series=10, seed=1, long_side_px=200)


def test_every_member_is_in_the_truth_and_has_a_file(heap: Heap) -> None:
    collection, truth = heap
    members = [(one.id, image) for one in all_series(collection) for image in one.members]
    assert members == [(one.series, one.image) for one in truth]
    assert all(one.path.is_file() for one in images(collection).values())
    assert {PLANTED[one.kind] for one in truth if one.kind} <= set(REASONS)
    assert all((one.twin > 0) == (PLANTED.get(one.kind) == "near_identical") for one in truth)


def test_a_heap_follows_from_its_seed(heap: Heap, tmp_path: Path) -> None:
    again, truth = make_heap(tmp_path / "x", POOL, SCENES, series=10, seed=1, long_side_px=200)
    assert truth == heap[1]
    digests = [[one.digest for one in images(some).values()] for some in (heap[0], again)]
    again.close()
    assert digests[0] == digests[1]


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="needs the photos of ../shared")
def test_refinement_finds_what_is_planted_and_leaves_what_is_good(tmp_path: Path) -> None:
    pool = read_pool(PHOTOS, split="test")[::5]
    folder = tmp_path / "heap"
    collection, truth = make_heap(
        folder, pool, DecodedPhotos(pool), series=30, seed=5, long_side_px=512
    )
    refine_by_metrics(collection, processes=1)
    found = outcome(collection, truth)
    collection.close()
    assert found["planted"] >= 20
    assert found["found"] >= 0.9  # of some thirty; docs/refining.md has the measure proper
    assert found["good_dropped"] < 0.03
