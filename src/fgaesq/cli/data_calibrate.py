"""`fgaesq data calibrate`."""

from __future__ import annotations

from pathlib import Path

import click

from fgaesq.cli.options import votes_option

__all__ = ["calibrate"]


@click.command("calibrate")
@click.argument("dataset", type=click.Path(path_type=Path))
@votes_option
@click.option(
    "--margin",
    type=click.FloatRange(0, 0.5),
    default=0.05,
    show_default=True,
    help="Remove pairs whose P lies closer to .5.",
)
@click.option(
    "--keep-uncertain", is_flag=True, help="Keep pairs whose 95 % interval of P contains .5."
)
@click.option(
    "--keep-flagged",
    is_flag=True,
    help="Weigh the votes of flagged annotators instead of leaving them out.",
)
@click.option(
    "--votes-per-image",
    type=click.FloatRange(0),
    default=4.0,
    show_default=True,
    metavar="N",
    help="Series with fewer wait for more.",
)
@click.option(
    "--bad",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    metavar="N",
    help="Drop series that so many annotators called bad.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def calibrate(
    dataset: Path,
    *,
    votes_url: str | None,
    margin: float,
    keep_uncertain: bool,
    keep_flagged: bool,
    votes_per_image: float,
    bad: int,
    as_json: bool,
) -> None:
    """Turn the votes on DATASET into one order per series, with probabilities of its pairs.

    Annotators are weighed by how far they look; those who do not are flagged and left out. Pairs
    too close to .5 are removed, series without agreement dropped. The result is kept in DATASET and
    shown in DATASET/calibration/report.html. Run it again whenever there are more votes. The rules:
    docs/calibration.md. Needs the extra build.
    """
    from fgaesq.building.calibrate.calibration import PairRule, Rules, SeriesRule
    from fgaesq.building.calibrate.dataset import calibrate_dataset, calibration_summary
    from fgaesq.building.calibrate.page import write_report
    from fgaesq.building.calibrate.table import calibration_text
    from fgaesq.building.collection import open_collection
    from fgaesq.building.votes import open_votes
    from fgaesq.report.formats import to_json

    rules = Rules(
        leave_out=not keep_flagged,
        pairs=PairRule(margin, certain=not keep_uncertain),
        series=SeriesRule(votes_per_image=votes_per_image, bad=bad),
    )
    with open_collection(dataset) as collection, open_votes(dataset, votes_url) as votes:
        votes.belong_to(collection.name)
        found = calibrate_dataset(collection, votes, rules)
        report = write_report(collection, found)
    if as_json:
        content = {**calibration_summary(found), "report": str(report)}
        click.echo(to_json(content).encode("utf-8"), nl=False)
        return
    click.echo(calibration_text(found), nl=False)
    click.echo(f"report              {report}")
