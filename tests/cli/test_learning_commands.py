"""Construct, train, export, evaluate and rank with the result, all by commands."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.command_line import json_of, run
from tests.datasets.pool import names_of, write_pool
from tests.scenes import scene

from fgaesq.models.weights import open_folder

RECIPE = """
model = "fgaesq-tiny"
precision = "fp32"
validate_every = 2
[data]
photos = "{folder}/photos"
cache = "{folder}/cache"
train_series = 8
val_series = 4
workers = 1
[optimiser]
steps = 2
batch_images = 10
warmup = 1
[loss]
fewest_cells = 2
most_cells = 6
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train and val photos, and two more for the split `test`."""
    from PIL import Image as PILImage

    folder = tmp_path_factory.mktemp("learning")
    write_pool(folder / "photos", train=3, val=2)
    with (folder / "photos" / "MANIFEST.csv").open("a") as manifest:
        for seed, name in enumerate(names_of("test", 2)):
            PILImage.fromarray(scene(96, 128, seed=90 + seed)).save(folder / "photos" / name)
            manifest.write(f"{name},research\n")
    (folder / "recipe.toml").write_text(RECIPE.format(folder=folder), encoding="utf-8")
    return folder


def test_construct_writes_series_with_their_truth(pool: Path, tmp_path: Path) -> None:
    out = tmp_path / "series"
    run("data", "construct", pool / "photos", "--out", out, "--series", "3", "--seed", "5")
    with (out / "truth.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["kind"] for row in rows if row["image"].endswith("-01.png")] == [
        "defocus", "motion", "overexposure",
    ]  # fmt: skip
    assert all((out / row["series"] / row["image"]).is_file() for row in rows)
    assert all(row["source"] in names_of("test", 2) for row in rows)
    again = run("data", "construct", pool / "photos", "--out", out, code=1)
    assert again.stderr == f"fgaesq: {out}: is not an empty folder; give a new one to --out\n"


def test_from_photos_to_a_model_that_ranks(pool: Path, tmp_path: Path) -> None:
    runs, model = tmp_path / "run", tmp_path / "model"
    trained = run("train", pool / "recipe.toml", "--out", runs, "--threads", "1")
    measured = json.loads(trained.stdout)
    assert 0 <= measured["pair_accuracy"] <= 1
    few = ("--series", "3", "--reason-series", "4")
    exported = run("export", runs, "--out", model, "--version", "0.0.1", *few)
    fitted = json.loads(exported.stdout)
    folder = open_folder(model)
    assert folder.version == "0.0.1"
    assert folder.temperature == pytest.approx(fitted["temperature"], abs=1e-4)
    assert sorted(p.name for p in model.iterdir()) == [
        *("CARD.md", "model.json", "model.onnx", "reasons.json"),
    ]
    card = (model / "CARD.md").read_text(encoding="utf-8")
    assert "3 constructed series" in card
    assert str(pool) not in card + (model / "model.json").read_text(encoding="utf-8")

    report = tmp_path / "report.json"
    shown = run(
        "evaluate", "constructed", pool / "photos", "--series", "3", "--ladders", "0",
        "--model", model, "--out", report,
    )  # fmt: skip
    assert "Calibration of P(A beats B)" in shown.stdout
    content = json.loads(report.read_text(encoding="utf-8"))
    assert content["models"][0]["version"] == "0.0.1"
    ours = content["sets"]["constructed"]["scorers"]["fgaesq-tiny"]
    assert ours["groups"]["all"]["series"] == 3
    ranking = json_of("rank", pool / "photos", "--model", model)
    assert len(ranking["series"][0]["images"]) == 7
    assert ranking["model"]["reasons"], "a trained model has words for what it was trained on"


OWN = """
model = "fgaesq-tiny"
weights = "{weights}"
[source.mine]
path = "{folder}/mine"
cache = "{folder}/own-cache"
workers = 1
[optimiser]
batch_images = 6
warmup = 1
[loss]
alignment_loss = "none"
[[stage]]
fine = ["mine"]
optimiser = {{ steps = 2 }}
"""


def test_a_model_goes_on_learning_from_series_of_ones_own(tiny_model: Path, tmp_path: Path) -> None:
    from PIL import Image as PILImage

    rows = ["series,image,value,split"]
    for number, split in enumerate(("train", "train", "train", "val", "val")):
        (tmp_path / "mine" / str(number)).mkdir(parents=True)
        for place in range(3):
            image = scene(96, 128, seed=10 * number + place)
            PILImage.fromarray(image).save(tmp_path / "mine" / f"{number}/{place}.png")
            rows.append(f"{number},{number}/{place}.png,{place},{split}")
    (tmp_path / "mine" / "series.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    recipe = tmp_path / "own.toml"
    recipe.write_text(OWN.format(folder=tmp_path, weights=tiny_model), encoding="utf-8")
    run("train", recipe, "--out", tmp_path / "run", "--threads", "1")
    run("export", tmp_path / "run", "--out", tmp_path / "model", "--version", "1")
    card = (tmp_path / "model" / "CARD.md").read_text(encoding="utf-8")
    assert f"* **Began from** the weights of `{tiny_model.name}`; its terms bind" in card
    assert "human judgements of mine" in card
    assert "* **Recipe**: 2 steps of\n" in card
    ranking = json_of("rank", tmp_path / "mine" / "0", "--model", tmp_path / "model")
    assert len(ranking["series"][0]["images"]) == 3


def test_train_and_export_name_what_is_missing(pool: Path, tmp_path: Path) -> None:
    recipe = pool / "recipe.toml"
    wrong = run("train", recipe, "--out", tmp_path, "--set", "optimiser.step=3", code=2)
    assert "unknown key 'step'" in wrong.stderr
    bare = run("train", recipe, "--out", tmp_path, "--set", "steps", code=2)
    expected = "fgaesq: --set steps: needs KEY=VALUE, such as optimiser.steps=100\n"
    assert bare.stderr == expected
    empty = run("export", tmp_path, "--out", tmp_path / "m", "--version", "1", code=2)
    checkpoint = tmp_path / "last.pt"
    assert empty.stderr == f"fgaesq: {checkpoint}: not found; give the folder of a training run\n"
