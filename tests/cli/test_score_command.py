"""`fgaesq score`: what it prints."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.command_line import json_of, run
from tests.photos import burst, burst_image, write_jpeg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    burst(tmp_path / "beach")
    return tmp_path / "beach"


def test_json_has_the_documented_shape(folder: Path, tiny_model: Path) -> None:
    result = json_of("score", folder, "--model", tiny_model)
    assert list(result) == ["model", "images", "failures"]
    assert list(result["model"]) == ["name", "version", "sha256", "engine", "tokenizer", "reasons"]
    assert [list(image) for image in result["images"]] == [["path", "score"]] * 3
    assert [image["path"] for image in result["images"]] == [
        str(folder / name) for name in ("a.jpg", "b.jpg", "c.jpg")
    ]
    assert result["failures"] == []


def test_distribution_has_the_score_as_its_mean(folder: Path, tiny_model: Path) -> None:
    for image in json_of("score", folder, "--model", tiny_model, "--distribution")["images"]:
        assert list(image) == ["path", "score", "distribution"]
        assert len(image["distribution"]) == 10
        assert sum(image["distribution"]) == pytest.approx(1, abs=1e-5)
        mean = sum(level * p for level, p in enumerate(image["distribution"], 1))
        assert image["score"] == pytest.approx(mean, abs=1e-4)


def test_csv_and_ndjson_say_the_same(folder: Path, tiny_model: Path) -> None:
    call = ("score", folder, "--model", tiny_model, "--distribution")
    images = json_of(*call)["images"]
    rows = list(csv.DictReader(io.StringIO(run(*call, "--format", "csv").stdout)))
    assert [(row["path"], float(row["score"])) for row in rows] == [
        (image["path"], image["score"]) for image in images
    ]
    assert [[float(row[f"bin_{n}"]) for n in range(1, 11)] for row in rows] == [
        image["distribution"] for image in images
    ]
    lines = [json.loads(x) for x in run(*call, "--format", "ndjson").stdout.splitlines()]
    assert [list(line) for line in lines] == [["model"], ["image"], ["image"], ["image"]]
    assert [line["image"] for line in lines[1:]] == images


def test_table_has_one_line_an_image(folder: Path, tiny_model: Path) -> None:
    lines = run("score", folder, "--model", tiny_model).stdout.splitlines()
    images = json_of("score", folder, "--model", tiny_model)["images"]
    assert [line.split() for line in lines[1:]] == [
        [image["path"], f"{image['score']:.2f}"] for image in images
    ]


def test_seed_moves_the_released_draws_only(tmp_path: Path, tiny_model: Path) -> None:
    path = write_jpeg(tmp_path / "large.jpg", burst_image(0, height=480, width=640))
    call = ("score", path, "--model", tiny_model, "--tokenizer", "reference")
    results = [json_of(*call, "--seed", seed)["images"] for seed in ("0", "0", "5")]
    assert results[0] == results[1] == json_of(*call)["images"]
    assert results[0] != results[2]
    done = run("score", path, "--model", tiny_model, "--seed", "5", code=2)
    assert "Error: --seed is for --tokenizer reference" in done.stderr
