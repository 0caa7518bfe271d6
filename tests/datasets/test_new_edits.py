"""Edits of structure, framing and contrast: each is what its name says, and more holds less."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene

from fgaesq.datasets.edits import EDITS, SUITED
from fgaesq.types import Image

PHOTO = scene(160, 240, seed=5)


def edited(kind: str, severity: float, *, image: Image = PHOTO, seed: int = 0) -> Image:
    return EDITS[kind](image, severity, np.random.default_rng(seed))


def changed(kind: str, severity: float, *, seed: int) -> NDArray[np.bool_]:
    difference = np.abs(edited(kind, severity, seed=seed).astype(int) - PHOTO)
    return np.asarray(difference.max(axis=-1) > 8)


def red_square() -> Image:
    """Return a grey frame with one thing in it, right of and below the middle."""
    image = np.full((160, 240, 3), 120, np.uint8)
    image[80:130, 130:190] = (250, 40, 40)
    return image


def share_of_red(image: Image) -> float:
    return float((image[..., 0].astype(int) - image[..., 1] > 100).mean())


@pytest.mark.parametrize("kind", ["ghosting", "occlusion", "duplicated_texture", "garbled"])
@pytest.mark.parametrize("seed", range(5))
def test_the_place_of_an_edit_grows_and_the_rest_stays(kind: str, seed: int) -> None:
    places = [changed(kind, severity, seed=seed) for severity in (0.0, 0.5, 1.0)]
    shares = [place.mean() for place in places]
    assert 0.003 < shares[0] < shares[1] < shares[2] < 0.75
    for less, more in zip(places[:-1], places[1:], strict=True):
        assert more[less].mean() > 0.8


@pytest.mark.parametrize("seed", range(6))
def test_occlusion_comes_from_the_border(seed: int) -> None:
    place = changed("occlusion", 0.2, seed=seed)
    assert place[0].any() or place[-1].any() or place[:, 0].any() or place[:, -1].any()


@pytest.mark.parametrize("seed", range(6))
def test_occlusion_covers_more_of_the_same_places(seed: int) -> None:
    white = np.full((160, 240, 3), 255, np.uint8)
    covers = [edited("occlusion", s, image=white, seed=seed).astype(int) for s in (0.1, 0.3, 0.8)]
    for less, more in zip(covers[:-1], covers[1:], strict=True):
        assert (more <= less + 12).all()


def test_a_clear_subject_is_whole_at_first_and_then_cut_more_and_more() -> None:
    image = red_square()
    assert SUITED["cut_off"](image) >= 1
    shares = [share_of_red(edited("cut_off", s, image=image)) for s in (0.0, 0.1, 0.4, 0.7, 1.0)]
    whole = share_of_red(image)
    assert shares[0] > 1.5 * whole  # all of it, enlarged
    assert max(np.diff(shares)) < 0
    assert shares[1] < 0.97 * shares[0]
    assert shares[-1] < 0.7 * shares[0]


@pytest.mark.parametrize("turns", range(4))
def test_the_subject_is_found_on_any_side(turns: int) -> None:
    image = np.ascontiguousarray(np.rot90(red_square(), turns))
    assert SUITED["cut_off"](image) >= 1
    assert share_of_red(edited("cut_off", 1.0, image=image)) < 0.7 * share_of_red(
        edited("cut_off", 0.0, image=image)
    )


def test_a_frame_without_a_subject_is_not_clear() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (160, 240, 3)).astype(np.uint8)
    assert SUITED["cut_off"](noise) < 1


def test_halos_brighten_beyond_an_edge_and_darken_before_it() -> None:
    image = np.full((160, 240, 3), 90, np.uint8)
    image[:, 120:] = 160
    row = edited("halos", 0.6, image=image)[80, :, 1].astype(int)
    assert row[119] < row[60] - 20
    assert row[120] > row[180] + 20


def test_plastic_wipes_texture_and_keeps_edges_crisp() -> None:
    grain = np.random.default_rng(0).normal(0, 6, (96, 96, 3))
    image = np.clip(60 + 130 * (np.arange(96) >= 48)[None, :, None] + grain, 0, 255)
    found = edited("plastic", 0.6, image=image.astype(np.uint8)).astype(float)
    assert found[:, 8:40].std() < image[:, 8:40].std() / 1.5
    assert found[:, 48].mean() - found[:, 47].mean() > 115


def test_upscaled_loses_texture_and_has_no_halo() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    assert edited("upscaled", 0.5, image=stripes).std() < 40
    step = np.full((64, 64, 3), 80, np.uint8)
    step[:, 32:] = 160
    found = edited("upscaled", 0.5, image=step)
    assert found.min() >= 79
    assert found.max() <= 161


def test_aliasing_keeps_contrast_that_smooth_resampling_would_lose() -> None:
    stripes = np.where(np.arange(240) % 5 < 2, 255, 0).astype(np.uint8)
    image = np.broadcast_to(stripes[None, :, None], (160, 240, 3)).copy()
    assert edited("aliasing", 0.6, image=image).std() > 80


def test_flat_contrast_lifts_black_lowers_white_and_dulls() -> None:
    for severity, black, white in ((0.0, 14, 244), (1.0, 104, 160)):
        ends = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
        found = edited("flat_contrast", severity, image=ends)[0, :, 0]
        np.testing.assert_allclose(found, [black, white], atol=1)
    colour = np.full((4, 4, 3), (200, 100, 50), np.uint8)
    assert np.ptp(edited("flat_contrast", 0.5, image=colour)[0, 0]) < 75


def test_harsh_contrast_clips_both_ends_and_keeps_the_middle() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    found = edited("harsh_contrast", 0.0, image=ramp)[0, :, 0].astype(int)
    assert (found == 0).sum() > 50
    assert (found == 255).sum() > 50
    assert abs(found[127] - 127) <= 2


def test_vignette_flare_darkens_corners_or_adds_light() -> None:
    grey = np.full((160, 240, 3), 100, np.uint8)
    signs = set()
    for seed in range(12):
        change = edited("vignette_flare", 0.5, image=grey, seed=seed).astype(int) - grey
        assert (change <= 1).all() or (change >= 0).all()
        signs.add(int(np.sign(change.sum())))
    assert signs == {-1, 1}


def test_chromatic_noise_is_coloured_coarse_and_leaves_lightness() -> None:
    grey = np.full((200, 200, 3), 120, np.uint8)
    found = edited("chromatic_noise", 0.3, image=grey).astype(float)
    lightness = found @ np.array([0.299, 0.587, 0.114])
    assert lightness.std() < 1
    red = found[..., 0] - found[..., 0].mean()
    assert red.std() > 4
    assert (red[:, 1:] * red[:, :-1]).mean() > 0.8 * red.var()


@pytest.mark.parametrize("seed", range(4))
def test_a_checkerboard_repeats(seed: int) -> None:
    grey = np.full((160, 160, 3), 120, np.uint8)
    found = edited("checkerboard", 0.6, image=grey, seed=seed).astype(float)[..., 0]
    spectrum = np.abs(np.fft.fft2(found - found.mean()))
    peaks = np.sort(spectrum.ravel())[::-1]
    assert (peaks[:200] ** 2).sum() > 0.9 * (peaks**2).sum()


def between_channels(image: Image) -> NDArray[np.float64]:
    return np.asarray(image.max(axis=-1).astype(float) - image.min(axis=-1))


def test_half_of_the_colours_is_left_at_first_and_then_less() -> None:
    whole = between_channels(PHOTO).mean()
    untoned = [between_channels(edited("desaturation", s, seed=1)).mean() for s in (0, 0.5, 1)]
    np.testing.assert_allclose(np.array(untoned) / whole, [0.5, 0.25, 0], atol=0.02)


def test_now_and_then_what_is_left_is_toned() -> None:
    greys = [between_channels(edited("desaturation", 1, seed=seed)).max() for seed in range(60)]
    toned = np.array(greys) > 0
    assert 0.15 < toned.mean() < 0.45
    assert min(np.array(greys)[toned]) > 10


@pytest.mark.parametrize("seed", range(4))
def test_the_light_stays_where_colours_go(seed: int) -> None:
    luma = np.array([0.299, 0.587, 0.114])
    for severity in (0.0, 0.5, 1.0):
        change = (edited("desaturation", severity, seed=seed).astype(float) - PHOTO) @ luma
        assert np.abs(change).mean() < 8
