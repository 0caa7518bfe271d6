"""Statistics of a dataset (`datasets.inspection`) as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["dataset_text"]

_COUNTED = ("images", "series", "pairs", "scores")
_LABEL = 18


def dataset_text(report: Mapping[str, Any]) -> str:
    """Return the statistics as lines: numbers by split and source, judgements, images, notes."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{report['path']}: {report['name']}, judged {_KINDS[report['kind']]}"
    yield ""
    yield from _count_table(report)
    yield ""
    if report["series_sizes"]:
        sizes = ", ".join(f"{number} of {size}" for size, number in report["series_sizes"].items())
        yield _labelled("series sizes", sizes)
    if report["values"]:
        yield from _value_lines(report["values"])
    if report["pairs"]:
        yield from _pair_lines(report["pairs"], report["triples"])
    if report["scores"]:
        yield from _score_lines(report["scores"])
    yield _labelled("split leaks", _leaks(report))
    if report["images"]:
        yield from _image_lines(report["images"])
    yield from (_labelled("note", note) for note in report["notes"])
    yield from (_labelled(*_problem(problem)) for problem in report["problems"])


_KINDS = {"series": "in series", "absolute": "image by image"}


def _count_table(report: Mapping[str, Any]) -> Iterator[str]:
    rows = {**report["splits"], **report["sources"], "all": report["total"]}
    width = max(len(name) for name in rows)
    yield " " * width + "".join(f"  {name:>8}" for name in _COUNTED)
    for name, counts in rows.items():
        yield f"{name:<{width}}" + "".join(f"  {counts[key]:>8}" for key in _COUNTED)


def _value_lines(values: Mapping[str, Any]) -> Iterator[str]:
    yield _labelled("values", f"of {values['series']} series, {values['equal']} pairs are equal")
    low, median, high = values["gap_quartiles"]
    yield _labelled("value gaps", f"median {median:.3g}, half of them {low:.3g} to {high:.3g}")


def _pair_lines(pairs: Mapping[str, Any], triples: Mapping[str, int]) -> Iterator[str]:
    yield _labelled("pairs", f"{pairs['decided']} decided, {pairs['ties']} ties")
    yield _labelled("P, 0 to 1", _bars(pairs["histogram_of_p"]))
    yield _labelled("mean |2P - 1|", f"{pairs['mean_sureness']:.3f}")
    if pairs["against_values"] is not None:
        yield _labelled("against values", f"{pairs['against_values']} pairs")
    share = f"{triples['intransitive']} of {triples['judged']}"
    yield _labelled("intransitive", f"{share} triples judged in all three pairs")


def _score_lines(scores: Mapping[str, Any]) -> Iterator[str]:
    low, high = scores["range"]
    spread = f"mean {scores['mean']:.3f}, deviation {scores['deviation']:.3f}"
    ends = f"{scores['lowest']:.3g} to {scores['highest']:.3g}"
    yield _labelled("scores", f"{ends}, {spread}")
    yield _labelled(f"from {low:g} to {high:g}", _bars(scores["histogram"]))
    yield _labelled("distributions", f"{scores['with_distribution']} of ten bins")


def _image_lines(images: Mapping[str, Any]) -> Iterator[str]:
    sides = "none could be opened"
    if images["smallest_side"] is not None:
        sides = (
            f"sides {images['smallest_side']} to {images['largest_side']} px, median "
            f"{images['median_width']:.0f}x{images['median_height']:.0f} px"
        )
    yield _labelled("images opened", f"{images['sampled']}: {sides}")
    if images["unreadable"]:
        yield _labelled("not readable", f"{images['unreadable']} of these")
    yield from (_labelled("", example) for example in images["examples"])


def _leaks(report: Mapping[str, Any]) -> str:
    if len(report["splits"]) < 2:
        return "cannot be, as there are not two splits"
    leaks = report["leaks"]
    if not leaks["images"]:
        return "none"
    return f"{leaks['images']} images in two splits: {', '.join(leaks['examples'])}"


def _problem(problem: Mapping[str, Any]) -> tuple[str, str]:
    more = ", ..." if problem["count"] > len(problem["examples"]) else ""
    label = "seen" if problem["harmless"] else "PROBLEM"
    return label, f"{problem['what']}: {problem['count']} ({', '.join(problem['examples'])}{more})"


def _bars(counts: Sequence[int]) -> str:
    return " ".join(str(count) for count in counts)


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{text}"
