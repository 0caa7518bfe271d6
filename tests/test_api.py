"""The Python API: paths, PIL images and arrays, and the model that is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.photos import burst

import fgaesq
from fgaesq import api
from fgaesq.engines import Engine, usable_cores
from fgaesq.types import ImageSource


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Let no test find the model of another."""
    api._kept.cache_clear()
    yield
    api._kept.cache_clear()


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return burst(tmp_path)


def scores(ranking: fgaesq.Ranking) -> list[float]:
    return [image.score for image in ranking.series[0].images]


def test_paths_strings_pil_images_and_arrays_rank_the_same(
    paths: list[Path], tiny_model: Path
) -> None:
    expected = scores(fgaesq.rank(paths, model=tiny_model))
    assert len(set(expected)) == 3
    texts = [str(path) for path in paths]
    assert scores(fgaesq.rank(texts, model=str(tiny_model))) == expected
    with PILImage.open(paths[0]) as a, PILImage.open(paths[1]) as b, PILImage.open(paths[2]) as c:
        assert scores(fgaesq.rank((a, b, c), model=tiny_model)) == expected
        arrays = [np.asarray(image) for image in (a, b, c)]
    assert scores(fgaesq.rank(arrays, model=tiny_model)) == expected
    words = [array.astype(np.uint16) * 257 for array in arrays]
    assert scores(fgaesq.rank(words, model=tiny_model)) == expected
    floats = [array / np.float64(255) for array in arrays]
    assert scores(fgaesq.rank(floats, model=tiny_model)) == expected
    mixed: list[ImageSource] = [paths[0], texts[1], arrays[2]]
    ranking = fgaesq.rank(mixed, model=tiny_model)
    assert scores(ranking) == expected
    assert {image.path for image in ranking.series[0].images} == {texts[0], texts[1], "image-3"}


def test_best_is_the_pick(paths: list[Path], tiny_model: Path) -> None:
    ranking = fgaesq.rank(paths, model=tiny_model)
    assert ranking.best == ranking.series[0].images[0]
    assert ranking.best.rank == 1


def test_images_that_cannot_be_used_are_failures(paths: list[Path], tiny_model: Path) -> None:
    ranking = fgaesq.rank([*paths, np.zeros((3, 40, 40))], model=tiny_model)
    assert len(ranking.series[0].images) == 3
    assert ranking.failures == (
        fgaesq.Failure(
            "image-4",
            "decode",
            "image-4: its shape is (3, 40, 40); give (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), "
            "which .transpose(1, 2, 0) makes of channels that come first",
        ),
    )


def test_scores_are_in_the_order_given(paths: list[Path], tiny_model: Path) -> None:
    result = fgaesq.score(paths[::-1], model=tiny_model)
    assert [score.path for score in result.images] == [str(path) for path in paths[::-1]]
    assert result.model.name == "fgaesq-tiny"


def test_comparison_says_where_the_two_differ(paths: list[Path], tiny_model: Path) -> None:
    comparison = fgaesq.compare(paths[0], paths[1], model=tiny_model)
    assert comparison.difference is not None
    assert comparison.difference.values.max() > 0
    assert comparison.p == 1 - fgaesq.compare(paths[1], paths[0], model=tiny_model).p
    with pytest.raises(fgaesq.InputError, match="the file does not exist; check the path$"):
        fgaesq.compare(paths[0], "gone.jpg", model=tiny_model)


def test_the_model_is_loaded_once(
    paths: list[Path], tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    original = fgaesq.ranking.ranker.open_engine  # type: ignore[attr-defined]

    def counting(folder: object, options: object) -> Engine:
        opened.append("opened")
        engine: Engine = original(folder, options)
        return engine

    monkeypatch.setattr("fgaesq.ranking.ranker.open_engine", counting)
    for _ in range(3):
        fgaesq.rank(paths, model=tiny_model)
        fgaesq.score(paths, model=tiny_model)
        fgaesq.compare(paths[0], paths[1], model=tiny_model)
    assert opened == ["opened"]


def test_load_gives_a_ranker_with_more_choice(paths: list[Path], tiny_model: Path) -> None:
    options = fgaesq.EngineOptions(engine="torch", batch=2)
    ranker = fgaesq.load(tiny_model, options=options)
    assert isinstance(ranker, fgaesq.Ranker)
    assert ranker.identity.engine == "torch"
    found = ranker.rank(paths)
    assert scores(found) == pytest.approx(scores(fgaesq.rank(paths, model=tiny_model)), abs=1e-5)


def test_results_cannot_be_changed(paths: list[Path], tiny_model: Path) -> None:
    ranking = fgaesq.rank(paths, model=tiny_model)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ranking.best.score = 10.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ranking.failures = ()  # type: ignore[misc]


def test_one_image_is_not_a_list(paths: list[Path], tiny_model: Path) -> None:
    with pytest.raises(fgaesq.InputError) as caught:
        fgaesq.rank(str(paths[0]), model=tiny_model)
    assert str(caught.value) == f"got the single path '{paths[0]}'; give a list of images"


def test_images_are_left_as_they_were(tiny_model: Path, paths: list[Path]) -> None:
    with PILImage.open(paths[0]) as image:
        array = np.array(image)
    before = array.copy()
    fgaesq.rank([array, array[:, ::-1]], model=tiny_model)
    np.testing.assert_array_equal(array, before)


def test_usable_cores_is_a_number_of_cores() -> None:
    assert usable_cores() >= 1
