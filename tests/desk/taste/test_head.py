"""The head against the user who made the picks, and against other ways to compute it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from fgaesq.desk.taste.head import FEWEST_GROUPS, Head, HeldOut, Picks, fit_head

Floats = NDArray[np.float64]


def picks_of(
    groups: int,
    taste: Floats,
    *,
    confidence: float = 1.0,
    noise: float = 1.0,
    seed: int = 0,
    repeat: int = 1,
) -> Picks:
    """Return the picks of a user who prefers the best of four by confidence * s + taste . f.

    With noise 1 (Gumbel) the user follows Plackett-Luce, as the head supposes.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(groups, 4, len(taste)))
    strengths = rng.normal(size=(groups, 4))
    value = confidence * strengths + features @ taste + noise * rng.gumbel(size=(groups, 4))
    rows = np.arange(groups)[:, None]
    best = value.argmax(axis=1)[:, None]
    others = np.array([[k for k in range(4) if k != b] for b in best[:, 0]])
    count = 3 * repeat
    return Picks(
        np.repeat((strengths[rows, best] - strengths[rows, others]).ravel(), repeat),
        np.repeat(
            (features[rows, best] - features[rows, others]).reshape(-1, len(taste)), repeat, 0
        ),
        np.repeat(np.arange(groups), count),
        np.ones(len(taste)),
    )


def fit(picks: Picks) -> tuple[Floats, HeldOut]:
    head, held_out = fit_head(picks, rng=np.random.default_rng(0))
    return np.array([head.confidence, *head.weights]), held_out


def test_a_taste_is_found_and_helps() -> None:
    taste = np.random.default_rng(3).normal(0, 0.7, 16)
    coefficients, held_out = fit(picks_of(400, taste))
    assert np.corrcoef(coefficients[1:], taste)[0, 1] > 0.95
    assert held_out.helps
    assert held_out.accuracy > held_out.model_accuracy + 0.1


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_random_picks_and_picks_by_the_score_teach_no_taste(confidence: float, seed: int) -> None:
    picks = picks_of(120, np.zeros(16), confidence=confidence, seed=seed)
    assert not fit(picks)[1].helps


def test_few_picks_teach_no_taste_however_clear() -> None:
    picks = picks_of(FEWEST_GROUPS - 1, np.full(4, 5.0), noise=0.0)
    held_out = fit(picks)[1]
    assert held_out.accuracy > held_out.model_accuracy + 0.1
    assert not held_out.helps


def test_a_person_who_prefers_low_scores_has_a_taste() -> None:
    coefficients, held_out = fit(picks_of(200, np.zeros(4), confidence=-2.0))
    assert coefficients[0] < 0
    assert held_out.helps


def test_without_features_the_confidence_is_the_most_probable_one() -> None:
    picks = picks_of(100, np.zeros(1), confidence=0.4)
    blank = Picks(picks.strengths, np.zeros((300, 1)), picks.groups, np.zeros(1))

    def loss(confidence: float) -> float:
        logs = np.logaddexp(0, -confidence * picks.strengths)
        return float(logs.sum() / 3 + (confidence - 1) ** 2 / 2)

    assert fit(blank)[0] == pytest.approx([minimize_scalar(loss).x, 0.0], abs=1e-3)


def test_a_group_counts_alike_however_many_pairs_it_has() -> None:
    taste = np.array([1.0, -1.0])
    once, often = fit(picks_of(60, taste)), fit(picks_of(60, taste, repeat=3))
    assert often[0] == pytest.approx(once[0], rel=1e-6)
    assert often[1].likelihood == pytest.approx(once[1].likelihood, rel=1e-6)


def test_the_unit_of_a_feature_has_no_influence() -> None:
    picks = picks_of(60, np.array([1.0, -1.0]))
    scale = np.array([1000.0, 0.01])
    scaled = Picks(picks.strengths, picks.features * scale, picks.groups, picks.spread * scale)
    assert fit(scaled)[0][1:] * scale == pytest.approx(fit(picks)[0][1:], rel=1e-6)


def test_two_thousand_groups_of_wide_features_are_fitted() -> None:
    taste = np.zeros(128)
    taste[:3] = 1.0
    coefficients, held_out = fit(picks_of(2000, taste))
    assert held_out.helps
    assert np.corrcoef(coefficients[1:], taste)[0, 1] > 0.9


@pytest.mark.parametrize("n", range(2, 40))
def test_equal_photos_have_equal_strengths_wherever_they_stand(n: int) -> None:
    rng = np.random.default_rng(n)
    features = np.repeat(rng.normal(size=(1, 65)).astype(np.float32), n, axis=0)
    head = Head(1.0, rng.normal(size=65))
    assert len(set(head.strengths(np.ones(n), features).tolist())) == 1
