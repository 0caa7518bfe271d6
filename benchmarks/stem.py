"""Pixels alone or pixels beside their spectrum: the two stems under one recipe.

    python benchmarks/stem.py --steps 200 --out benchmarks/results/stem.json

Trains the embedded model twice for a few steps, same batches and seed, and measures both on the
validation series. Uses the token cache of the recipe and makes it when it is missing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from fgaesq.cli.progress import Progress
from fgaesq.evaluation.provenance import provenance
from fgaesq.models.specs import find_spec
from fgaesq.training.recipe import read_recipe
from fgaesq.training.runs import train


def main() -> None:
    """Train both and print their validation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", type=Path, default=Path("recipes/fgaesq-s.toml"))
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", help="JSON file for the results")
    arguments = parser.parse_args()
    recipe = read_recipe(arguments.recipe)
    recipe = replace(
        recipe,
        validate_every=arguments.steps,
        optimiser=replace(recipe.optimiser, steps=arguments.steps, warmup=arguments.steps // 10),
    )
    results = {}
    for stem in ("pixel", "spectral"):
        spec = replace(find_spec(recipe.model), stem=stem)
        with tempfile.TemporaryDirectory() as folder, Progress(stem, arguments.steps) as progress:

            def advance(*_: object, progress: Progress = progress) -> None:
                progress.advance()

            results[stem] = train(recipe, Path(folder), spec=spec, progress=advance)
        print(stem, json.dumps(results[stem]), flush=True)
    if arguments.out:
        content = {**provenance(), "recipe": asdict(recipe), "result": results}
        Path(arguments.out).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
