"""From marks of simulated users on real features to the order of a shoot, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.conftest import write_tiny
from tests.desk.photo_shoots import snapshot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.journal import set_marks
from fgaesq.desk.catalogue.tastes import (
    delete_taste,
    rankings_in_shoot,
    read_features,
    read_taste,
    switch_taste,
)
from fgaesq.desk.culling import Culled, cull
from fgaesq.desk.records import DeskGroup, Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.desk.taste import fit_taste
from fgaesq.desk.taste.learning import TasteUse
from fgaesq.ranking.ranker import Ranker, load

Wish = Callable[[DeskGroup], list[float]]
"""How much a user likes each photo of a group."""

TAUGHT = 40
"""Groups of 48 that users mark; the others tell what was learned."""


@pytest.fixture
def groups(folder: Path, catalogue: Catalogue) -> list[DeskGroup]:
    return list(ShootDesk([folder], catalogue).groups())


@pytest.fixture
def wish(folder: Path, catalogue: Catalogue, ranker: Ranker) -> Wish:
    """A user with a linear taste for the features."""
    vectors: dict[bytes, NDArray[np.float64]] = {}
    for ranking in rankings_in_shoot(catalogue, [folder]):
        features = read_features(catalogue, ranking, ranker.identity.sha256)
        assert features is not None
        vectors |= dict(zip(features.contents, features.vectors.astype(float), strict=True))
    spread = np.std(list(vectors.values()), axis=0)
    taste = np.random.default_rng(0).normal(size=len(spread)) / spread
    rows = catalogue.rows("SELECT id, content FROM photos")
    liking = {photo: float(vectors[content] @ taste) for photo, content in rows}
    return lambda group: [liking[photo.id] for photo in group.photos]


def mark_best(catalogue: Catalogue, groups: list[DeskGroup], wish: Wish) -> None:
    for group in groups:
        best = int(np.argmax(wish(group)))
        for place, photo in enumerate(group.photos):
            set_marks(catalogue, [photo.id], Mark("keep" if place == best else "reject"))


def firsts_liked(groups: list[DeskGroup], wish: Wish) -> int:
    """Return how many groups begin with what the user likes best."""
    return sum(int(np.argmax(wish(group))) == 0 for group in groups)


def scores(culled: Culled) -> dict[str, float | None]:
    return {photo.path: photo.score for group in culled.groups for photo in group.photos}


def test_a_taste_puts_first_what_the_person_likes_in_groups_never_marked(
    folder: Path, catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup], wish: Wish
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    before = cull([folder], catalogue, ranker)
    taste = fit_taste(catalogue, ranker.identity)
    assert taste.helps
    assert taste.switched_on
    assert (taste.groups, taste.picks) == (TAUGHT, 4 * TAUGHT)
    after = cull([folder], catalogue, ranker)
    assert after.read == 0
    rest = list(after.groups[TAUGHT:])
    assert firsts_liked(rest, wish) >= 7 > firsts_liked(groups[TAUGHT:], wish)
    assert all(group.taste == taste.picks for group in rest)
    assert scores(after) == scores(before), "scores are the model's"
    assert after.taste is not None
    assert after.taste.words == "with your taste, learned from 160 picks"


def test_order_probabilities_and_proposals_agree(
    folder: Path, catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup], wish: Wish
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    fit_taste(catalogue, ranker.identity)
    culled = cull([folder], catalogue, ranker)
    desk = ShootDesk([folder], catalogue)
    for group in culled.groups[TAUGHT:]:
        assert [photo.rank for photo in group.photos] == [1, 2, 3, 4]
        chances = [photo.p_best or 0 for photo in group.photos]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) == pytest.approx(1)
        pairs = {(pair.first, pair.second): pair.p for pair in desk.pairs(group.id)}
        assert len(pairs) == 6
        assert pairs[group.photos[0].path, group.photos[1].path] == pytest.approx(group.margin)
        assert all(p >= 0.5 for p in pairs.values())
        verbs = [photo.proposal.verb for photo in group.photos if photo.proposal]
        assert verbs[0] != "reject"
        assert verbs[-1] != "keep"
    assert desk.counts()["taste"] == 160


@pytest.mark.parametrize("end", ["off", "delete"])
def test_without_the_taste_the_order_is_that_of_the_model(
    folder: Path,
    catalogue: Catalogue,
    ranker: Ranker,
    groups: list[DeskGroup],
    wish: Wish,
    end: str,
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    before = snapshot(groups)
    fit_taste(catalogue, ranker.identity)
    assert snapshot(cull([folder], catalogue, ranker).groups) != before
    if end == "off":
        switch_taste(catalogue, on=False)
    else:
        delete_taste(catalogue)
    culled = cull([folder], catalogue, ranker)
    assert snapshot(culled.groups) == before
    assert all(not group.taste for group in culled.groups)
    told = (
        None
        if end == "delete"
        else TasteUse(4 * TAUGHT, used=False, words="your taste is switched off")
    )
    assert culled.taste == told
    assert catalogue.rows("SELECT count(*) FROM tasted") == [(0,)]


def test_another_model_voids_the_taste_until_it_is_fitted_again(
    folder: Path,
    catalogue: Catalogue,
    ranker: Ranker,
    groups: list[DeskGroup],
    wish: Wish,
    tmp_path: Path,
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    fit_taste(catalogue, ranker.identity)
    write_tiny(tmp_path / "other", seed=8)
    other = load(tmp_path / "other")
    culled = cull([folder], catalogue, other)
    assert all(not group.taste for group in culled.groups)
    assert culled.taste is not None
    assert culled.taste.stale
    assert "another model" in culled.taste.words
    fitted = fit_taste(catalogue, other.identity)
    assert fitted.sha256 == other.identity.sha256
    assert fitted.picks == 4 * TAUGHT


def test_random_picks_leave_it_off(
    folder: Path, catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup]
) -> None:
    rng = np.random.default_rng(5)
    mark_best(catalogue, groups, lambda group: list(rng.random(len(group.photos))))
    taste = fit_taste(catalogue, ranker.identity)
    assert taste.held_out is not None
    assert not taste.helps
    assert not taste.switched_on
    culled = cull([folder], catalogue, ranker)
    assert snapshot(culled.groups) == snapshot(groups)


def test_few_picks_leave_it_off(
    catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup], wish: Wish
) -> None:
    mark_best(catalogue, groups[:29], wish)
    taste = fit_taste(catalogue, ranker.identity)
    assert (taste.groups, taste.held_out, taste.switched_on) == (29, None, False)


def test_proposals_alone_teach_nothing(
    catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup]
) -> None:
    assert all(photo.proposal for group in groups for photo in group.photos)
    assert fit_taste(catalogue, ranker.identity).picks == 0


def test_groups_of_which_all_photos_are_needed_teach_nothing(
    catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup], wish: Wish
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    catalogue.write("UPDATE groups SET kind = 'bracket' WHERE id = ?", (groups[0].id,))
    assert fit_taste(catalogue, ranker.identity).groups == TAUGHT - 1


def test_the_taste_is_stored_as_it_was_fitted(
    catalogue: Catalogue, ranker: Ranker, groups: list[DeskGroup], wish: Wish
) -> None:
    mark_best(catalogue, groups[:TAUGHT], wish)
    fitted = fit_taste(catalogue, ranker.identity)
    stored = read_taste(catalogue)
    assert stored is not None
    assert stored.weights.tolist() == fitted.weights.tolist()
    assert stored.confidence == fitted.confidence
    assert stored.held_out == fitted.held_out
