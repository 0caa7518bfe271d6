"""What keeps the order of a constructed series certain, and its local edits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.datasets.constructed import edited
from fgaesq.datasets.edits import CROPPING, EDITS, LOCAL, UNDOES


def test_edits_that_undo_each_other_are_mutual_and_known() -> None:
    for name, others in UNDOES.items():
        assert name not in others
        assert others <= EDITS.keys()
        assert all(name in UNDOES[other] for other in others)
    assert "underexposure" in UNDOES["overexposure"]


def test_local_and_cropping_edits_exist() -> None:
    assert EDITS.keys() >= LOCAL | CROPPING
    assert not LOCAL & CROPPING


@pytest.mark.parametrize("kind", EDITS)
def test_no_series_adds_a_crop_to_another_edit(kind: str) -> None:
    for seed in range(100):
        steps = edited._drawn_steps(kind, np.random.default_rng(seed))
        assert not {steps.common, steps.second} & CROPPING


@pytest.mark.parametrize("kind", sorted(CROPPING))
def test_a_crop_of_severity_zero_is_still_made(kind: str) -> None:
    photo = scene(120, 160)
    steps = edited._Steps(kind, "", 0.0, "", 1.0, (0.5, 0.5), 1.0, (0, 0, 0))
    assert (edited._edited(photo, steps, 0.0) != photo).any()


@pytest.mark.parametrize("kind", EDITS)
def test_no_series_combines_edits_that_undo_each_other(kind: str) -> None:
    for seed in range(200):
        steps = edited._drawn_steps(kind, np.random.default_rng(seed))
        used = [kind, steps.second if steps.second else kind]
        used.append(steps.common if steps.burden else kind)
        assert not any(a in UNDOES[b] for a in used for b in used)


def test_local_edit_leaves_the_frame_outside_its_ellipse_alone() -> None:
    outside = np.full((200, 300, 3), 100, np.uint8)
    steps = edited._Steps("defocus", "", 0.0, "", 0.1, (0.5, 0.5), 1.0, (0, 0, 0))
    blend = edited._inside_ellipse(outside, np.full_like(outside, 200), steps)
    changed = blend[..., 0] != 100
    assert changed.mean() == pytest.approx(0.1, rel=0.25)
    assert blend[100, 150, 0] == 200
    assert not changed[:, :60].any()
    assert not changed[:20].any()


def test_area_is_that_of_the_whole_frame_for_edits_of_light() -> None:
    areas = {edited._drawn_steps("haze", np.random.default_rng(seed)).area for seed in range(50)}
    assert areas == {1.0}
    local = [edited._drawn_steps("defocus", np.random.default_rng(seed)).area for seed in range(50)]
    assert min(local) < 0.35 < max(local) == 1.0
