"""The walk-through of docs/walkthrough.md by the real commands: from a heap to a model."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageFilter
from tests.command_line import json_of, run
from tests.desk.photo_shoots import START
from tests.scenes import scene as photographed

from fgaesq.building.collection import open_collection
from fgaesq.building.collection.images import images
from fgaesq.building.collection.series import all_series
from fgaesq.datasets.reading import read_dataset
from fgaesq.models.weights import open_folder

SCENES, FRAMES = 12, 4

RECIPE = """
model = "fgaesq-tiny"
precision = "fp32"
validate_every = 8
[source.mine]
path = "{data}"
cache = "{cache}"
workers = 1
[optimiser]
lr = 3e-3
matrix_lr = 5e-3
batch_images = 12
warmup = 1
[loss]
alignment_loss = "none"
fewest_cells = 2
most_cells = 6
[[stage]]
name = "mine"
fine = ["mine"]
optimiser = {{ steps = 16 }}
"""


def frame(scene: int, number: int) -> PILImage.Image:
    """Return a frame of a burst of an unsteady hand; the later the more blurred."""
    whole = PILImage.fromarray(photographed(200, 260, seed=scene + 1))
    left, top = 5 * number, 4 * (number % 2)
    blurred = whole.filter(ImageFilter.GaussianBlur(0.5 * number))
    return blurred.crop((left, top, left + 200, top + 160))


def write(path: Path, image: PILImage.Image, seconds: float) -> None:
    exif = PILImage.Exif()
    taken = START + timedelta(seconds=seconds)
    exif.get_ifd(34665)[36867] = taken.strftime("%Y:%m:%d %H:%M:%S")
    image.save(path, "JPEG", quality=92, exif=exif)


@pytest.fixture(scope="module")
def heap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bursts an hour apart: `s03-2.jpg` is frame 2 of scene 3; one holds a frame twice."""
    folder = tmp_path_factory.mktemp("walk") / "heap"
    folder.mkdir()
    for scene in range(SCENES):
        for number in range(FRAMES):
            path = folder / f"s{scene:02d}-{number}.jpg"
            write(path, frame(scene, number), 3600.0 * scene + number)
    write(folder / "s00-9.jpg", frame(0, 0), 4.0)
    return folder


def write_votes(dataset: Path, table: Path, *, annotators: int = 5) -> int:
    """Write the votes of people who see the sharper frame better, and err sometimes."""
    rng = np.random.default_rng(1)
    with open_collection(dataset) as collection:
        known = {id: image.path.name for id, image in images(collection).items()}
        pairs = [pair for one in all_series(collection) for pair in combinations(one.kept, 2)]
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["annotator", "winner", "loser", "seconds"])
        for person in range(annotators):
            for pair in pairs:
                better, worse = sorted(pair, key=lambda id: known[id].split("-")[1])
                right = rng.random() < 0.92
                both = (better, worse) if right else (worse, better)
                rows.writerow([f"person {person}", *(known[id] for id in both), "2.0"])
    return annotators * len(pairs)


@pytest.mark.slow
def test_from_a_heap_of_photos_to_a_model_that_ranks_them(heap: Path, tmp_path: Path) -> None:
    dataset, export, model = tmp_path / "mine", tmp_path / "export", tmp_path / "model"
    collected = run("data", "collect", heap, "--kind", "natural", "--out", dataset)
    assert f"{SCENES} natural series of {SCENES * FRAMES + 1} images made" in collected.stdout

    run("data", "refine", dataset, "--processes", "1")
    with open_collection(dataset) as collection:
        kept = {one.id: one.kept for one in all_series(collection) if one.kept}
    assert len(kept) == SCENES
    assert {len(members) for members in kept.values()} == {FRAMES}, "the frame was there twice"

    number = write_votes(dataset, tmp_path / "votes.csv")
    imported = run("data", "import", dataset, tmp_path / "votes.csv")
    assert f"{number} votes, {number} of them new" in imported.stdout

    run("data", "calibrate", dataset)
    run("data", "publish", dataset, "--out", export, "--licences", "unknown")
    found = read_dataset(export, strict=True)
    assert set(found.splits) == {"train", "val", "test"}
    agreeing = [
        (pair.p > 0.5) == (order(found.items[pair.first].id) < order(found.items[pair.second].id))
        for pair in found.pairs
    ]
    assert np.mean(agreeing) > 0.95

    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format(data=export, cache=tmp_path / "cache"), encoding="utf-8")
    trained = run("train", recipe, "--out", tmp_path / "run", "--threads", "1")
    assert 0 <= json.loads(trained.stdout)["mine/pair_accuracy"] <= 1
    run("export", tmp_path / "run", "--out", model, "--version", "0.1.0")
    assert open_folder(model).version == "0.1.0"

    report = tmp_path / "report.json"
    run("evaluate", "--data", export, "--split", "test", "--model", model, "--out", report)
    measured = json.loads(report.read_text(encoding="utf-8"))
    assert measured["models"][0]["version"] == "0.1.0"

    ranking = json_of("rank", *sorted(heap.glob("s03-*.jpg")), "--model", model)
    (series,) = ranking["series"]
    assert len(series["images"]) == FRAMES


def order(item: str) -> int:
    """Return the place of an image in its series, which follows the time it was taken."""
    return int(item.rsplit("-", 1)[1])
