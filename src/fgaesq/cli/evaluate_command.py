"""`fgaesq evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from fgaesq.cli.options import finish, loaded, models_options, write_file
from fgaesq.cli.progress import Progress
from fgaesq.cli.targets import check_target
from fgaesq.errors import InputError, MissingExtraError
from fgaesq.evaluation.results import Evaluation, MeasuredSet

if TYPE_CHECKING:
    from fgaesq.datasets.constructed import Making
    from fgaesq.evaluation.benchmarks import Construction, OnImage, Rankers

__all__ = ["command"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_CONSTRUCTED = "constructed:"

_RESULT_OPTIONS = (
    click.option("--out", type=click.Path(path_type=Path), metavar="FILE",
                 help="Write the result with machine, date and commit as JSON."),
    click.option("--report", type=click.Path(path_type=Path), metavar="DIR",
                 help="Write evaluation.html (with the worst mistakes as pictures), .md, .csv "
                      "and .json into this folder."),
)  # fmt: skip

MAKINGS = ("edited", "mixed", "restored", "rendered", "scenes", "variants", "shaken")
"""How series are made: those of `datasets.constructed.Making`, which needs the train extra."""

_CONSTRUCTION_OPTIONS = (
    click.option("--series", type=click.IntRange(1), default=1500, show_default=True,
                 help="How many series to construct."),
    click.option("--seed", type=int, default=3, show_default=True, help="Of the construction."),
    click.option("--making", type=click.Choice(MAKINGS), default="edited", show_default=True,
                 help="How they are made: by one edit, or so that flaws of several kinds meet; "
                      "'variants' are of several scenes, as images of one prompt; in 'shaken' "
                      "frames of a burst are turned and noisy."),
    click.option("--ladders", type=click.IntRange(0), default=10, show_default=True,
                 help="Photos per kind of edit for the spread of single-image scores and whether "
                      "they fall as the edit gets worse; 0 leaves it out."),
)  # fmt: skip


def _result_options(command: _Command) -> _Command:
    """Add the options of models and of what is written."""
    command = models_options(command)
    for option in reversed(_RESULT_OPTIONS):
        command = option(command)
    return command


def _construction_options(command: _Command) -> _Command:
    for option in reversed(_CONSTRUCTION_OPTIONS):
        command = option(command)
    return command


@click.group(
    "evaluate",
    invoke_without_command=True,
    help="""Measure models against known order: accuracy, correlation, calibration.

--data is a dataset (see 'fgaesq data formats'), or constructed:PHOTOS for series constructed from
the held-out photos of a pool (with a MANIFEST.csv).

Simple competitors are measured beside the models. Of a dataset with splits the test split is
taken. What the numbers mean: docs/evaluation.md.""",
)
@click.option("--data", multiple=True, metavar="D", help="What to measure on; can be repeated.")
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test", "all"]),
    help="Of the data. [default: test, or all where there are no splits]",
)
@click.option("--format", "form", metavar="NAME", help="Of a dataset; default: found out.")
@click.option(
    "--assessors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of other assessors' scores: a column 'image' of item ids, and one for each "
    "assessor, named -NAME where lower is better.",
)
@_construction_options
@_result_options
@click.pass_context
def command(
    context: click.Context,
    /,
    data: tuple[str, ...],
    split: str | None,
    form: str | None,
    assessors: Path | None,
    series: int,
    seed: int,
    making: Making,
    ladders: int,
    **options: Any,  # noqa: ANN401 - those of _result_options, checked by `_evaluate`
) -> None:
    """Measure on everything that `--data` names, unless a command does its own."""
    if context.invoked_subcommand:
        given = ParameterSource.COMMANDLINE
        if any(context.get_parameter_source(name) is given for name in context.params):
            raise click.UsageError(f"give the options after '{context.invoked_subcommand}'")
        return
    if not data:
        raise click.UsageError("give --data: a dataset, or constructed:PHOTOS")

    def measure(rankers: Rankers, on_image: OnImage) -> tuple[MeasuredSet, ...]:
        found: list[MeasuredSet] = []
        for one in data:
            if one.startswith(_CONSTRUCTED):
                photos = Path(one.removeprefix(_CONSTRUCTED))
                what = _construction(
                    split, series=series, seed=seed, making=making, ladders=ladders
                )
                found += _constructed(photos, what, rankers, on_image)
            else:
                found += _dataset(Path(one), form, split, assessors, rankers, on_image)
        return tuple(found)

    _evaluate(measure, **options)


@command.command("constructed")
@click.argument("photos", type=click.Path(path_type=Path))
@_construction_options
@_result_options
def constructed(
    photos: Path,
    series: int,
    seed: int,
    making: Making,
    ladders: int,
    **options: Any,  # noqa: ANN401 - those of _result_options, checked by `_evaluate`
) -> None:
    """Measure on series constructed from the test photos of the pool PHOTOS (with a MANIFEST.csv).

    The same as --data constructed:PHOTOS. Needs the train extra, for the edits.
    """
    what = _construction(None, series=series, seed=seed, making=making, ladders=ladders)
    _evaluate(lambda rankers, on_image: _constructed(photos, what, rankers, on_image), **options)


@command.command("human")
@click.argument("folder", type=click.Path(path_type=Path))
@_result_options
def human(
    folder: Path,
    **options: Any,  # noqa: ANN401 - those of _result_options, checked by `_evaluate`
) -> None:
    """Measure on human judgements: FOLDER holds aigc.csv, superres.csv and their images.

    The same as --data FOLDER.
    """
    _evaluate(lambda rankers, on_image: _human(folder, rankers, on_image), **options)


def _construction(split: str | None, **keys: Any) -> Construction:  # noqa: ANN401 - as above
    from fgaesq.evaluation.benchmarks import Construction

    if split == "all":
        raise click.UsageError("--split all: series are constructed from one split of a pool")
    return Construction(split=split or "test", **keys)


def _constructed(
    photos: Path, what: Construction, rankers: Rankers, on_image: OnImage
) -> tuple[MeasuredSet, ...]:
    from fgaesq.evaluation.benchmarks import measure_constructed

    try:
        return (measure_constructed(rankers, photos, what, on_image=on_image),)
    except ImportError:
        raise MissingExtraError("constructing series", "train") from None


def _human(folder: Path, rankers: Rankers, on_image: OnImage) -> tuple[MeasuredSet, ...]:
    from fgaesq.evaluation.benchmarks import measure_human

    return measure_human(rankers, folder, on_image=on_image)


def _dataset(
    path: Path,
    form: str | None,
    split: str | None,
    assessors: Path | None,
    rankers: Rankers,
    on_image: OnImage,
) -> tuple[MeasuredSet, ...]:
    from fgaesq.datasets.formats.own import is_human
    from fgaesq.datasets.reading import read_dataset
    from fgaesq.evaluation.assessors import read_assessors
    from fgaesq.evaluation.benchmarks import measure_dataset
    from fgaesq.evaluation.sets import of_split

    if form in (None, "human") and is_human(path) and not assessors:
        return _human(path, rankers, on_image)
    dataset = of_split(read_dataset(path, form), split)
    columns = read_assessors(assessors, dataset.items) if assessors else {}
    return (measure_dataset(rankers, dataset, assessors=columns, on_image=on_image),)


def _evaluate(
    measure: Callable[[Rankers, OnImage], tuple[MeasuredSet, ...]],
    *,
    models: tuple[str, ...],
    out: Path | None,
    report: Path | None,
    **run: Any,  # noqa: ANN401 - the options of models_options, checked by `loaded`
) -> None:
    """Load the models, measure, write, print."""
    from fgaesq.evaluation.benchmarks import named
    from fgaesq.report.evaluation_formats import evaluation_text

    if out:
        check_target(out, ())
    if report:
        _make_folder(report)
    rankers = named([loaded(model=model, **run) for model in models])
    with Progress("judging images") as progress:
        sets = measure(rankers, progress.advance)
    evaluation = Evaluation(tuple(one.identity for one in rankers.values()), sets)
    _write(evaluation, out, report)
    failures = [failure for one in sets for failure in one.failures]
    finish(evaluation_text(evaluation), failures, sets)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be made ({error.strerror}); choose another folder"
        ) from None


def _write(evaluation: Evaluation, out: Path | None, report: Path | None) -> None:
    """Write the result where it was asked for."""
    from fgaesq.evaluation.provenance import provenance
    from fgaesq.report import evaluation_formats as formats
    from fgaesq.report.evaluation_page import evaluation_page

    origin = provenance()
    data = {**origin, **formats.evaluation_data(evaluation)}
    content = (json.dumps(data, indent=2) + "\n").encode()
    if out:
        write_file(out, content)
    if report:
        words = _origin_words(origin)
        page = evaluation_page(evaluation, origin=words)
        markdown = formats.evaluation_markdown(evaluation, origin=words)
        write_file(report / "evaluation.json", content)
        write_file(report / "evaluation.html", page.encode())
        write_file(report / "evaluation.md", markdown.encode())
        write_file(report / "evaluation.csv", formats.evaluation_csv(evaluation).encode())


def _origin_words(origin: Mapping[str, Any]) -> str:
    machine = origin["machine"]
    return (
        f"Measured {origin['date']}, commit {origin['commit'] or 'unknown'}, "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}."
    )
