"""`fgaesq rank`: what it prints and writes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.command_line import json_of, run
from tests.photos import burst, burst_image, write_jpeg

from fgaesq.storage.digests import file_sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    burst(tmp_path / "beach")
    return tmp_path / "beach"


def identity(model: Path, *, reasons: bool = False) -> dict[str, str | bool]:
    return {
        "name": "fgaesq-tiny",
        "version": "0.0.1",
        "sha256": file_sha256(model / "model.onnx"),
        "engine": "onnx",
        "tokenizer": "series",
        "reasons": reasons,
    }


def test_json_has_the_documented_shape(folder: Path, tiny_model: Path) -> None:
    result = json_of("rank", folder, "--model", tiny_model)
    assert list(result) == ["model", "series", "failures"]
    assert result["model"] == identity(tiny_model)
    assert result["failures"] == []
    (series,) = result["series"]
    assert list(series) == ["id", "images"]
    assert series["id"] == str(folder)
    keys = ["path", "rank", "score", "p_best", "reasons"]
    assert [list(image) for image in series["images"]] == [keys] * 3
    assert [image["reasons"] for image in series["images"]] == [[]] * 3, "this model has no words"
    assert [image["rank"] for image in series["images"]] == [1, 2, 3]
    assert {image["path"] for image in series["images"]} == {str(p) for p in folder.iterdir()}
    assert all(1 <= image["score"] <= 10 for image in series["images"])
    assert sum(image["p_best"] for image in series["images"]) == pytest.approx(1, abs=3e-6)


def test_a_model_that_tells_says_why_and_where(folder: Path, telling_model: Path) -> None:
    call = ("rank", folder, "--model", telling_model)
    result = json_of(*call)
    assert result["model"] == identity(telling_model, reasons=True)
    images = result["series"][0]["images"]
    firsts = [image["reasons"][0] for image in images]
    assert all(0.15 <= first["strength"] <= 1 for first in firsts)
    assert firsts[0]["text"] in ("sharper", "less noise", "straighter horizon", "less haze")
    assert firsts[-1]["text"] in ("blurrier", "more noise", "more tilted", "more haze")
    for image in images:
        effects = [abs(cell["effect"]) for cell in image["cells"]]
        assert effects == sorted(effects, reverse=True)
        assert len(effects) == 5
        assert all(0 <= edge <= 1 for cell in image["cells"] for edge in cell["box"])
    table = run(*call).stdout.splitlines()
    assert [first["text"] in line for first, line in zip(firsts, table[2:], strict=True)] == [
        True
    ] * 3
    (_, first, *_) = run(*call, "--format", "csv").stdout.splitlines()
    assert first.endswith(f",{firsts[0]['text']},{firsts[0]['strength']:.6f}")


def test_pages_show_reasons_and_score_maps(
    folder: Path, telling_model: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    run("rank", folder, "--model", telling_model, "--html", page)
    html = page.read_text(encoding="utf-8")
    assert html.count('<ul class="reasons"') == 3
    assert html.count('<svg class="map effect"') == 3


def test_pairs_are_added_when_asked_for(folder: Path, tiny_model: Path) -> None:
    (series,) = json_of("rank", folder, "--model", tiny_model, "--pairs")["series"]
    names = [image["path"] for image in series["images"]]
    keys = ["first", "second", "p", "verdict", "reasons"]
    assert [list(pair) for pair in series["pairs"]] == [keys] * 3
    assert [(pair["first"], pair["second"]) for pair in series["pairs"]] == [
        (names[0], names[1]),
        (names[0], names[2]),
        (names[1], names[2]),
    ]
    for pair in series["pairs"]:
        assert pair["verdict"] == ("first" if pair["p"] >= 0.6 else "too_close")


def test_two_images_have_the_chances_of_their_pair(tmp_path: Path, tiny_model: Path) -> None:
    burst(tmp_path, ("a.jpg", "b.jpg"))
    (series,) = json_of("rank", tmp_path, "--model", tiny_model, "--pairs")["series"]
    assert series["images"][0]["p_best"] == series["pairs"][0]["p"]


def test_ndjson_has_one_object_a_line(folder: Path, tiny_model: Path) -> None:
    gone = folder.parent / "gone.jpg"
    call = ("rank", folder, gone, "--model", tiny_model)
    lines = [json.loads(x) for x in run(*call, "--format", "ndjson", code=3).stdout.splitlines()]
    assert [list(line) for line in lines] == [["model"], ["series"], ["failure"]]
    whole = json_of(*call, code=3)
    assert lines[1]["series"] == whole["series"][0]
    assert lines[2]["failure"] == whole["failures"][0]
    assert whole["failures"] == [
        {
            "path": str(gone),
            "stage": "find",
            "error": f"{gone}: the file does not exist; check the path",
        }
    ]


def test_csv_has_one_row_an_image(folder: Path, tiny_model: Path) -> None:
    output = run("rank", folder, "--model", tiny_model, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(output)))
    images = json_of("rank", folder, "--model", tiny_model)["series"][0]["images"]
    assert [(r["series"], int(r["rank"]), r["path"], float(r["score"])) for r in rows] == [
        (str(folder), image["rank"], image["path"], image["score"]) for image in images
    ]


def test_table_shows_the_order(folder: Path, tiny_model: Path) -> None:
    images = json_of("rank", folder, "--model", tiny_model)["series"][0]["images"]
    lines = run("rank", folder, "--model", tiny_model).stdout.splitlines()
    assert lines[0] == f"{folder}, 3 images"
    assert lines[2].startswith("*")
    assert [line.split("  ")[-4].strip() for line in lines[2:4]] == [
        image["path"] for image in images[:2]
    ]


def test_each_folder_is_a_series_and_files_are_one(tmp_path: Path, tiny_model: Path) -> None:
    burst(tmp_path / "day" / "b2", ("a.jpg", "b.jpg"))
    burst(tmp_path / "day" / "b10", ("a.jpg",))
    loose = burst(tmp_path / "loose", ("x.jpg", "y.jpg"))
    result = json_of("rank", tmp_path / "day", *loose, "--model", tiny_model)
    assert [(one["id"], len(one["images"])) for one in result["series"]] == [
        (str(tmp_path / "day" / "b2"), 2),
        (str(tmp_path / "day" / "b10"), 1),
        (str(tmp_path / "loose"), 2),
    ]


def test_page_and_picture_are_written(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "order.webp"
    done = run("rank", folder, "--model", tiny_model, "--html", page, "--picture", picture)
    assert done.stderr == ""
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert html.count("data:image/jpeg;base64,") == 3
    with PILImage.open(picture) as image:
        assert image.format == "WEBP"


def test_a_page_without_a_series_says_why(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    page, picture = tmp_path / "page.html", tmp_path / "order.png"
    call = ("rank", tmp_path, "--model", tiny_model, "--html", page, "--picture", picture)
    done = run(*call, code=1)
    assert "the file is empty" in page.read_text(encoding="utf-8")
    assert not picture.exists()
    assert done.stderr.splitlines() == [
        f"{picture}: not written, as there is no series to show",
        f"{tmp_path / 'a.jpg'}: the file is empty; copy it again from the camera or card",
    ]


def test_series_of_the_released_tokenizer_are_ranked(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "000012"
    burst(folder, ("000012-01.jpg", "000012-02.jpg"))
    write_jpeg(folder / "cover.jpg", burst_image(2))
    arguments = ("--model", tiny_model, "--tokenizer", "reference")
    result = json_of("rank", folder, *arguments, code=3)
    assert result["model"]["tokenizer"] == "reference"
    assert len(result["series"][0]["images"]) == 2
    assert result["failures"] == [
        {
            "path": str(folder / "cover.jpg"),
            "stage": "tokens",
            "error": f"{folder / 'cover.jpg'}: the reference tokenizer needs a number at the end "
            "of the name; rename it like 000012-03.jpg or use --tokenizer series",
        }
    ]
