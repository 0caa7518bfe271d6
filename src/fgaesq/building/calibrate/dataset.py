"""The votes on a dataset in the making -> its ranks, kept in the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fgaesq.building.calibrate.calibration import Calibration, Rules, calibrate
from fgaesq.building.collection import Collection
from fgaesq.building.collection.ranks import replace_calibration
from fgaesq.building.collection.series import all_series, replace_drops
from fgaesq.building.records import Choice

if TYPE_CHECKING:
    from fgaesq.building.votes.store import Votes

__all__ = ["calibrate_dataset", "calibration_summary", "known_answers", "members_to_rank"]


def calibrate_dataset(
    collection: Collection, votes: Votes, rules: Rules | None = None
) -> Calibration:
    """Calibrate the votes on a dataset, and keep the ranks and the drops in its collection.

    Running it again replaces both: a series dropped by it before is looked at afresh.

    Raises:
        InputError: there are no votes on the images that are kept.
        MissingExtraError: the extra `build` is not installed.
    """
    from fgaesq.building.votes.asking import flags

    called = {(flag.annotator, flag.series) for flag in flags(votes)}
    found = calibrate(
        votes,
        members_to_rank(collection),
        golden=known_answers(votes),
        bad=Counter(series for _, series in called),
        rules=rules,
    )
    replace_calibration(collection, found.series())
    replace_drops(collection, "calibration", found.drops())
    return found


def members_to_rank(collection: Collection) -> dict[int, tuple[int, ...]]:
    """Return the images of each series of two and more, as the steps before calibration left it."""
    members = {}
    for series in all_series(collection):
        if series.drop is not None and series.drop.step != "calibration":
            continue
        kept = tuple(image for image in series.members if image not in series.dropped)
        if len(kept) > 1:
            members[series.id] = kept
    return members


def known_answers(votes: Votes) -> dict[tuple[int, int, int], Choice]:
    """Return the right answers of golden pairs by (series, first, second)."""
    from fgaesq.building.votes.asking import golden_pairs

    return {(one.series, one.first, one.second): one.choice for one in golden_pairs(votes)}


def calibration_summary(found: Calibration) -> dict[str, Any]:
    """Return a calibration as plain values, for JSON; series by their id."""
    ballots, ids = found.ballots, found.ballots.series_ids
    judged = found.votes > 0
    kept = judged & [not words for words in found.removed]
    return {
        "rules": asdict(found.rules),
        "votes": len(ballots),
        "votes_used": int(found.used.sum()),
        "votes_golden": found.golden,
        "votes_elsewhere": found.elsewhere,
        "annotators": [asdict(one) for one in found.annotators],
        "left_out": list(found.left_out),
        "alpha": {level: one and asdict(one) for level, one in found.alpha.items()},
        "alpha_used": {level: one and asdict(one) for level, one in found.alpha_used.items()},
        "scale": found.fit.scale,
        "settled": found.fit.settled,
        "series": {
            "all": len(ids),
            "ranked": len(ids) - len({*found.dropped, *found.waiting}),
            "waiting": _by_id(found.waiting, ids),
            "dropped": _by_id(found.dropped, ids),
            "normal_intervals": [ids[place] for place in found.intervals.normal.nonzero()[0]],
        },
        "pairs": {
            "judged": int(judged.sum()),
            "kept": int(kept.sum()),
            "removed": dict(
                Counter(
                    words
                    for words, was in zip(found.removed, judged.tolist(), strict=True)
                    if words and was
                )
            ),
        },
        "cycles": {
            "triads_judged": int(found.cycles.judged.sum()),
            "triads_circular": len(found.cycles.triads),
            "components": [
                [ballots.image_ids[image] for image in one] for one in found.cycles.components
            ],
        },
    }


def _by_id(words: Mapping[int, str], ids: tuple[int, ...]) -> dict[str, str]:
    return {str(ids[place]): why for place, why in words.items()}
