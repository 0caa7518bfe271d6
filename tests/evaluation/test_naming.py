"""How often reasons name the edit: counted by hand, and on real runs of a small model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.photos import burst_image

from fgaesq.evaluation.judged import JudgedSeries, Judgements, judge
from fgaesq.evaluation.naming import naming_of
from fgaesq.ranking.ranker import Ranker, load

WORDS = {"defocus": "sharper", "noise": "cleaner", "chromatic_noise": "cleaner"}

# Three series of two pairs each: the second image is better than the first, the third best.
CHANCES = [0.1, 0.4, 0.2, 0.9, 0.45, 0.3]
SAID = ["sharper", "cleaner", "cleaner", "cleaner", "sharper", ""]


def by_hand() -> Judgements:
    """Return judgements of the model "m": one pair is in the wrong order, one too close."""
    chances = np.array(CHANCES)
    gaps = np.log(chances / (1 - chances))  # of the first's score over the second's
    scores = np.concatenate([[0, -a, -a - b] for a, b in gaps.reshape(3, 2)])
    first = np.array([0, 1, 3, 4, 6, 7])
    return Judgements(
        groups=["defocus", "chromatic_noise", "defocus"],
        series=np.repeat([0, 1, 2], 3),
        values=np.tile([0.0, 1.0, 2.0], 3),
        first=first,
        second=first + 1,
        p=np.zeros(6),
        gap=np.ones(6),
        judged=False,
        scores={"m": scores},
        kinds={"m": "model"},
        chances={"m": chances},
        reasons={"m": SAID},
        best_reasons={"m": ["sharper", "cleaner", ""]},
    )


def shares(one: Judgements, kind: str) -> list[float | None]:
    found = naming_of(one, "m", WORDS)[kind]
    return [e.value if e else None for e in (found.right_named, found.named, found.best_named)]


def test_pairs_are_counted_with_all_and_with_the_right_ones() -> None:
    found = naming_of(by_hand(), "m", WORDS)
    assert list(found) == ["all", "chromatic_noise", "defocus"]
    assert [one.word for one in found.values()] == [None, "cleaner", "sharper"]
    assert [one.pairs for one in found.values()] == [6, 2, 4]
    assert [one.right_pairs for one in found.values()] == [4, 1, 3]
    assert [one.series for one in found.values()] == [3, 1, 2]
    assert [one.given.value for one in found.values() if one.given] == [5 / 6, 1, 3 / 4]
    assert shares(by_hand(), "all") == pytest.approx([2 / 4, 3 / 6, 2 / 3])
    assert shares(by_hand(), "defocus") == pytest.approx([1 / 3, 2 / 4, 1 / 2])


def test_the_word_in_the_wrong_order_is_no_right_reason() -> None:
    assert shares(by_hand(), "chromatic_noise") == [1, 0.5, 1]
    assert naming_of(by_hand(), "m", WORDS)["chromatic_noise"].mistaken == {}


def test_other_reasons_are_listed_the_most_common_first() -> None:
    found = naming_of(by_hand(), "m", WORDS)
    assert found["defocus"].mistaken == {"cleaner": 1, "none": 1}
    said = [*SAID[:4], "", ""]
    found = naming_of(replace(by_hand(), reasons={"m": said}), "m", WORDS)
    assert list(found["all"].mistaken.items()) == [("none", 2), ("cleaner", 1)]


def test_no_more_than_five_other_reasons_are_listed() -> None:
    said = ["one", "two", "three", "four", "five", "six"]
    found = naming_of(replace(by_hand(), reasons={"m": said}), "m", WORDS)
    assert len(found["all"].mistaken) == 5


def test_a_kind_without_a_word_is_never_named() -> None:
    found = naming_of(replace(by_hand(), groups=["banding"] * 3), "m", WORDS)["all"]
    assert found.named is not None
    assert found.best_named is not None
    assert (found.named.value, found.best_named.value) == (0, 0)
    assert found.mistaken == {"cleaner": 3, "sharper": 2, "none": 1}


def test_without_right_pairs_their_share_is_unknown() -> None:
    one = replace(by_hand(), chances={"m": np.full(6, 0.45)})
    assert shares(one, "all") == [None, pytest.approx(0.5), pytest.approx(2 / 3)]


@pytest.fixture(scope="module")
def ranker(telling_model: Path) -> Ranker:
    return load(telling_model)


def series_of(*groups: str) -> list[JudgedSeries]:
    return [
        JudgedSeries(
            id=f"s{number}",
            group=group,
            names=["x", "y", "z"],
            images=[burst_image(n, seed=number + 1) for n in range(3)],
            values=[0.0, 1.0, 2.0],
        )
        for number, group in enumerate(groups)
    ]


def test_reasons_are_those_of_the_product(ranker: Ranker, tiny_model: Path) -> None:
    one = series_of("defocus")[0]
    judgements = judge({"telling": ranker, "silent": load(tiny_model)}, [one])
    ranked = ranker.rank([np.asarray(image) for image in one.images]).series[0]
    said = {
        frozenset((pair.first, pair.second)): pair.reasons[0].text if pair.reasons else ""
        for pair in ranked.pairs
    }
    assert any(said.values())
    pairs = [("image-1", "image-2"), ("image-1", "image-3"), ("image-2", "image-3")]
    assert judgements.reasons == {"telling": [said[frozenset(pair)] for pair in pairs]}
    best = ranked.images[0].reasons
    assert judgements.best_reasons == {"telling": [best[0].text if best else ""]}


def test_every_pair_of_a_real_run_is_counted(ranker: Ranker) -> None:
    judgements = judge({"telling": ranker}, series_of("defocus", "noise", "defocus"))
    found = naming_of(judgements, "telling", ranker.reason_texts)
    assert [found[kind].pairs for kind in ("all", "defocus", "noise")] == [9, 6, 3]
    for one in found.values():
        assert one.named is not None
        named = round(one.named.value * one.pairs)
        assert named + sum(one.mistaken.values()) <= one.pairs
        assert one.right_pairs <= one.pairs
