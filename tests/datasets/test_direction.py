"""Finding out which way values run."""

from __future__ import annotations

import pytest

from fgaesq.datasets.direction import Direction, direction_of
from fgaesq.errors import InputError


def test_ranks_are_recognised_by_the_preferred_image_having_the_lower_one() -> None:
    rows = [(0.8, 1, 2), (0.3, 3, 1), (0.9, 1, 3), (0.6, 2, 3)]
    assert direction_of(rows) == Direction(agree=0, against=4)
    assert direction_of(rows).sign == -1


def test_scores_are_recognised_by_the_preferred_image_having_the_higher_one() -> None:
    rows = [(0.8, 4.5, 2), (0.3, 3, 3.5), (0.9, 5, 3), (0.6, 2, 1)]
    assert direction_of(rows).sign == 1


def test_ties_of_either_kind_are_no_evidence() -> None:
    assert direction_of([(0.5, 1, 2), (0.9, 2, 2)]) == Direction(0, 0)


@pytest.mark.parametrize(
    ("agree", "against", "sign"),
    [(0, 0, 0), (3, 0, 0), (4, 0, 1), (0, 4, -1), (74, 26, 0), (76, 24, 1), (5, 1, 0), (500, 0, 1)],
)
def test_few_or_mixed_pairs_tell_nothing(agree: int, against: int, sign: int) -> None:
    assert Direction(agree, against).sign == sign


def test_an_unknown_direction_is_refused_with_the_evidence() -> None:
    with pytest.raises(InputError) as caught:
        Direction(30, 20).known_sign("labels: natural")
    assert str(caught.value) == (
        "labels: natural: it cannot be told whether high values of the last two columns are good "
        "or bad: 30 pairs say good, 20 say bad; check the columns"
    )


def test_the_verdict_comes_with_its_evidence() -> None:
    assert Direction(2, 98).words() == ("lower values are better, as 98 of 100 decided pairs say")
