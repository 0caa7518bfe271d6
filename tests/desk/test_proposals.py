"""What is proposed of ranked groups."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest

from fgaesq.desk.proposals import Contest, CullSettings, Entrant, propose
from fgaesq.desk.records import PROTECTED, GroupKind, Proposal
from fgaesq.errors import InputError
from fgaesq.ranking.probability import p_first
from fgaesq.types import Reason


def contest(
    scores: Sequence[float], *, kind: GroupKind = "series", first_id: int = 0, name: str = "p"
) -> Contest:
    """Return a group of photos with these scores, the best first, and temperature 1."""
    photos = tuple(
        Entrant(first_id + n, f"{name}{n}.jpg", score, content=f"{first_id + n}")
        for n, score in enumerate(scores)
    )
    p = {
        (a.id, b.id): p_first(a.score or 0, b.score or 0, temperature=1.0)
        for a, b in combinations(photos, 2)
    }
    return Contest(kind, photos, p)


def verbs(proposals: dict[int, Proposal]) -> list[str]:
    return [proposals[number].verb for number in sorted(proposals)]


def stars(proposals: dict[int, Proposal]) -> list[int]:
    return [proposals[number].stars for number in sorted(proposals)]


def test_the_best_of_a_series_is_kept_and_the_others_rejected() -> None:
    proposals = propose([contest([8, 6, 5])], CullSettings())
    assert verbs(proposals) == ["keep", "reject", "reject"]
    assert stars(proposals) == [4, 0, 0]
    assert proposals[0].why == "The best of 3: preferred to p1.jpg with 88 %."
    assert proposals[1].why == "Behind p0.jpg, which is preferred with 88 %."


def test_a_less_clear_first_gets_three_stars() -> None:
    assert stars(propose([contest([8, 7.2])], CullSettings())) == [3, 0]


def test_what_is_too_close_to_call_is_left_to_the_person() -> None:
    proposals = propose([contest([8, 7.9, 5])], CullSettings())
    assert verbs(proposals) == ["undecided", "undecided", "reject"]
    assert proposals[0].why == (
        "Too close to call with p1.jpg (preferred with 52 %): let your eye decide."
    )
    assert proposals[1].why == (
        "Too close to call with p0.jpg (preferred with 48 %): let your eye decide."
    )


def test_so_many_of_each_series_are_kept_as_asked() -> None:
    proposals = propose([contest([9, 8, 6, 4])], CullSettings(keep=2))
    assert verbs(proposals) == ["keep", "keep", "reject", "reject"]
    assert stars(proposals) == [3, 2, 0, 0]
    assert proposals[1].why == "Number 2 of 4 photos."


def test_only_what_is_close_to_the_line_is_undecided() -> None:
    proposals = propose([contest([9, 7, 6.9, 4])], CullSettings(keep=2))
    assert verbs(proposals) == ["keep", "undecided", "undecided", "reject"]


def test_a_series_no_longer_than_what_is_kept_is_kept_whole() -> None:
    assert verbs(propose([contest([8, 7.9])], CullSettings(keep=2))) == ["keep", "keep"]


@pytest.mark.parametrize("kind", sorted(PROTECTED))
def test_protected_groups_are_kept_whole(kind: GroupKind) -> None:
    proposals = propose([contest([9, 2, 1], kind=kind)], CullSettings(share=0.01))
    assert verbs(proposals) == ["keep"] * 3
    assert stars(proposals) == [0] * 3


def test_single_photos_are_kept_from_a_score_on_and_never_rejected() -> None:
    singles = [contest([score], kind="single", first_id=n) for n, score in enumerate((5.5, 5.4, 1))]
    proposals = propose(singles, CullSettings())
    assert verbs(proposals) == ["keep", "undecided", "undecided"]
    assert stars(proposals) == [2, 0, 0]
    assert proposals[1].why == (
        "It stands alone; its score is 5.4, below 5.5: let your eye decide."
    )


def test_photos_that_failed_are_never_rejected() -> None:
    good = contest([8, 5])
    bad = Entrant(9, "bad.jpg", None, failure="bad.jpg: it is no photo")
    proposals = propose([Contest("series", (*good.photos, bad), good.p)], CullSettings())
    assert verbs(proposals) == ["keep", "reject", "undecided"]


def test_photos_that_are_not_ranked_are_left_to_the_person() -> None:
    photos = tuple(Entrant(n, f"p{n}.jpg", None) for n in range(2))
    proposals = propose([Contest("series", photos, {})], CullSettings())
    assert verbs(proposals) == ["undecided", "undecided"]


def test_a_second_copy_of_a_file_is_rejected() -> None:
    photos = (
        Entrant(0, "a.jpg", 8.0, content="x"),
        Entrant(1, "copy.jpg", 8.0, content="x"),
        Entrant(2, "b.jpg", 5.0, content="y"),
    )
    p = {(0, 1): 0.5, (0, 2): 0.95, (1, 2): 0.95}
    proposals = propose([Contest("series", photos, p)], CullSettings())
    assert verbs(proposals) == ["keep", "reject", "reject"]
    assert proposals[1].why == "The same file as a.jpg."


def test_the_first_reason_ends_the_sentence() -> None:
    photos = (
        Entrant(0, "a.jpg", 8.0, content="x", reasons=(Reason("sharper", 0.7),)),
        Entrant(1, "b.jpg", 5.0, content="y", reasons=(Reason("blurrier", 0.7),)),
    )
    proposals = propose([Contest("series", photos, {(0, 1): 0.95})], CullSettings())
    assert proposals[0].why == "The best of 2: preferred to b.jpg with 95 %; sharper."
    assert proposals[1].why == "Behind a.jpg, which is preferred with 95 %; blurrier."


def test_a_share_goes_to_the_best_of_each_series_first() -> None:
    shoot = [
        contest([6, 4, 2], first_id=0),
        contest([9, 7, 5], first_id=10),
        contest([8], kind="single", first_id=20),
        contest([1], kind="single", first_id=21),
    ]
    proposals = propose(shoot, CullSettings(share=4 / 8))  # four places for eight photos
    kept = [number for number, one in proposals.items() if one.verb == "keep"]
    assert sorted(kept) == [0, 10, 20, 21]
    proposals = propose(shoot, CullSettings(share=5 / 8))
    assert proposals[11].verb == "keep"


def test_a_series_beyond_the_share_keeps_its_best_for_the_person() -> None:
    shoot = [contest([6, 3], first_id=0), contest([9, 7], first_id=10)]
    proposals = propose(shoot, CullSettings(share=0.25))
    assert verbs(proposals) == ["undecided", "reject", "keep", "reject"]
    assert proposals[0].why == "The best of 2, beyond the target share: let your eye decide."


def test_every_photo_gets_one_proposal_with_a_sentence() -> None:
    shoot = [contest([6, 3], first_id=0), contest([9], kind="single", first_id=10)]
    proposals = propose(shoot, CullSettings())
    assert sorted(proposals) == [0, 1, 10]
    assert all(one.why.endswith(".") for one in proposals.values())


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match=r"keep is 0; keep at least 1 photo of each series"):
        CullSettings(keep=0)
    with pytest.raises(InputError, match=r"share is 1\.5; give more than 0 and at most 1"):
        CullSettings(share=1.5)
