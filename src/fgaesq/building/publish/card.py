"""The card of a published dataset: `README.md` with the header that the Hub reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from fgaesq.building.publish.facts import StepFacts, VoteFacts, licence_counts
from fgaesq.building.publish.finished import UNKNOWN_LICENCE, Finished
from fgaesq.building.publish.scenes import ALIKE
from fgaesq.building.publish.splitting import RULE, SplitReport
from fgaesq.building.records import CATEGORIES, REASONS
from fgaesq.datasets.formats.parquet_series import FILE_SPLITS
from fgaesq.datasets.records import SPLITS

__all__ = ["About", "card", "citation", "hub_licence"]

_HUB_LICENCES: Final = {
    *("cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-sa-4.0", "cc-by-sa-3.0"),
    *("cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "apache-2.0", "mit"),
}
"""Names of licences that the Hub knows, of those that images have."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

_FILES: Final = {
    "fgaesthetics": "the layout in which FGAesthetics was released: `label/*.txt` with the columns "
    "series, image a, image b, P(a better), value of a, value of b, and a folder of JPEG files for "
    "each series. `image_details.csv` and `pair_details.csv` hold makers, licences, prompts and "
    "numbers of votes. Crops, and images that were no JPEG files, are coded anew (quality 95)",
    "own": "`series.csv` has a row for each image, `pairs.csv` for each judged pair; images are in "
    "`images/`, crops are boxes in the table",
    "parquet": "`images/` holds a row for each image, encoded inside, `pairs/` for each judged "
    "pair; crops are cut, without loss",
    "label-studio": "`tasks.json` holds a task for each judged pair, for the labelling interface "
    "in `labelling.xml`; crops are cut, without loss",
}

_STEPS: Final = {
    "collected": "collected",
    "collect": "collecting",
    "metrics": "metrics",
    "model": "a multimodal model",
    "people": "people",
    "calibration": "calibration",
}


@dataclass(frozen=True, slots=True)
class About:
    """What only the publisher knows; "" for what is not given.

    Attributes:
        author: who is to be cited.
        url: where the dataset will be found.
        text: a few words on what it is of.
    """

    author: str = ""
    url: str = ""
    text: str = ""


def card(
    finished: Finished,
    *,
    form: str,
    steps: Sequence[StepFacts],
    votes: VoteFacts | None,
    split: SplitReport,
    about: About,
    kept_metadata: bool,
) -> str:
    """Return the card in Markdown.

    Args:
        finished: what is exported.
        form: the format of the export.
        steps: what each step left.
        votes: what is known of the votes; None if they are not at hand.
        split: how the series were split.
        about: what the publisher said.
        kept_metadata: whether the files keep EXIF and the like.
    """
    dataset = finished.dataset
    parts = [
        _header(finished, form),
        f"# {dataset.name}",
        about.text,
        "Series of near-identical images, ranked by people: which one of a series is the best, and "
        "how sure is that.",
        "## What is in it",
        _contents(finished),
        f"The files: {_FILES[form]}. `value` is the Bradley-Terry ability of an image within its "
        "series, higher is better; `p` is the probability that the first image of a pair is "
        "better. Read it with `fgaesq data inspect`, or `fgaesq.datasets.reading.read_dataset`.",
        "## Splits",
        f"By series: {RULE}. {split.scenes} scenes; {split.joined} series share theirs. Compared "
        f"afterwards, image by image, across the sides: {_across(split)}.",
        "## How it was made",
        _made(steps),
        _left_out(finished),
        "## Votes",
        _votes(votes),
        "## Licences",
        _licences(finished),
        _metadata(kept_metadata),
        "## Known biases",
        _biases(finished, votes),
        "## Citation",
        f"```bibtex\n{citation(dataset.name, about)}\n```",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def hub_licence(finished: Finished) -> str:
    """Return the Hub's name of the one licence of all images, else `other`."""
    names = [name.lower() for name in licence_counts(finished)]
    return names[0] if len(names) == 1 and names[0] in _HUB_LICENCES else "other"


def _header(finished: Finished, form: str) -> str:
    images = len(finished.dataset.items)
    lines = [
        f"pretty_name: {json.dumps(finished.dataset.name, ensure_ascii=False)}",
        f"license: {hub_licence(finished)}",
        f"size_categories: [{next((name for most, name in _SIZES if images < most), 'n>1M')}]",
        "tags: [image-aesthetics, image-quality, pairwise-comparison, ranking]",
    ]
    if form == "parquet":
        lines.append("configs:")
        for table in ("images", "pairs"):
            lines += [f"- config_name: {table}", "  data_files:"]
            for split in finished.dataset.splits:
                name = FILE_SPLITS[split]
                lines += [f"  - split: {name}", f"    path: {table}/{name}-*.parquet"]
    return "\n".join(["---", *lines, "---"])


def _contents(finished: Finished) -> str:
    dataset = finished.dataset
    pairs = dataset.pairs_of()
    rows = []
    for category in (*CATEGORIES, "all"):
        series = [one for one in dataset.series if category in (one.source, "all")]
        for split in (*SPLITS, "all"):
            part = [one for one in series if split in (one.split, "all")]
            if part:
                judged = sum(len(pairs[one.id]) for one in part)
                images = sum(len(one.items) for one in part)
                rows.append((category, split, len(part), images, judged))
    return _table(("category", "split", "series", "images", "pairs"), rows)


def _made(steps: Iterable[StepFacts]) -> str:
    rows = []
    for one in steps:
        why = ", ".join(f"{REASONS[reason]}: {n}" for reason, n in sorted(one.reasons.items()))
        counts = [f"{one.images.get(c, 0)} / {one.series.get(c, 0)}" for c in CATEGORIES]
        rows.append((_STEPS[one.step], *counts, why))
    head = ("after", *(f"{category}, images / series" for category in CATEGORIES), "dropped")
    return (
        "With `fgaesq data`, in the way of FGAesthetics (arXiv 2603.03907): what does not belong "
        "in a series is taken out, people compare pairs, Bradley-Terry makes one rank of each "
        "series, and pairs too close to call are removed. The steps that were done:\n\n"
        + _table(head, rows)
    )


def _left_out(finished: Finished) -> str:
    if not finished.left_out:
        return ""
    found = "; ".join(f"{what}: {n}" for what, n in finished.left_out.items())
    return f"Not published of what was left: {found}."


def _votes(votes: VoteFacts | None) -> str:
    if votes is None:
        return "The single votes were not at hand for this card; pairs state their number."
    parts = [
        f"{votes.votes} votes by {votes.annotators} annotators; {votes.ties:.1%} ties. The busiest "
        f"of them gave {votes.most:.0%}."
    ]
    if (alpha := votes.alpha) is not None:
        parts.append(
            f"Agreement, Krippendorff's alpha: {alpha.value:.2f} ({alpha.low:.2f} to "
            f"{alpha.high:.2f}; 1 is perfect, 0 chance)."
        )
    if votes.same_again is not None:
        parts.append(f"Asked again, {votes.same_again:.1%} of the answers were the same.")
    if votes.median_s is not None:
        parts.append(f"Half of the votes took less than {votes.median_s:.1f} s.")
    return " ".join(parts)


def _licences(finished: Finished) -> str:
    rows = list(licence_counts(finished).items())
    table = _table(("licence", "images"), rows)
    unknown = dict(rows).get(UNKNOWN_LICENCE)
    if unknown:
        table += (
            f"\n\nOf {unknown} images the licence is not known: find it out before passing them on."
        )
    return table


def _metadata(kept: bool) -> str:
    if kept:
        return "The files keep their metadata (EXIF with places and times, XMP), as was asked."
    return (
        "EXIF, places, times and other metadata were taken out of the image files, as they tell "
        "where and when people were photographed; pixels, orientation and colour profiles are "
        "as they were."
    )


def _biases(finished: Finished, votes: VoteFacts | None) -> str:
    dataset = finished.dataset
    found = [
        "The ranks are the taste of the people asked; other people may order the images otherwise.",
        "Only images of one series were compared: values of different series mean nothing to each "
        "other.",
    ]
    shares = {c: sum(one.source == c for one in dataset.series) for c in CATEGORIES}
    few = [c for c, n in shares.items() if n < 0.1 * len(dataset.series)]
    if few:
        found.append(f"Hardly any series, or none, of: {', '.join(few)}.")
    if votes is not None:
        if votes.left is not None and abs(votes.left - 0.5) > 2 * 0.5 / votes.sided**0.5:
            found.append(
                f"{votes.left:.1%} of the decided votes went to the image on the left; sides were "
                "drawn at random, so pairs are not biased by it, only noisier."
            )
        if votes.annotators < 5:
            found.append(f"Few people voted: {votes.annotators}.")
        elif votes.most > 3 / votes.annotators:
            found.append("One person gave a large part of the votes.")
    return "\n".join(f"* {one}" for one in found)


def citation(name: str, about: About) -> str:
    """Return how the dataset is cited, in BibTeX."""
    fields = {
        "title": name,
        "author": about.author,
        "year": str(datetime.now(UTC).year),
        "url": about.url,
        "note": f"Made with fgaesq {version('fgaesq')}",
    }
    lines = [f"  {key} = {{{text}}}," for key, text in fields.items() if text]
    return "\n".join(["@misc{dataset,", *lines, "}"])


def _across(split: SplitReport) -> str:
    near = f"the highest likeness is {split.highest:.2f}" if split.highest else "none comes near"
    said = f"no two look alike ({near}; images alike are from {ALIKE:g} on)"
    if split.unread:
        said += f"; {len(split.unread)} images could not be opened for it"
    return said


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(cell: object) -> str:
    return str(cell).replace("|", "\\|").replace("\n", " ")
