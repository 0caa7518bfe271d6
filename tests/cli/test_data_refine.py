"""`fgaesq data refine`: counts printed, endpoint asked, report written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.building.refine.made import series_of_files
from tests.command_line import run
from tests.scenes import scene
from tests.texts.chat_server import ChatSite, serving

from fgaesq.building.collection import create_collection, open_collection
from fgaesq.building.collection.series import all_series
from fgaesq.datasets.edits import EDITS, as_jpeg


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    frame = scene(90, 120, seed=1)
    worse = EDITS["colour_cast"](frame, 0.3, np.random.default_rng(1))
    with create_collection(tmp_path / "birds") as collection:
        series_of_files(collection, [frame, worse, as_jpeg(frame, 92), np.zeros_like(frame)])
    return tmp_path / "birds"


@pytest.fixture
def site() -> Iterator[ChatSite]:
    with serving() as running:
        yield running


def keep_all_but_the_last(request: dict[str, Any]) -> str:
    images = sum(part["type"] == "image_url" for part in request["messages"][0]["content"])
    entries: list[dict[str, object]] = [{"image": n, "keep": True} for n in range(1, images)]
    entries.append({"image": images, "keep": False, "reason": "context", "why": "Elsewhere."})
    return json.dumps({"images": entries})


def test_it_prints_what_each_step_kept_and_dropped(dataset: Path) -> None:
    result = run("data", "refine", dataset, "--processes", "1")
    assert result.stdout == (
        "all                                   images    series\n"
        "collected                                  4         1\n"
        "  - near identical                         1\n"
        "  - empty                                  1\n"
        "after metrics                              2         1\n"
    )


def test_json_has_counts_thresholds_and_proposals(dataset: Path) -> None:
    result = run("data", "refine", dataset, "--processes", "1", "--json")
    content = json.loads(result.stdout)
    assert content["collected"] == {"images": 4, "series": 1}
    assert content["thresholds"]["difference"] == {"value": 0.92, "from": "default"}
    assert content["proposals"] == {"splits": [], "merges": []}


def test_a_recipe_sets_thresholds(dataset: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "refine.toml"
    recipe.write_text("[refine]\ndifference = 0.0\n")
    run("data", "refine", dataset, "--recipe", recipe, "--processes", "1")
    with open_collection(dataset) as collection:
        (series,) = all_series(collection)
    assert [drop.reason for drop in series.dropped.values()] == ["empty"]


def test_an_endpoint_is_asked_about_what_is_left(
    dataset: Path, site: ChatSite, tmp_path: Path
) -> None:
    site.answering = keep_all_but_the_last
    result = run(
        "data", "refine", dataset, "--processes", "1", "--endpoint", site.url, "--model", "m",
        "--cache", tmp_path / "answers", "--report",
    )  # fmt: skip
    assert len(site.requests) == 1
    assert "  - context                                1\n" in result.stdout
    assert "asked 1 questions (1,000 tokens in, 20 out), 0 were known" in result.stdout
    assert (dataset / "refinement" / "report.html").is_file()


def test_an_estimate_sends_nothing(dataset: Path) -> None:
    result = run("data", "refine", dataset, "--processes", "1", "--estimate")
    assert result.stderr.startswith("1 questions: about ")


def test_an_endpoint_needs_a_model(dataset: Path) -> None:
    result = run("data", "refine", dataset, "--endpoint", "http://localhost:1", code=2)
    assert "--endpoint and --model go together" in result.stderr


def test_unreadable_files_make_the_exit_code_3(dataset: Path) -> None:
    (dataset / "photos" / "001.jpg").write_bytes(b"")
    result = run("data", "refine", dataset, "--processes", "1", code=3)
    assert "001.jpg" in result.stderr


def test_a_folder_without_a_dataset_is_refused(tmp_path: Path) -> None:
    result = run("data", "refine", tmp_path, code=1)
    assert "begin one with 'fgaesq data collect'" in result.stderr
