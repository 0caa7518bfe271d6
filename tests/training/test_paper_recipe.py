"""The paper's recipe, end to end, on miniatures of AVA and FGAesthetics in their true layouts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tests.command_line import run
from tests.datasets.miniatures import make_ava, make_fgaesthetics
from tests.models.clip_visual_files import ClipVisual, openai_state

from fgaesq.datasets.reading import read_dataset
from fgaesq.texts.records import ComparativeText, write_texts

RECIPE = Path(__file__).parents[2] / "recipes" / "paper.toml"


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What has to be said besides the recipe: where things are, and smaller sizes."""
    folder = tmp_path_factory.mktemp("paper")
    series = make_fgaesthetics(folder / "FGAesthetics", sources=("natural", "aigc"))
    texts = [
        ComparativeText(
            pair.series, pair.first, pair.second, "first" if pair.p > 0.5 else "second", said
        )
        for pair, said in zip(
            read_dataset(series, "fgaesthetics", "train").pairs,
            ["It is sharper.", "There is more detail.", "The focus is better."] * 9,
            strict=False,
        )
    ]
    write_texts(folder / "texts.jsonl", texts)
    torch.manual_seed(0)
    torch.save(openai_state(ClipVisual()), folder / "clip.pt")
    return {
        "model": "fgaesq-tiny",
        "precision": "fp32",
        "weights": str(folder / "clip.pt"),
        "text_weights": "''",
        "loss.alignment_loss": "contrastive",
        "optimiser.batch_images": "9",
        "optimiser.coarse_images": "4",
        "optimiser.warmup": "1",
        "validate_every": "4",
        "source.ava.path": str(make_ava(folder / "AVA", splits={"train": 8, "val": 4})),
        "source.ava.val": "val",
        "source.ava.cache": str(folder / "cache"),
        "source.ava.workers": "1",
        "source.fgaesthetics.path": str(series),
        "source.fgaesthetics.texts": str(folder / "texts.jsonl"),
        "source.fgaesthetics.cache": str(folder / "cache"),
        "source.fgaesthetics.workers": "1",
        "stage.2.optimiser.epochs": "2",
    }


def arguments(options: dict[str, str]) -> list[str]:
    pairs = [("--set", f"{key}={value}") for key, value in options.items()]
    return [one for pair in pairs for one in pair]


def test_the_recipe_runs_end_to_end(options: dict[str, str], tmp_path: Path) -> None:
    done = run("train", RECIPE, "--out", tmp_path, *arguments(options))
    measured = json.loads(done.stdout)
    assert set(measured) == {
        "ava/srcc", "ava/plcc", "fgaesthetics/pair_accuracy", "fgaesthetics/top1",
    }  # fmt: skip
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    first, second = state["recipe"]["stage"]
    assert first["optimiser"]["steps"] == 3 * 2  # 8 images in batches of 4
    assert (
        second["optimiser"]["steps"] == 2 * 2 * 2
    )  # 18 images in batches of 9, and as many coarse
    assert state["step"] == 6 + 8
    assert state["measured"] == measured
    rows = [json.loads(line) for line in (tmp_path / "steps.jsonl").read_text().splitlines()]
    kinds = [frozenset(row) - {"step", "lr", "total"} for row in rows]
    assert kinds == [{"coarse"}] * 6 + [{"rank", "alignment"}, {"coarse"}] * 4
    assert all(row["total"] == pytest.approx(row["rank"] + 10 * row["alignment"])
               for row in rows[6::2])  # fmt: skip
    assert any(name.startswith("texts.") for name in state["task"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"source.ava.path": "nowhere"},
            "fgaesq: nowhere: not found; give the folder of a dataset\n",
        ),
        (
            {"source.ava.path": "''"},
            "fgaesq: [source.ava]: has no path; give that of the dataset\n",
        ),
        (
            {"source.ava.train": "dev"},
            "fgaesq: [source.ava]: no split 'dev'; use train, val or test\n",
        ),
        (
            {"weights": "none.pt"},
            "fgaesq: weights: there is no none.pt; give fgaesq-s, a model folder, or a file of "
            "CLIP's weights\n",
        ),
        (
            {"loss.alignment_loss": "cosine"},
            "fgaesq: alignment_loss is 'cosine' without text_weights; give CLIP's, or use "
            "'contrastive': a text encoder that learns too would map all texts to one direction\n",
        ),
        (
            {"stage.2.fine": "['ava']"},
            "fgaesq: [source.ava]: has no series to compare; use it as coarse\n",
        ),
        (
            {"stage.2.coarse": "['fgaesthetics']"},
            "fgaesq: [source.fgaesthetics]: has no scores; use it as fine\n",
        ),
        (
            {"source.fgaesthetics.texts": "none.jsonl"},
            "fgaesq: none.jsonl: cannot be read (No such file or directory); give a JSONL file of "
            "texts\n",
        ),
    ],
)
def test_what_is_missing_is_named_in_one_line(
    options: dict[str, str], tmp_path: Path, change: dict[str, str], message: str
) -> None:
    code = 2 if "[source" in message or "alignment_loss" in message else 1
    done = run("train", RECIPE, "--out", tmp_path, *arguments(options | change), code=code)
    assert done.stderr == message
