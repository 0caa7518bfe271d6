"""From a checkpoint to a model folder that can be shipped: ONNX, temperature, card."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fgaesq.datasets.constructed import Making, read_pool, series_stream
from fgaesq.datasets.edits import EDITS
from fgaesq.datasets.reading import read_dataset
from fgaesq.datasets.token_cache import DecodedPhotos
from fgaesq.engines import EngineOptions, open_engine, usable_cores
from fgaesq.engines.export import write_model_folder
from fgaesq.errors import RecipeError
from fgaesq.evaluation.benchmarks import calibrated_temperature
from fgaesq.evaluation.judged import JudgedSeries
from fgaesq.evaluation.provenance import provenance
from fgaesq.evaluation.sets import constructed_set, dataset_series
from fgaesq.images import photo_from_array
from fgaesq.models.fgaesq import FGAesQ
from fgaesq.models.reasons_file import ReasonWords
from fgaesq.models.specs import ModelSpec, build, find_spec
from fgaesq.models.weights import ModelFolder, check_new_folder, find_model
from fgaesq.ranking.ranker import load
from fgaesq.tokens.difftoken import tokenize_series
from fgaesq.tokens.naturalness import BY_NATURALNESS, frame_naturalness
from fgaesq.training.averaging import Average
from fgaesq.training.naturalness import fitted_sum, teach_naturalness
from fgaesq.training.recipe import BY_RENDERING, CONSTRUCTED, OF_SEVERAL_SCENES, VARIED
from fgaesq.training.wording import edit_words, fitted_directions

__all__ = ["publish"]

_KINDS = tuple(EDITS)
_REASON_TEMPERATURE = 0.07
"""Divides the cosines of the words; runs train with 0.1, the fit allows of surer ones."""

_PLACES = ("cache", "path", "photos", "teacher", "text_weights", "texts", "weights")
"""Keys of a recipe that name files and folders."""


def publish(
    run: Path,
    out: Path,
    *,
    version: str,
    photos: Path | None = None,
    series: int = 900,
    reason_series: int = 1500,
    natural_series: int = 1500,
    on_image: Callable[[], None] | None = None,
) -> dict[str, float]:
    """Write the model of a finished run: weights stored as int8, fitted temperature, card.

    Args:
        run: folder of the run.
        out: folder for the model.
        version: of the model.
        photos: the pool of photos; by default the recipe's. A run that learned of judged series
            alone needs none: the temperature is fitted on those that it validated on.
        series: constructed validation series to fit the temperature on.
        reason_series: training series to fit the directions of the words on (see
            `wording.fitted_directions`), if the run learned of edits.
        natural_series: training series of several scenes and of renderings, of each way to make
            them, to fit on what naturalness says (see `naturalness.fitted_sum`), if the model reads
            it and there is a pool.
        on_image: called after each image that was scored, and each pair that was fitted on.

    Returns:
        The temperature and what was measured on the validation series with the exported file.

    Raises:
        RecipeError: `run` holds no checkpoint or one of another network, or there is nothing to
            fit the temperature on.
        WeightsError: `out` is not empty.
    """
    checkpoint = run / "last.pt"
    if not checkpoint.is_file():
        raise RecipeError(f"{checkpoint}: not found; give the folder of a training run")
    check_new_folder(out)
    state: dict[str, Any] = torch.load(checkpoint, weights_only=True)
    recipe = state["recipe"]
    pool = _pool(recipe, photos)
    spec = find_spec(recipe["model"])
    model = build(spec)  # what only training needs, heads and directions, is not published
    learned = Average.weights(state)
    own = {k: v for k, v in learned.items() if k.startswith("model.")}
    try:
        model.load_state_dict({name.removeprefix("model."): value for name, value in own.items()})
    except RuntimeError:
        raise RecipeError(
            f"{checkpoint}: its weights are not those of {spec.name} as this version builds it; "
            "export it with the version that trained it, or train again"
        ) from None
    seed = recipe["data"]["seed"]

    def calibrated(folder: ModelFolder) -> dict[str, float]:
        ranker = load(folder.path, options=EngineOptions(threads=usable_cores()))
        judged = _validation(recipe, pool, series, seed + 1)
        return calibrated_temperature(ranker, judged, on_image=on_image)

    with _trial(model, spec) as trial:
        measured = calibrated(trial)
        reasons = None
        if pool and _learned_of_edits(recipe):
            directions = learned["directions"]
            reasons = _reasons(trial, directions, pool, reason_series, seed, on_image)
    if pool and model.naturalness is not None:
        numbers, pairs = _examples_of_naturalness(pool, natural_series, seed, on_image)
        temperature = measured["temperature"]
        sums = [fitted_sum(numbers, known, temperature=temperature) for known in pairs]
        teach_naturalness(model, sums)
        with _trial(model, spec) as trial:  # what naturalness decides was open before
            measured = calibrated(trial)
    recipe["data"]["photos"] = str(pool or "")
    recipe = _without_places(recipe)
    origin = {"recipe": recipe, "steps": state["step"], **provenance(), "validation": measured}
    write_model_folder(
        model,
        spec,
        out,
        version=version,
        temperature=round(measured["temperature"], 4),
        licence=spec.licence,
        provenance=origin,
        reasons=reasons,
        quantise=True,
    )
    (out / "CARD.md").write_text(_card(spec, version, pool, origin), encoding="utf-8")
    return measured


def _learned_of_edits(recipe: Mapping[str, Any]) -> bool:
    """Return whether a run aligned features with kinds of edits."""
    losses = [recipe["loss"], *(stage["loss"] for stage in recipe.get("stage", ()))]
    return any(one["alignment"] and one.get("alignment_loss", "edits") == "edits" for one in losses)


def _reasons(
    trial: ModelFolder,
    directions: Tensor,
    photos: Path,
    series: int,
    seed: int,
    on_image: Callable[[], None] | None,
) -> ReasonWords:
    """Return the words of the network as it will be shipped, fitted on series of single edits."""
    engine = open_engine(trial, EngineOptions(threads=usable_cores()))
    pool = read_pool(photos, split="train")
    stream = series_stream(pool, DecodedPhotos(pool), seed=seed, indices=range(series))
    layout = trial.spec.layout
    differences, kinds = [], []
    for one in stream:
        members = [
            photo_from_array(image, name=str(number), max_long_side_px=layout.detail_px)
            for number, image in enumerate(one.images)
        ]
        tokens = tokenize_series(members, layout=layout).tokens
        features = torch.from_numpy(engine.run(tokens).features)
        order = np.argsort(one.severities)
        for better, worse in combinations(order.tolist(), 2):
            differences.append(features[better] - features[worse])
            kinds.append(_KINDS.index(one.kind))
            if on_image:
                on_image()
    fitted = fitted_directions(
        directions, torch.stack(differences), torch.tensor(kinds), temperature=_REASON_TEMPERATURE
    )
    return edit_words(fitted, EDITS, temperature=_REASON_TEMPERATURE)


def _examples_of_naturalness(
    photos: Path, series: int, seed: int, on_image: Callable[[], None] | None
) -> tuple[Tensor, list[Tensor]]:
    """Return naturalness (N, K), and for each kind of series pairs of it (M, 2), better first."""
    pool = read_pool(photos, split="train")
    pixels = DecodedPhotos(pool)
    of_kinds = {"scenes": OF_SEVERAL_SCENES, "renderings": BY_RENDERING}
    told: list[NDArray[np.float32]] = []
    pairs: dict[str, list[tuple[int, int]]] = {}
    for making in sorted({making for makings in of_kinds.values() for making in makings}):
        own_seed = seed + 2 + VARIED.index(making)  # that of the recipe's
        pairs[making] = []
        for one in series_stream(
            pool, pixels, seed=own_seed, indices=range(series), making=cast("Making", making)
        ):
            order = len(told) + np.argsort(one.severities)
            pairs[making] += combinations(order.tolist(), 2)
            for image in one.images:
                told.append(frame_naturalness(image))
                if on_image:
                    on_image()
    known = [
        torch.tensor([pair for making in of_kinds[kind] for pair in pairs[making]])
        for kind in BY_NATURALNESS
    ]
    return torch.from_numpy(np.stack(told)), known


def _without_places(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with the names of files and folders; where they lie tells nobody anything."""
    cleared = dict(recipe)
    for key, value in recipe.items():
        if isinstance(value, dict):
            cleared[key] = _without_places(value)
        elif key in _PLACES:
            cleared[key] = Path(value).name
    return cleared


@contextmanager
def _trial(model: FGAesQ, spec: ModelSpec) -> Iterator[ModelFolder]:
    """Have the network as it will be shipped, quantised, with a temperature of 1."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "trial"
        write_model_folder(
            model,
            spec,
            folder,
            version="trial",
            temperature=1.0,
            licence=spec.licence,
            provenance={},
            quantise=True,
        )
        yield find_model(folder)


def _pool(recipe: Mapping[str, Any], photos: Path | None) -> Path | None:
    """Return the pool of photos of a run, None if it learned of judged series alone."""
    if photos is None and CONSTRUCTED not in _learned(recipe):
        return None
    return photos or Path(recipe["data"]["photos"])


def _validation(
    recipe: Mapping[str, Any], pool: Path | None, series: int, seed: int
) -> Iterator[JudgedSeries]:
    """Yield series that training never saw: constructed ones, or those that the run validated on.

    Raises:
        RecipeError: there are none.
    """
    if pool is not None:
        yield from constructed_set(pool, split="val", series=series, seed=seed)
        return
    fine = {name for one in recipe["stage"] for name in one["fine"]}
    sources = [recipe["source"][name] for name in sorted(fine)]
    if not any(source["val"] for source in sources):
        raise RecipeError(
            "no source has validation series to fit the temperature on; give a pool with --photos"
        )
    for source in sources:
        if source["val"]:
            dataset = read_dataset(source["path"], source["format"] or None, source["val"])
            yield from dataset_series(dataset)


def _card(spec: ModelSpec, version: str, pool: Path | None, origin: dict[str, Any]) -> str:
    recipe, measured = origin["recipe"], origin["validation"]
    parameters = sum(parameter.numel() for parameter in build(spec).parameters())
    return f"""# {spec.name} {version}

{spec.summary[0].upper()}{spec.summary[1:]}. A vision transformer over mixed-resolution tokens after
FGAesQ (arXiv 2603.03907) with {parameters:,} parameters: {spec.depth} layers, {spec.width} wide,
{spec.layout.budget} tokens (at most {spec.layout.coarse} coarse, the rest fine, cut from the photo
at a long side of at most {spec.layout.detail_px} px), spectral patch embedding, 10-bin score
distribution.

* **Licence** of the weights: {spec.licence}.
* **Use**: ranking near-identical images of one moment or intent; absolute scores are secondary.
{_began_from(recipe)}{_learned_from(recipe)}
* **Recipe**: {_constructed_of(recipe)}{origin["steps"]} steps of
  {recipe["optimiser"]["batch_images"]} images, {recipe["precision"]};
  exported at commit {origin["commit"]}, {origin["date"]},
  torch {origin["versions"]["torch"]}, {origin["machine"]["processor"]},
  {origin["machine"]["cores"]} cores.
* **Weights** are stored as int8 with one scale per output and computed in float32.
* **Validation** ({measured["series"]} {_validated(pool)} not trained on; used to fit the
  temperature {measured["temperature"]:.3f} of P(A beats B)): pair accuracy
  {measured["pair_accuracy"]:.3f}, best of series {measured["top1"]:.3f}, calibration error
  {measured["calibration_error"]:.3f}.
  Held-out results are in docs/numbers.md.
{_pool_section(pool)}"""


def _validated(pool: Path | None) -> str:
    return "constructed series of photos" if pool else "series of its sources"


def _pool_section(pool: Path | None) -> str:
    if pool is None:
        return ""
    return f"""
## The pool of photos

Four in five of these were trained on, by name; the others validate and test. The photos themselves
are not part of the model or the package. "None stated" means that the source names no licence.

{_sources(pool)}
"""


def _learned(recipe: Mapping[str, Any]) -> set[str]:
    """Return the names of the sources that a run learned from."""
    stages = recipe.get("stage", ())
    return {name for one in stages for name in (*one["fine"], *one["coarse"])} or {CONSTRUCTED}


def _constructed_of(recipe: dict[str, Any]) -> str:
    """Say how many constructed series there were, if the run learned of any."""
    if CONSTRUCTED not in _learned(recipe):
        return ""
    number = sum(recipe["data"].get(f"{part}_series", 0) for part in ("train", *VARIED))
    return f"{number:,} constructed series (seed {recipe['data']['seed']}), "


def _began_from(recipe: dict[str, Any]) -> str:
    if not recipe.get("weights"):
        return ""
    return f"* **Began from** the weights of `{recipe['weights']}`; its terms bind these, too.\n"


def _learned_from(recipe: dict[str, Any]) -> str:
    """Say what a model was trained on, and what it cannot know therefore."""
    used = _learned(recipe)
    judged = sorted(used - {CONSTRUCTED})
    if judged:
        others = " and series constructed from photos" if CONSTRUCTED in used else ""
        return (
            f"* **Trained on** the human judgements of {', '.join(judged)}{others}; their terms\n"
            "  may bind the weights. Every detail of the recipe is in model.json."
        )
    teacher = Path(recipe["data"].get("teacher", "")).name
    taught = (
        f"\n* **Teacher**: what is in the photos it also learned from an ImageNet classifier,\n"
        f"  `{teacher}`, of which nothing is part of the model."
        if teacher
        else ""
    )
    return f"""\
* **Trained on** series constructed from photos of the pool below: each photo made worse by known
  steps of one of {len(EDITS)} edits, or by a few of them at clearly different strengths, so that
  the order is certain. No human judgement of the order of images was used.{taught}
* **What it does not know**: faces, eyes, pose, expression, taste. It was never told what people
  prefer between two technically equal images."""


def _sources(pool: Path) -> str:
    """Return a table of the pool's sources, licences and counts."""
    with (pool / "MANIFEST.csv").open(newline="", encoding="utf-8") as lines:
        rows = Counter(
            (row.get("source", ""), row.get("licence", "")) for row in csv.DictReader(lines)
        )
    lines_ = ["| source | licence | photos |", "|---|---|---|"]
    lines_ += [f"| {source} | {licence} | {n} |" for (source, licence), n in sorted(rows.items())]
    return "\n".join(lines_)
