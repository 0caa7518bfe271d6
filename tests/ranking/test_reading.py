"""How images become photos or failures, and how series are read ahead."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.photos import burst, burst_image

from fgaesq.errors import InputError
from fgaesq.images import SeriesFiles
from fgaesq.ranking import reading
from fgaesq.ranking.reading import Reader, SeriesSource

READER = Reader(max_long_side_px=256, as_released=False)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


def test_photos_keep_their_order_and_failures_stand_apart(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    first, second = burst(tmp_path, ("a.jpg", "b.jpg"))
    gone = tmp_path / "gone.jpg"
    photos, failures = READER.read([second, gone, str(first)], pool)
    assert [photo.name for photo in photos] == [str(second), str(first)]
    assert [photo.pixels.shape for photo in photos] == [(192, 256, 3)] * 2
    assert [(f.path, f.stage, f.error) for f in failures] == [
        (str(gone), "decode", f"{gone}: the file does not exist; check the path")
    ]


def test_images_from_memory_are_named_by_position(pool: ThreadPoolExecutor) -> None:
    array = burst_image(0)
    photos, failures = READER.read([array, PILImage.fromarray(array), 3], pool, first=16)  # type: ignore[list-item]
    assert [photo.name for photo in photos] == ["image-17", "image-18"]
    assert photos[0].digest == photos[1].digest
    assert [f.error for f in failures] == [
        "image-19: it is a int; give a path, PIL image or NumPy array"
    ]


def test_an_unexpected_error_is_a_failure_of_the_photo(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(reading, "as_photo", fail)
    photos, failures = READER.read(["a.jpg"], pool)
    assert photos == []
    assert [failure.error for failure in failures] == [
        "a.jpg: unexpected ZeroDivisionError: division by zero"
    ]


@pytest.mark.parametrize("one", ["a.jpg", b"a.jpg", Path("a.jpg")])
def test_one_path_is_not_a_list_of_images(one: object, pool: ThreadPoolExecutor) -> None:
    with pytest.raises(InputError) as caught:
        READER.read(one, pool)  # type: ignore[arg-type]
    assert str(caught.value) == "got the single path 'a.jpg'; give a list of images"


def test_one_image_is_not_a_list_of_images(pool: ThreadPoolExecutor) -> None:
    with pytest.raises(InputError) as caught:
        READER.read(burst_image(0), pool)  # type: ignore[arg-type]
    assert str(caught.value) == "got one ndarray; give a list of images"


def test_the_next_series_is_read_before_it_is_asked_for(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    asked: list[str] = []

    def series() -> Iterator[SeriesSource]:
        for name in ("1", "2", "3"):
            asked.append(name)
            yield SeriesFiles(f"given/{name}", tuple(burst(tmp_path / name, ("a.jpg",))))

    results = READER.read_ahead(series(), pool)
    assert next(results).id == "given/1"
    assert asked == ["1", "2"]
    assert [one.id for one in results] == ["given/2", "given/3"]


def test_folder_is_the_real_one_however_it_was_given(
    tmp_path: Path, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst(tmp_path / "000012", ("a.jpg", "b.jpg"))
    monkeypatch.chdir(tmp_path / "000012")
    series: list[SeriesSource] = [
        SeriesFiles(".", (Path("a.jpg"), Path("b.jpg"))),
        SeriesFiles("x", (Path("../000012/a.jpg"), tmp_path / "000012" / "b.jpg")),
        ("sets/000007", [burst_image(0)]),
    ]
    folders = [one.folder for one in READER.read_ahead(series, pool)]
    assert folders == ["000012", "000012", "000007"]


def test_a_series_too_long_to_hold_is_one_failure_and_the_next_is_read(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    paths = tuple(burst(tmp_path, ("a.jpg", "b.jpg")))
    shoot = SeriesFiles("shoot", paths * 101)
    series = list(READER.read_ahead([shoot, SeriesFiles("pair", paths)], pool))
    assert [(one.id, len(one.photos)) for one in series] == [("shoot", 0), ("pair", 2)]
    assert [(f.path, f.stage, f.error) for f in series[0].failures] == [
        (
            "shoot",
            "find",
            "shoot: holds 202 images, and a series of near-identical images has at most 200; "
            "give each series a folder of its own, or score them with 'fgaesq score'",
        )
    ]
