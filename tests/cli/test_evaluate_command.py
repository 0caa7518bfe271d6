"""`fgaesq evaluate` on real files: what it prints and writes, several models, wrong usage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image as PILImage
from tests.command_line import run
from tests.datasets.miniatures import make_fgaesthetics
from tests.datasets.pool import names_of
from tests.scenes import scene

from fgaesq.cli.evaluate_command import MAKINGS
from fgaesq.datasets.constructed import Making
from fgaesq.datasets.reading import read_dataset


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_fgaesthetics(tmp_path_factory.mktemp("fg"), splits={"train": 1, "test": 2})


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of human judgements: one pair of AI images, one of super-resolution."""
    folder = tmp_path_factory.mktemp("judged")
    for seed, name in enumerate(("x.png", "y.png")):
        PILImage.fromarray(scene(48, 64, seed=seed)).save(folder / name)
    (folder / "aigc.csv").write_text(
        "series,image,generator,appeal_a,appeal_b,peer_p\ns,x.png,g,2,4,1\ns,y.png,h,1,1,2\n"
    )
    (folder / "superres.csv").write_text(
        "series,image,method,votes,of\nr,x.png,m,12,53\nr,y.png,n,41,53\n"
    )
    return folder


def test_a_dataset_is_reported_in_every_form(
    series: Path, tiny_model: Path, tmp_path: Path
) -> None:
    report, out = tmp_path / "new" / "report", tmp_path / "out.json"
    shown = run(
        "evaluate", "--data", series, "--model", tiny_model, "--report", report, "--out", out
    ).stdout
    assert shown.startswith("fgaesthetics: 18 images, 6 series, 18 judged pairs. Split test; ")
    assert sorted(path.name for path in report.iterdir()) == [
        "evaluation.csv", "evaluation.html", "evaluation.json", "evaluation.md",
    ]  # fmt: skip
    content = json.loads(out.read_text(encoding="utf-8"))
    assert out.read_bytes() == (report / "evaluation.json").read_bytes()
    assert content["models"][0]["name"] == "fgaesq-tiny"
    assert {"date", "commit", "machine", "versions"} <= set(content)
    ours = content["sets"]["fgaesthetics"]["scorers"]["fgaesq-tiny"]
    assert list(ours["groups"]) == ["all", "aigc", "cropping", "natural"]
    assert "fgaesq-tiny, measured here" in (report / "evaluation.md").read_text(encoding="utf-8")


def test_several_models_are_compared(series: Path, tiny_model: Path) -> None:
    models = ("--model", tiny_model, "--model", tiny_model)
    shown = run("evaluate", "--data", series, "--split", "train", *models).stdout
    assert "fgaesq-tiny 0.0.1 #1 against the others" in shown
    assert "Split train; " in shown


def test_columns_of_other_assessors_stand_beside(
    series: Path, tiny_model: Path, tmp_path: Path
) -> None:
    scores = tmp_path / "scores.csv"
    items = read_dataset(series).items
    rows = [f"{item},{item[-2:]}" for item in items]  # the miniature's first images are the best
    scores.write_text("\n".join(["image,-blur", *rows]) + "\n", encoding="utf-8")
    out = tmp_path / "out.json"
    run("evaluate", "--data", series, "--model", tiny_model, "--assessors", scores, "--out", out)
    blur = json.loads(out.read_text())["sets"]["fgaesthetics"]["scorers"]["blur"]
    assert (blur["kind"], blur["groups"]["all"]["accuracy"]["value"]) == ("assessor", 1.0)
    scores.write_text("image,blur\n")
    missing = run(
        "evaluate", "--data", series, "--model", tiny_model, "--assessors", scores, code=1
    )
    assert missing.stderr.startswith(f"fgaesq: {scores}: ")


def test_an_image_that_cannot_be_read_is_told_and_the_rest_measured(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = make_fgaesthetics(tmp_path, splits={"test": 3}, sources=["natural"])
    broken = sorted(folder.rglob("*.jpg"))[0]
    broken.write_bytes(b"nothing")
    result = run("evaluate", "--data", folder, "--model", tiny_model, code=3)
    assert "1 image could not be used" in result.stdout
    assert result.stderr.startswith(f"{broken}: ")


@pytest.mark.parametrize("call", [("human",), ("--data",)])
def test_human_judgements_have_both_sets_with_what_the_maker_explains(
    judged: Path, tiny_model: Path, call: tuple[str, ...]
) -> None:
    shown = run("evaluate", *call, judged, "--model", tiny_model).stdout
    assert "aigc: 2 images, 1 series, 1 judged pair." in shown
    assert "superres: 2 images, 1 series, 1 judged pair." in shown
    assert "maker alone (knows the truth)  1.000 (1.000 to 1.000)" in shown
    assert "  p  " in shown


def test_constructed_series_are_the_same_by_either_way(tiny_model: Path, tmp_path: Path) -> None:
    pool = tmp_path / "photos"
    pool.mkdir()
    names = names_of("test", 2)
    for seed, name in enumerate(names):
        PILImage.fromarray(scene(96, 128, seed=seed)).save(pool / name)
    rows = "".join(f"{name},research\n" for name in names)
    (pool / "MANIFEST.csv").write_text("file,tier\n" + rows)
    less = ("--series", "3", "--ladders", "1", "--model", tiny_model)
    shown = run("evaluate", "constructed", pool, *less).stdout
    assert shown == run("evaluate", "--data", f"constructed:{pool}", *less).stdout
    assert "as edits get worse" in shown
    without = run("evaluate", "constructed", pool, *less, "--ladders", "0").stdout
    assert "as edits get worse" not in without
    variants = run("evaluate", "constructed", pool, *less, "--making", "variants").stdout
    assert "constructed (variants)" in variants
    assert "as edits get worse" not in variants


def test_all_ways_to_make_series_can_be_named() -> None:
    assert get_args(Making) == MAKINGS


def test_wrong_usage_is_told(series: Path, judged: Path, tmp_path: Path) -> None:
    assert "give --data: a dataset, or constructed:PHOTOS" in run("evaluate", code=2).stderr
    both = run("evaluate", "--data", series, "human", judged, code=2)
    assert "give the options after 'human'" in both.stderr
    of_all = run("evaluate", "--data", f"constructed:{tmp_path}", "--split", "all", code=2)
    assert "series are constructed from one split of a pool" in of_all.stderr
    gone = run("evaluate", "--data", tmp_path / "gone", code=1)
    expected = f"fgaesq: {tmp_path / 'gone'}: not found; give the folder of a dataset\n"
    assert gone.stderr == expected


def test_a_report_folder_that_cannot_be_made(series: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    target = tmp_path / "file" / "report"
    result = run("evaluate", "--data", series, "--report", target, code=1)
    assert result.stderr == (
        f"fgaesq: {target}: cannot be made (Not a directory); choose another folder\n"
    )
