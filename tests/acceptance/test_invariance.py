"""The promise: a result depends on the pixels and the model, and on nothing else."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import json_of, run, spawn
from tests.photos import burst, burst_image, write_jpeg

from fgaesq.models.weights import embedded_models


@pytest.fixture(params=["tiny", "embedded"])
def model(request: pytest.FixtureRequest, tiny_model: Path) -> str:
    """The model to ask, as `--model` takes it."""
    if request.param == "tiny":
        return str(tiny_model)
    if "fgaesq-s" not in embedded_models():
        pytest.skip("the embedded model is not part of this checkout")
    return "fgaesq-s"


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """A burst with a crop, a brighter frame and a copy of a frame in it."""
    folder = tmp_path / "series"
    burst(folder, ("a.jpg", "b.jpg", "c.jpg"))
    write_jpeg(folder / "d.jpg", burst_image(1)[40:, 60:])
    brighter = np.minimum(burst_image(0).astype(np.uint16) + 30, 255).astype(np.uint8)
    write_jpeg(folder / "e.jpg", brighter)
    shutil.copyfile(folder / "b.jpg", folder / "f.jpg")
    return folder


def without_paths(text: str, paths: Iterable[Path]) -> str:
    """Return a result with each path as the digest of the file, and each folder as `FOLDER`."""
    for path in sorted(paths, key=lambda path: -len(str(path))):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        text = text.replace(f'"{path}"', f'"{digest}"')
        text = text.replace(f'"id": "{path.parent}"', '"id": "FOLDER"')
    return text


def ranked(folder: Path, *arguments: str | Path) -> str:
    """Return the JSON of ranking a folder, but for its paths."""
    output = run("rank", folder, *arguments, "--pairs", "--format", "json").stdout
    return without_paths(output, folder.iterdir())


def test_file_names_have_no_influence(series: Path, model: str, tmp_path: Path) -> None:
    expected = ranked(series, "--model", model)
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for number, path in enumerate(sorted(series.iterdir(), reverse=True)):
        shutil.copyfile(path, renamed / f"IMG {number:04d} é.JPG")
    assert ranked(renamed, "--model", model) == expected


def test_order_has_no_influence(series: Path, model: str) -> None:
    paths = sorted(series.iterdir())
    expected = ranked(series, "--model", model)
    for given in (paths[::-1], paths[3:] + paths[:3]):
        output = run("rank", *given, "--model", model, "--pairs", "--format", "json").stdout
        assert without_paths(output, paths) == expected


def test_other_series_and_broken_files_have_no_influence(
    series: Path, model: str, tmp_path: Path
) -> None:
    alone = json_of("rank", series, "--model", model, "--pairs")
    burst(tmp_path / "other", ("x.jpg", "y.jpg"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "z.jpg").write_bytes(b"")
    arguments = (tmp_path / "other", tmp_path / "broken", series, "--model", model, "--pairs")
    among = json_of("rank", *arguments, code=3)
    assert [one["id"] for one in among["series"]] == [str(tmp_path / "other"), str(series)]
    assert among["series"][1] == alone["series"][0]
    assert among["model"] == alone["model"]


def test_a_broken_file_in_the_series_has_no_influence(series: Path, model: str) -> None:
    alone = json_of("rank", series, "--model", model)
    (series / "aa.jpg").write_bytes((series / "a.jpg").read_bytes()[:-900])
    with_broken = json_of("rank", series, "--model", model, code=3)
    assert with_broken["series"] == alone["series"]


@pytest.mark.parametrize(
    "arguments",
    [("--threads", "1"), ("--threads", "2"), ("--batch", "1"), ("--batch", "64")],
    ids=" ".join,
)
def test_threads_and_batch_have_no_influence(
    series: Path, model: str, arguments: tuple[str, ...]
) -> None:
    for command in ("rank", "score"):
        call = (command, series, "--model", model, "--format", "json")
        assert run(*call, *arguments).stdout_bytes == run(*call).stdout_bytes


def test_images_are_scored_the_same_one_by_one(series: Path, model: str) -> None:
    together = json_of("score", series, "--model", model, "--distribution")
    alone = [
        json_of("score", path, "--model", model, "--distribution")["images"][0]
        for path in sorted(series.iterdir())
    ]
    assert together["images"] == alone


def test_a_process_of_its_own_gives_the_same_bytes(series: Path, model: str) -> None:
    call = ("rank", series, "--model", model, "--format", "json", "--pairs")
    done = spawn(*call, "--threads", "2")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == run(*call).stdout_bytes


def scores_of(result: dict[str, Any]) -> dict[str, float]:
    images = result["series"][0]["images"] if "series" in result else result["images"]
    return {image["path"]: image["score"] for image in images}


@pytest.mark.parametrize("command", ["rank", "score"])
@pytest.mark.parametrize("batch", ["1", "4", "64"])
def test_torch_engine_agrees(series: Path, tiny_model: Path, command: str, batch: str) -> None:
    call = (command, series, "--model", tiny_model)
    expected = json_of(*call)
    found = json_of(*call, "--engine", "torch", "--batch", batch)
    assert scores_of(found) == pytest.approx(scores_of(expected), abs=1e-5, rel=0)
    assert list(scores_of(found)) == list(scores_of(expected))
    assert found["model"]["engine"] == "torch"


def test_order_has_no_influence_on_the_torch_engine(series: Path, tiny_model: Path) -> None:
    paths = sorted(series.iterdir())
    call = ("--model", tiny_model, "--engine", "torch", "--batch", "4", "--pairs")
    expected = ranked(series, *call)
    for given in (paths[::-1], paths[3:] + paths[:3]):
        output = run("rank", *given, *call, "--format", "json").stdout
        assert without_paths(output, paths) == expected
    assert len(set(scores_of(json_of("rank", series, *call)).values())) == len(paths) - 1


def test_identical_files_share_a_rank(series: Path, model: str) -> None:
    result = json_of("rank", series, "--model", model, "--pairs")["series"][0]
    place = {Path(image["path"]).name: image for image in result["images"]}
    assert place["b.jpg"]["rank"] == place["f.jpg"]["rank"]
    assert place["b.jpg"]["score"] == place["f.jpg"]["score"]
    (pair,) = [
        pair
        for pair in result["pairs"]
        if {Path(pair["first"]).name, Path(pair["second"]).name} == {"b.jpg", "f.jpg"}
    ]
    assert (pair["p"], pair["verdict"]) == (0.5, "too_close")


def test_swapped_comparison_is_exactly_the_rest(series: Path, model: str) -> None:
    opposite = {"first": "second", "second": "first", "too_close": "too_close"}
    paths = sorted(series.iterdir())[:4]
    for number, one in enumerate(paths):
        for two in paths[number + 1 :]:
            forth = json_of("compare", one, two, "--model", model)
            back = json_of("compare", two, one, "--model", model)
            assert forth["p"] == round(1 - back["p"], 6)
            assert forth["verdict"] == opposite[back["verdict"]]
            assert (forth["first"], forth["second"]) == (back["second"], back["first"])
