"""What a classifier says of the series of a cache; with real ones where their files are."""

from __future__ import annotations

import builtins
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.datasets.pool import write_pool
from tests.scenes import scene

from fgaesq.datasets.constructed import draw_frame, read_pool, series_stream
from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.teachers import Teacher, embed_cache, load_outputs
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.errors import InputError, MissingExtraError, WeightsError

CLASSIFIER = "tf2_mobilenet_v2_1.0_224_ptq.tflite"
EXTRACTOR = "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
SERIES = 8
KINDS = list(EDITS)


@pytest.fixture(scope="module")
def teachers(shared: Path) -> Path:
    pytest.importorskip("ai_edge_litert")
    if not (shared / "teachers").is_dir():
        pytest.skip(f"no teachers in {shared}")
    return shared / "teachers"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """What `embed_cache` needs of a token cache."""
    write_pool(tmp_path / "photos", train=5, val=1)
    folder = tmp_path / "cache"
    folder.mkdir()
    spec = {
        "photos": str(tmp_path / "photos"),
        "split": "train",
        "series": SERIES,
        "seed": 3,
        "kinds": KINDS,
        "making": "edited",
    }
    (folder / "cache.json").write_text(json.dumps(spec), encoding="utf-8")
    return folder


def test_the_frame_is_what_the_series_was_made_from(cache: Path) -> None:
    """An untouched member is a window of the frame."""
    pool = read_pool(cache.parent / "photos", split="train")
    pixels = DecodedPhotos(pool)
    found = 0
    for index in range(40):
        kind = KINDS[index % len(KINDS)]
        photo, frame, _ = draw_frame(pool, pixels, kind=kind, seed=3, index=index)
        [series] = series_stream(pool, pixels, seed=3, indices=[index])
        assert series.source == photo.path.name
        best = series.images[int(np.argmin(series.severities))]
        height, width = best.shape[:2]
        down, across = frame.shape[0] - height, frame.shape[1] - width
        assert (down, across) == (2 * max(1, round(max(frame.shape) * 0.01)),) * 2
        windows = [
            frame[y : y + height, x : x + width] for y in range(down + 1) for x in range(across + 1)
        ]
        found += any(np.array_equal(best, window) for window in windows)
    assert found >= 8  # the others have a flaw or were compressed


@pytest.mark.slow
def test_the_classifier_knows_the_objects_of_real_photos(teachers: Path, shared: Path) -> None:
    """One photo per ImageNet class, in the order of the classes; class 0 is the background."""
    teacher = Teacher(teachers / CLASSIFIER)
    with (shared / "photos" / "MANIFEST.csv").open(newline="", encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines) if row["file"].startswith("object-")]
    right = [
        teacher(np.asarray(PILImage.open(shared / "photos" / name).convert("RGB")))[1].argmax()
        == number
        for number, name in enumerate(names, start=1)
    ]
    assert len(right) == 1000
    assert np.mean(right) > 0.83


def test_a_classifier_gives_feature_and_logits(teachers: Path) -> None:
    teacher = Teacher(teachers / CLASSIFIER)
    feature, logits = teacher(scene(200, 300))
    assert (teacher.feature_length, teacher.classes) == (1280, 1001)
    assert feature.shape == (1280,)
    assert logits.shape == (1001,)
    assert feature.min() >= 0  # after a ReLU
    assert logits.min() < 0 < logits.max()


def test_an_extractor_gives_a_feature_alone(teachers: Path) -> None:
    teacher = Teacher(teachers / EXTRACTOR)
    feature, logits = teacher(scene(200, 300))
    assert (teacher.feature_length, teacher.classes) == (1024, 0)
    assert feature.shape == (1024,)
    assert logits.shape == (0,)


def test_outputs_are_those_of_the_frames_with_any_number_of_workers(
    teachers: Path, cache: Path
) -> None:
    told: list[tuple[int, int]] = []
    embed_cache(cache, teachers / CLASSIFIER, workers=2, progress=lambda *done: told.append(done))
    assert told[-1] == (SERIES, SERIES)
    outputs = load_outputs(cache)
    teacher = Teacher(teachers / CLASSIFIER)
    pool = read_pool(cache.parent / "photos", split="train")
    pixels = DecodedPhotos(pool)
    for index in range(SERIES):
        kind = KINDS[index % len(KINDS)]
        feature, logits = teacher(draw_frame(pool, pixels, kind=kind, seed=3, index=index)[1])
        np.testing.assert_array_equal(outputs.feature[index], feature.astype(np.float16))
        np.testing.assert_array_equal(outputs.logits[index], logits.astype(np.float16))


def test_features_are_read_standardised(teachers: Path, cache: Path) -> None:
    embed_cache(cache, teachers / EXTRACTOR)
    feature, logits = load_outputs(cache).read(np.arange(SERIES))
    assert feature.dtype == logits.dtype == np.float32
    assert logits.shape == (SERIES, 0)
    varied = feature.std(axis=0) > 0
    assert varied.sum() > 100
    np.testing.assert_allclose(feature.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(feature.std(axis=0)[varied], 1, atol=1e-2)


def test_outputs_are_made_once_and_by_one_teacher(teachers: Path, cache: Path) -> None:
    embed_cache(cache, teachers / EXTRACTOR)
    made = (cache / "teacher.npz").stat().st_mtime_ns
    embed_cache(cache, teachers / EXTRACTOR)
    assert (cache / "teacher.npz").stat().st_mtime_ns == made
    with pytest.raises(InputError, match=r"teacher\.npz: made by another teacher than tf2"):
        embed_cache(cache, teachers / CLASSIFIER)


def test_a_missing_teacher_is_named(cache: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.tflite: not found; give a classifier"):
        embed_cache(cache, cache / "none.tflite")


def test_a_file_that_is_no_network_is_named(cache: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    with pytest.raises(WeightsError, match=r"cache\.json: not a TFLite network"):
        embed_cache(cache, cache / "cache.json")


def test_a_missing_library_names_the_extra(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        if name.startswith("ai_edge_litert"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"fgaesq\[teacher\]"):
        embed_cache(cache, cache / "cache.json")


def test_a_folder_that_is_no_cache_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a token cache"):
        embed_cache(tmp_path, tmp_path / "any.tflite")


def test_outputs_that_were_never_made_are_named(cache: Path) -> None:
    with pytest.raises(InputError, match=r"teacher\.npz: not found"):
        load_outputs(cache)
