"""What each part of the method is worth at our scale: the rows of the paper's table 5, and ours.

    python benchmarks/ablation.py --set data.photos=PHOTOS --out benchmarks/results/ablation.json

Trains a small network once per row and seed, by `recipes/ablation.toml` with what the row changes,
and measures it on held-back constructed series. All rows see equally many batches. Every run is
kept in `runs.jsonl` as it ends, so that the same command goes on where it was stopped. About 45
minutes of one core.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from fgaesq.cli.progress import Progress
from fgaesq.evaluation.provenance import provenance
from fgaesq.evaluation.published import published_tables
from fgaesq.models.specs import ModelSpec, find_spec
from fgaesq.training.recipe import CONSTRUCTED, Recipe, Stage, read_recipe
from fgaesq.training.runs import train

NETWORK: dict[str, Any] = {"width": 96, "depth": 4, "heads": 3, "feature": 96, "overview": 0}
# Without the overview, which learns so fast that it would hide what the other parts are worth.
MEASURES = {"pair_accuracy": "Pair", "top1": "Series", "srcc": "AVA SRCC"}
"""What is measured, and the column of the paper's table 5 that it stands for."""

FULL = "full"
SAME = 0.002  # a smaller difference in the paper's table is taken for none
NO_DIFFERENCE = 0.01  # likewise in ours


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is made with."""

    recipe: Recipe
    spec: ModelSpec

    @property
    def digest(self) -> str:
        """Tells runs of other settings apart."""
        text = json.dumps([asdict(self.recipe), asdict(self.spec)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Change: TypeAlias = Callable[[Settings], Settings]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        change: what it changes in the settings of the full method.
        paper: its name in the paper's table 5, empty if it is not there.
    """

    change: Change
    paper: str = ""


def with_loss(**changes: float | str) -> Change:
    """Change the losses of all stages."""

    def change(settings: Settings) -> Settings:
        stages = [
            replace(stage, loss=replace(stage.loss, **changes))  # type: ignore[arg-type]
            for stage in settings.recipe.stages
        ]
        return replace(settings, recipe=replace(settings.recipe, stage=tuple(stages)))

    return change


def with_optimiser(name: str) -> Change:
    """Change the optimiser of all stages."""

    def change(settings: Settings) -> Settings:
        stages = [
            replace(stage, optimiser=replace(stage.optimiser, name=name))
            for stage in settings.recipe.stages
        ]
        return replace(settings, recipe=replace(settings.recipe, stage=tuple(stages)))

    return change


def with_fine_cells(which: str) -> Change:
    """Let other cells become fine tokens, in training and validation."""
    return lambda settings: replace(settings, recipe=replace(settings.recipe, fine_cells=which))


def with_teacher(path: str) -> Change:
    """Learn from a classifier too."""

    def change(settings: Settings) -> Settings:
        data = replace(settings.recipe.data, teacher=path)
        return replace(settings, recipe=replace(settings.recipe, data=data))

    return change


def with_class_readout(settings: Settings) -> Settings:
    """Take the feature from the class token, as the paper does."""
    return replace(settings, spec=replace(settings.spec, readout="class"))


def with_overview(settings: Settings) -> Settings:
    """Add the network on the overview of the statistics."""
    return replace(settings, spec=replace(settings.spec, overview=192))


def without_statistics(settings: Settings) -> Settings:
    """Give coarse tokens nothing but their reduced pixels."""
    layout = replace(settings.spec.layout, statistics=False)
    return replace(settings, spec=replace(settings.spec, layout=layout))


def coarse_only(settings: Settings) -> Settings:
    """Learn from single images in every batch."""
    return _staged(settings, (False, settings.recipe.steps))


def fine_only(settings: Settings) -> Settings:
    """Learn from series in every batch."""
    return _staged(settings, (True, settings.recipe.steps))


def coarse_then_fine(settings: Settings) -> Settings:
    """Take as many batches of both kinds as the full method, but all coarse ones first."""
    fine = settings.recipe.stages[-1].optimiser.steps // 2
    return _staged(settings, (False, settings.recipe.steps - fine), (True, fine))


def _staged(settings: Settings, *plan: tuple[bool, int]) -> Settings:
    """Return the settings with stages of one kind of batches: (whether fine, steps)."""
    last = settings.recipe.stages[-1]
    stages = [
        Stage(
            "fine" if fine else "coarse",
            fine=(CONSTRUCTED,) if fine else (),
            coarse=() if fine else (CONSTRUCTED,),
            optimiser=replace(last.optimiser, steps=steps),
            loss=last.loss,
        )
        for fine, steps in plan
    ]
    return replace(settings, recipe=replace(settings.recipe, stage=tuple(stages)))


ROWS: dict[str, Row] = {
    FULL: Row(lambda settings: settings, "FGAesQ"),
    "coarse only": Row(coarse_only, "FGAesQ without fine-grained training"),
    "fine only": Row(fine_only, "FGAesQ without coarse training"),
    "coarse then fine": Row(coarse_then_fine, "FGAesQ, coarse then fine"),
    "without DiffToken (random cells)": Row(with_fine_cells("random"), "FGAesQ without DiffToken"),
    "without CTAlign": Row(with_loss(alignment=0.0), "FGAesQ without CTAlign"),
    "without RankReg": Row(with_loss(rank=0.0), "FGAesQ without RankReg"),
    "no fine tokens": Row(with_fine_cells("none")),
    "ListMLE over pairs": Row(with_loss(rank_loss="list_mle_pairs")),
    "AdamW": Row(with_optimiser("adamw")),
    "without statistics": Row(without_statistics),
    "class readout": Row(with_class_readout),
    "with the overview": Row(with_overview),
}
"""All rows but the one that needs a teacher."""


def main() -> None:
    """Train what is missing, print the table; with --out also store it."""
    arguments = _arguments()
    overrides = dict(one.split("=", 1) for one in arguments.overrides)
    recipe = read_recipe(arguments.recipe, overrides)
    base = Settings(recipe, replace(find_spec(recipe.model), **NETWORK))
    rows = {name: row for name, row in ROWS.items() if name in (FULL, *arguments.rows)}
    if arguments.teacher:
        rows["with a teacher"] = Row(with_teacher(arguments.teacher))
    runs = train_all(base, rows, arguments.seeds, arguments.runs, threads=arguments.threads)
    table = summary(runs, rows)
    for name, row in table.items():
        values = (f"{key} {row[key]['mean']:.3f} +- {row[key]['spread']:.3f}" for key in MEASURES)
        print(f"{name:34} " + "  ".join(values), flush=True)
    if arguments.out:
        content = {
            **provenance(),
            "network": NETWORK,
            "seeds": arguments.seeds,
            "seconds": round(sum(run["seconds"] for one in runs.values() for run in one)),
            "recipe": asdict(recipe),
            "rows": table,
        }
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def train_all(
    base: Settings, rows: Mapping[str, Row], seeds: int, folder: Path, *, threads: int = 1
) -> dict[str, list[dict[str, Any]]]:
    """Return the measured runs of each row by seed; those that `folder` holds are not repeated."""
    folder.mkdir(parents=True, exist_ok=True)
    known = _known_runs(folder / "runs.jsonl")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in rows}
    with Progress("training", len(rows) * seeds) as progress:
        for seed in range(seeds):
            for name, row in rows.items():
                settings = row.change(base)
                settings = replace(settings, recipe=replace(settings.recipe, seed=seed))
                key = (name, seed, settings.digest)
                run = known.get(key) or _run(key, settings, folder, threads)
                runs[name].append(run)
                progress.advance()
    return runs


def _known_runs(path: Path) -> dict[tuple[str, int, str], dict[str, Any]]:
    if not path.exists():
        return {}
    # The last line is cut short where a run was killed while it was written.
    lines = [line for line in path.read_text(encoding="utf-8").split("\n")[:-1] if line]
    runs = [json.loads(line) for line in lines]
    return {(run["row"], run["seed"], run["settings"]): run for run in runs}


def _run(
    key: tuple[str, int, str], settings: Settings, folder: Path, threads: int
) -> dict[str, Any]:
    """Train once, append the result to `runs.jsonl`, and leave no checkpoint behind."""
    name, seed, digest = key
    place = folder / digest
    began = time.monotonic()
    measured = train(settings.recipe, place, spec=settings.spec, threads=threads)
    run = {
        "row": name,
        "seed": seed,
        "settings": digest,
        "seconds": round(time.monotonic() - began, 1),
        "measured": measured,
    }
    with (folder / "runs.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(run) + "\n")
    shutil.rmtree(place)
    return run


def summary(
    runs: Mapping[str, Sequence[Mapping[str, Any]]], rows: Mapping[str, Row]
) -> dict[str, dict[str, Any]]:
    """Return by row, for each measure: mean and spread over seeds, and what differs from full.

    `differences` are those of the seeds, which begin with the same weights. Rows of the paper have
    its difference too, and whether ours has the same sign (see `verdict`).
    """
    published = paper_differences()
    table: dict[str, dict[str, Any]] = {}
    for name, row in rows.items():
        table[name] = {"paper": row.paper}
        for measure in MEASURES:
            values = [float(run["measured"][measure]) for run in runs[name]]
            full = [float(run["measured"][measure]) for run in runs[FULL]]
            differences = [one - other for one, other in zip(values, full, strict=True)]
            cell: dict[str, Any] = {"values": [round(value, 4) for value in values]}
            cell |= _mean_and_spread(values)
            if name != FULL:
                cell["difference"] = _mean_and_spread(differences)
                cell["in_all_seeds"] = len({value > 0 for value in differences}) == 1
            if row.paper and name != FULL:
                cell["paper_difference"] = round(published[row.paper][measure], 4)
                cell["reproduced"] = verdict(differences, published[row.paper][measure])
            table[name][measure] = cell
    return table


def verdict(differences: Sequence[float], paper: float) -> str:
    """Return whether the sign of the paper's difference is ours too: yes, no or unclear.

    Yes or no where all seeds agree, unclear where they do not. Where the paper has no difference,
    ours must be small or of changing sign.
    """
    agree = len({value > 0 for value in differences}) == 1
    if abs(paper) <= SAME:
        small = abs(statistics.mean(differences)) <= NO_DIFFERENCE
        return "yes" if small or not agree else "no"
    if not agree:
        return "unclear"
    return "yes" if (differences[0] > 0) == (paper > 0) else "no"


def paper_differences() -> dict[str, dict[str, float]]:
    """Return by row of the paper's table 5 its measures less those of the full method."""
    (table,) = (one for one in published_tables("ava") if one.name == "table 5")
    values = {name: dict(zip(table.columns, row, strict=True)) for name, row in table.rows}
    full = values["FGAesQ"]
    return {
        name: {key: (row[column] or 0) - (full[column] or 0) for key, column in MEASURES.items()}
        for name, row in values.items()
    }


def _mean_and_spread(values: Sequence[float]) -> dict[str, float]:
    """Return the mean and the standard deviation, 0 for a single value."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": round(statistics.mean(values), 4), "spread": round(spread, 4)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", type=Path, default=Path("recipes/ablation.toml"))
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--teacher", help="classifier as a TFLite file, for one more row")
    parser.add_argument("--runs", type=Path, default=Path("runs/ablation"), help="what is kept")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", help="JSON file for the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
