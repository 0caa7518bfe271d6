"""Recipes: what is read, what is refused and how that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.errors import RecipeError
from fgaesq.models.specs import find_spec
from fgaesq.training.recipe import Recipe, read_recipe

PUBLISHED = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))

KEYS = (
    "model, weights, text_weights, seed, precision, fine_cells, mirror, average, recompute, "
    "validate_every, checkpoint_every, data, source, optimiser, loss, stage"
)

STAGED = "seed = 1\n[[stage]]\nfine = ['constructed']"


def read(folder: Path, text: str, overrides: dict[str, str] | None = None) -> Recipe:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path, overrides)


def refusal(folder: Path, text: str, overrides: dict[str, str] | None = None) -> str:
    with pytest.raises(RecipeError) as caught:
        read(folder, text, overrides)
    return str(caught.value).replace(str(folder), "RUNS")


def test_an_empty_recipe_is_the_default(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Recipe()


def test_keys_and_sections_are_read(tmp_path: Path) -> None:
    recipe = read(
        tmp_path, "seed = 3\nprecision = 'fp32'\n[optimiser]\nlr = 1\nsteps = 5\n[loss]\nrank = 0.5"
    )
    assert recipe.seed == 3
    assert recipe.precision == "fp32"
    assert recipe.optimiser.lr == 1.0
    assert isinstance(recipe.optimiser.lr, float)
    assert recipe.optimiser.steps == 5
    assert recipe.loss.rank == 0.5
    assert recipe.data == Recipe().data


def test_a_stage_takes_what_it_does_not_say_from_the_recipe(tmp_path: Path) -> None:
    text = """
    [source.ava]
    path = "AVA"
    [optimiser]
    lr = 2e-5
    steps = 7
    [[stage]]
    name = "coarse"
    coarse = ["ava"]
    optimiser = { steps = 3 }
    [[stage]]
    fine = ["constructed"]
    coarse = ["ava"]
    loss = { rank_loss = "logistic" }
    """
    first, second = read(tmp_path, text, {"stage.2.optimiser.lr": "1e-5"}).stages
    assert (first.name, first.fine, first.coarse) == ("coarse", (), ("ava",))
    assert (first.optimiser.steps, first.optimiser.lr) == (3, 2e-5)
    assert (second.optimiser.steps, second.optimiser.lr) == (7, 1e-5)
    assert (first.loss.rank_loss, second.loss.rank_loss) == ("list_mle_images", "logistic")


def test_a_recipe_without_stages_has_one_on_the_constructed_series(tmp_path: Path) -> None:
    recipe = read(tmp_path, "[optimiser]\nsteps = 5\nepochs = 2\n[loss]\nrank = 9")
    [stage] = recipe.stages
    assert (stage.fine, stage.coarse) == (("constructed",), ())
    assert (stage.optimiser, stage.loss) == (recipe.optimiser, recipe.loss)
    known = recipe.with_steps([11])
    assert known.steps == 11
    assert (known.stages[0].optimiser.steps, known.stages[0].optimiser.epochs) == (11, 0)


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_recipes_can_be_read(path: Path) -> None:
    find_spec(read_recipe(path).model)


def test_there_are_published_recipes() -> None:
    assert PUBLISHED


def test_overrides_win_and_are_typed(tmp_path: Path) -> None:
    recipe = read(
        tmp_path,
        "[optimiser]\nlr = 1e-3",
        {"optimiser.lr": "2e-4", "data.photos": "my photos/2024", "seed": "7", "model": "'x'"},
    )
    assert recipe.optimiser.lr == 2e-4
    assert recipe.data.photos == "my photos/2024"
    assert recipe.seed == 7
    assert recipe.model == "x"


def test_a_missing_recipe_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert str(caught.value) == f"{path}: not found; give the path of a recipe (.toml)"


def test_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        read_recipe(tmp_path)
    text = f"{tmp_path}: cannot be read (Is a directory); give a recipe (.toml)"
    assert str(caught.value) == text


def test_what_is_not_toml_is_an_error(tmp_path: Path) -> None:
    found = refusal(tmp_path, "seed 3")
    assert found.startswith("RUNS/run.toml: not a TOML file (Expected '='")
    assert found.endswith("); mend it")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sead = 3",
            f"RUNS/run.toml: unknown key 'sead'; known: {KEYS}",
        ),
        (
            "[optimiser]\nmomentum = 0.9",
            "RUNS/run.toml: [optimiser]: unknown key 'momentum'; known: name, steps, "
            "epochs, batch_images, coarse_images, lr, matrix_lr, weight_decay, warmup, clip",
        ),
        (
            "[data.emphasis]\nnoyse = 2",
            "RUNS/run.toml: [data.emphasis]: unknown key 'noyse'; give an edit, or one of mixed, "
            "restored, rendered, scenes, variants, shaken",
        ),
        (
            "[data.emphasis]\nnoise = -1",
            "RUNS/run.toml: [data.emphasis]: noise is -1; needs a number from 0 to 100",
        ),
        (
            "[[stage]]\nfine = ['constructed']\nreads = 'pixels'",
            "RUNS/run.toml: [[stage]] 1: reads is 'pixels'; use tokens or statistics",
        ),
        ("seed = 1.5", "RUNS/run.toml: seed is 1.5; needs a whole number"),
        ("seed = true", "RUNS/run.toml: seed is True; needs a whole number"),
        ("[loss]\nrank = 'much'", "RUNS/run.toml: [loss]: rank is 'much'; needs a number"),
        ("[data]\nphotos = 3", "RUNS/run.toml: [data]: photos is 3; needs a string"),
        ("data = 3", "RUNS/run.toml: [data] is 3; needs a table of keys"),
        ("precision = 'fp16'", "RUNS/run.toml: precision is 'fp16'; use bf16 or fp32"),
        ("validate_every = 0", "RUNS/run.toml: validate_every is 0; needs at least 1"),
        ("average = -0.1", "RUNS/run.toml: average is -0.1; needs at least 0"),
        ("average = 1.0", "RUNS/run.toml: average is 1.0; needs less than 1"),
        ("seed = -1", "RUNS/run.toml: seed is -1; needs at least 0"),
        ("[optimiser]\nsteps = 0", "RUNS/run.toml: [optimiser]: steps is 0; needs at least 1"),
        ("[optimiser]\nlr = -1e-3", "RUNS/run.toml: [optimiser]: lr is -0.001; needs at least 0"),
        ("[optimiser]\nlr = nan", "RUNS/run.toml: [optimiser]: lr is nan; needs at least 0"),
        (
            "fine_cells = 'all'",
            "RUNS/run.toml: fine_cells is 'all'; use difference, random or none",
        ),
        (
            "[loss]\nrank_loss = 'hinge'",
            "RUNS/run.toml: [loss]: rank_loss is 'hinge'; use list_mle_images, list_mle_pairs, "
            "logistic, margin or none",
        ),
        (
            "[optimiser]\nname = 'sgd'",
            "RUNS/run.toml: [optimiser]: name is 'sgd'; use adamw or muon",
        ),
        ("source = 3", "RUNS/run.toml: source: needs sections such as [source.ava]"),
        ("stage = 3", "RUNS/run.toml: stage: needs sections [[stage]]"),
        (
            "[source.ava]\nfolder = 'x'",
            "RUNS/run.toml: [source.ava]: unknown key 'folder'; known: path, format, train, val, "
            "texts, cache, workers",
        ),
        (
            "[[stage]]\nname = 'first'",
            "RUNS/run.toml: [[stage]] 1: has nothing to learn from; give fine or coarse sources",
        ),
        (
            "[source.ava]\n[[stage]]\ncoarse = ['AVA']",
            "RUNS/run.toml: [[stage]] 1: unknown source 'AVA'; known: constructed, ava",
        ),
        (
            "[[stage]]\nfine = 'constructed'",
            "RUNS/run.toml: [[stage]] 1: fine is 'constructed'; needs a list of names",
        ),
        (
            "[[stage]]\nfine = ['constructed']\n[stage.optimiser]\nsteps = 0",
            "RUNS/run.toml: [[stage]] 1: [optimiser]: steps is 0; needs at least 1",
        ),
        (
            "[loss]\nfewest_cells = 9\nmost_cells = 8",
            "RUNS/run.toml: [loss]: most_cells is 8; needs at least 9",
        ),
    ],
)
def test_wrong_recipes_are_errors(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(tmp_path, text) == message


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            {"optimizer.lr": "1"},
            f"RUNS/run.toml: unknown key 'optimizer'; known: {KEYS}",
        ),
        (
            {"data.workers": "two"},
            "RUNS/run.toml: [data]: workers is 'two'; needs a whole number",
        ),
        ({"seed.first": "1"}, "seed.first: 'seed' is not a section of the recipe"),
        ({"stage.2.name": "x"}, "stage.2.name: needs the number of a stage, 1 to 1"),
    ],
)
def test_wrong_overrides_are_errors(tmp_path: Path, override: dict[str, str], message: str) -> None:
    assert refusal(tmp_path, STAGED, override) == message


def test_a_wrong_recipe_is_a_usage_error() -> None:
    assert RecipeError.exit_code == 2
