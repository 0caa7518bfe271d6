"""Token caches: the same bytes however they are made, whole or in pieces."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from tests.datasets.pool import write_pool
from tests.scenes import photos_of, scene

from fgaesq.datasets.constructed import construct_series, read_pool, series_stream
from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.token_cache import (
    CacheSpec,
    DecodedPhotos,
    TokenCache,
    build_cache,
    load_cache,
    tokenize_constructed,
)
from fgaesq.errors import DecodeError, InputError
from fgaesq.tokens.difftoken import TokenLayout, tokenize_series, tokenize_single

LAYOUT = TokenLayout(budget=40, coarse=16, detail_px=512)
SERIES = 310  # two shards


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool")
    write_pool(folder, size=(70, 90))
    return folder


@pytest.fixture(scope="module")
def spec(pool: Path) -> CacheSpec:
    return CacheSpec(str(pool), "train", SERIES, 5, LAYOUT, 0.2, (0.0, 0.5, 1.0))


@pytest.fixture(scope="module")
def built(spec: CacheSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    build_cache(spec, folder, workers=2)
    return folder


@pytest.fixture(scope="module")
def cache(built: Path) -> TokenCache:
    return load_cache(built)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_one_worker_writes_the_bytes_of_two(spec: CacheSpec, built: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    build_cache(spec, tmp_path, workers=1, progress=lambda *step: steps.append(step))
    assert content(tmp_path) == content(built)
    assert steps == [(1, 2), (2, 2)]


def test_a_stopped_build_goes_on_and_keeps_what_is_there(
    spec: CacheSpec, built: Path, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    (tmp_path / "shard-001.done").unlink()
    (tmp_path / "shard-001.patches.npy").write_bytes(b"half of i")
    kept = (tmp_path / "shard-000.patches.npy").stat().st_mtime_ns
    with pytest.raises(InputError) as caught:
        load_cache(tmp_path)
    text = f"{tmp_path}: 1 of 2 shards; finish it with the same command"
    assert str(caught.value) == text
    build_cache(spec, tmp_path)
    assert content(tmp_path) == content(built)
    assert (tmp_path / "shard-000.patches.npy").stat().st_mtime_ns == kept


def test_a_finished_cache_is_not_made_again(spec: CacheSpec, built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.glob("shard-*")}
    steps: list[tuple[int, int]] = []
    build_cache(spec, built, progress=lambda *step: steps.append(step))
    assert {path: path.stat().st_mtime_ns for path in built.glob("shard-*")} == before
    assert steps == []


def test_another_specification_is_an_error(spec: CacheSpec, built: Path) -> None:
    with pytest.raises(InputError) as caught:
        build_cache(replace(spec, seed=6), built)
    text = f"{built}: holds a cache made otherwise; remove it or choose another folder"
    assert str(caught.value) == text


def test_a_folder_that_is_no_cache_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_cache(tmp_path)
    assert str(caught.value) == f"{tmp_path}: not a token cache; 'fgaesq train' makes one"


def test_a_pool_without_photos_of_the_split_is_an_error(spec: CacheSpec, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        build_cache(replace(spec, split="test"), tmp_path)
    manifest = Path(spec.photos) / "MANIFEST.csv"
    text = f"{manifest}: lists no photo of the split 'test'; add photos to the folder"
    assert str(caught.value) == text


def test_a_photo_that_cannot_be_read_stops_the_build(tmp_path: Path) -> None:
    names = write_pool(tmp_path / "pool", train=1, val=0)
    photo = tmp_path / "pool" / names[0]
    photo.write_bytes(photo.read_bytes()[:300])
    spec = CacheSpec(str(tmp_path / "pool"), "train", 2, 5, LAYOUT)
    with pytest.raises(DecodeError) as caught:
        build_cache(spec, tmp_path / "cache")
    assert str(caught.value).startswith(f"{photo}: ")


def test_the_note_tells_how_it_was_made(spec: CacheSpec, built: Path) -> None:
    note = json.loads((built / "cache.json").read_text(encoding="utf-8"))
    assert note["seed"] == 5
    assert note["layout"] == asdict(spec.layout)
    assert note["kinds"] == list(EDITS)


def test_labels_are_those_of_the_series(pool: Path, spec: CacheSpec, cache: TokenCache) -> None:
    assert cache.kinds == tuple(EDITS)
    np.testing.assert_array_equal(np.unique(cache.series), np.arange(SERIES))
    photos = read_pool(pool, split="train")
    stream = series_stream(photos, DecodedPhotos(photos), seed=5, indices=(0, 17, 305))
    for index, series in zip((0, 17, 305), stream, strict=True):
        rows = np.flatnonzero(cache.series == index)
        np.testing.assert_allclose(cache.severity[rows], series.severities, rtol=1e-6)
        np.testing.assert_allclose(cache.burden[rows], series.burden, rtol=1e-6)
        np.testing.assert_allclose(cache.area[rows], series.area, rtol=1e-6)
        assert {cache.kinds[kind] for kind in cache.kind[rows]} == {series.kind}
        assert set(cache.free[rows].tolist()) == {series.tier == "free"}


def test_tokens_are_those_of_the_series(pool: Path, spec: CacheSpec, cache: TokenCache) -> None:
    photos = read_pool(pool, split="train")
    [series] = series_stream(photos, DecodedPhotos(photos), seed=5, indices=[305])
    sets = tokenize_constructed(series, spec, np.random.default_rng([5, 305, 1]))
    rows = np.flatnonzero(cache.series == 305)
    for row, patches, tokens in zip(rows, cache.read_patches(rows), sets, strict=True):
        np.testing.assert_array_equal(patches, tokens.patches)
        np.testing.assert_array_equal(cache.scales[row], tokens.scales)
        np.testing.assert_allclose(cache.centres[row], tokens.centres, atol=1e-7)
        assert cache.used[row] == (~tokens.padded).sum()


def test_patches_are_read_across_shards_in_any_order(cache: TokenCache) -> None:
    assert len(cache.patches) == 2
    whole = np.concatenate(cache.patches)
    images = np.array([len(whole) - 1, 0, int(cache.starts[1]), int(cache.starts[1]) - 1, 0])
    np.testing.assert_array_equal(cache.read_patches(images), whole[images])


def test_photos_are_decoded_once(pool: Path) -> None:
    photos = read_pool(pool)
    decoded = DecodedPhotos(photos)
    first = decoded[photos[0].path.name]
    assert decoded[photos[0].path.name] is first
    assert len(decoded) == 1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_images_are_tokenized_together_or_each_on_its_own(spec: CacheSpec, share: float) -> None:
    series = construct_series(
        scene(200, 300), kind="defocus", rng=np.random.default_rng(1), long_side_px=300
    )
    one = replace(spec, single_share=share, spreads=(1.0,))
    found = tokenize_constructed(series, one, np.random.default_rng(0))
    layout = replace(LAYOUT, spread=1.0)
    photos = photos_of(list(series.images))
    wanted = (
        [tokenize_single(photo, layout=layout) for photo in photos]
        if share
        else list(tokenize_series(photos, layout=layout).tokens)
    )
    for tokens, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(tokens.patches, other.patches)
        assert tokens.fine_cells == other.fine_cells


def test_joined_caches_read_as_one(cache: TokenCache) -> None:
    both = cache.joined(cache)
    number = len(cache.series)
    assert len(np.unique(both.series)) == 2 * len(np.unique(cache.series))
    assert (np.diff(both.series) >= 0).all()
    images = np.array([0, number - 1])
    for offset in (0, number):
        np.testing.assert_array_equal(
            both.read_patches(images + offset), cache.read_patches(images)
        )
        np.testing.assert_array_equal(both.severity[images + offset], cache.severity[images])
