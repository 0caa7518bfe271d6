"""`fgaesq compare`: what it prints and draws."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.command_line import Call, json_of, run
from tests.photos import burst


@pytest.fixture
def pair(tmp_path: Path) -> list[Path]:
    return burst(tmp_path / "beach", ("a.jpg", "b.jpg"))


def test_json_has_the_documented_shape(pair: list[Path], tiny_model: Path) -> None:
    result = json_of("compare", *pair, "--model", tiny_model)
    assert list(result) == ["model", "first", "second", "p", "verdict", "reasons"]
    assert [result[key]["path"] for key in ("first", "second")] == [str(path) for path in pair]
    assert list(result["first"]) == ["path", "score"]
    assert result["reasons"] == [], "this model has no words for them"
    assert (result["p"] > 0.5) == (result["first"]["score"] > result["second"]["score"])
    assert result["verdict"] in ("first", "second", "too_close")


def test_reasons_are_those_of_the_better_image(pair: list[Path], telling_model: Path) -> None:
    call: Call = ("compare", *pair, "--model", telling_model)
    result = json_of(*call)
    swapped = json_of("compare", *pair[::-1], "--model", telling_model)
    assert result["reasons"] == swapped["reasons"] != []
    assert result["first"]["cells"] == swapped["second"]["cells"] != []
    (row,) = csv.DictReader(io.StringIO(run(*call, "--format", "csv").stdout))
    assert row["reason"] == result["reasons"][0]["text"]
    why, where = run(*call).stdout.splitlines()[-2:]
    assert why.startswith(f"why: {result['reasons'][0]['text']} (")
    assert where.startswith(("where: mostly ", "where: all over the frame"))


def test_the_same_file_twice_is_too_close(pair: list[Path], tiny_model: Path) -> None:
    result = json_of("compare", pair[0], pair[0], "--model", tiny_model)
    assert (result["p"], result["verdict"]) == (0.5, "too_close")


def test_csv_ndjson_and_table_say_the_same(pair: list[Path], tiny_model: Path) -> None:
    call: Call = ("compare", *pair, "--model", tiny_model)
    result = json_of(*call)
    (row,) = csv.DictReader(io.StringIO(run(*call, "--format", "csv").stdout))
    assert (row["first"], float(row["first_score"])) == tuple(result["first"].values())
    assert (float(row["p"]), row["verdict"]) == (result["p"], result["verdict"])
    model, comparison = run(*call, "--format", "ndjson").stdout.splitlines()
    assert json.loads(model) == {"model": result["model"]}
    assert json.loads(comparison)["comparison"]["p"] == result["p"]
    table = run(*call).stdout
    for path in pair:
        assert str(path) in table
    assert "preferred" in table.splitlines()[-1]


def test_map_is_drawn(pair: list[Path], tiny_model: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.jpg"
    run("compare", *pair, "--model", tiny_model, "--map", target)
    with PILImage.open(target) as image:
        assert image.format == "JPEG"
        assert image.width == 1600


def test_a_file_that_cannot_be_read_is_a_failure(pair: list[Path], tiny_model: Path) -> None:
    pair[1].write_bytes(b"")
    done = run("compare", *pair, "--model", tiny_model, "--format", "json", code=1)
    assert done.stdout == ""
    assert done.stderr == (
        f"fgaesq: {pair[1]}: the file is empty; copy it again from the camera or card\n"
    )


def test_pair_id_and_released_tokenizer_go_together(
    pair: list[Path], tiny_model: Path, tmp_path: Path
) -> None:
    call: Call = ("compare", *pair, "--model", tiny_model)
    for wrong in (("--pair-id", "1_1_2"), ("--tokenizer", "reference")):
        done = run(*call, *wrong, code=2)
        assert "Error: --pair-id and --tokenizer reference go together" in done.stderr
    right: Call = (*call, "--tokenizer", "reference", "--pair-id", "1_1_2")
    result = json_of(*right, "--map", tmp_path / "map.png")
    assert result["model"]["tokenizer"] == "reference"
    assert json_of(*right) == result
    assert json_of(*right[:-1], "7_1_2")["p"] != result["p"]
    assert (tmp_path / "map.png").is_file()
