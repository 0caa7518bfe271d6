"""The edits: monotone in severity, deterministic, and each what its name says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scenes import scene

from fgaesq.datasets.edits import CROPPING, EDITS, as_jpeg, from_linear, to_linear
from fgaesq.types import Image

PHOTO = scene(120, 180, seed=11)
KINDS = sorted(EDITS)
STEPS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)


def edited(kind: str, severity: float, *, image: Image = PHOTO, seed: int = 0) -> Image:
    return EDITS[kind](image, severity, np.random.default_rng(seed))


def distance(first: Image, second: Image) -> float:
    return float(np.sqrt(np.mean((first.astype(float) - second) ** 2)))


def light_of(image: Image) -> NDArray[np.float64]:
    """Return linear light by the formula of IEC 61966-2-1."""
    code = image / 255
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in CROPPING])
@pytest.mark.parametrize("seed", range(4))
def test_higher_severity_lies_further_from_the_original(kind: str, seed: int) -> None:
    distances = [distance(edited(kind, s, seed=seed), PHOTO) for s in STEPS]
    assert min(np.diff(distances)) > 0
    assert distances[0] > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_small_severity_is_more_than_rounding(kind: str, seed: int) -> None:
    best = edited(kind, 0.0, seed=seed) if kind in CROPPING else PHOTO
    assert distance(edited(kind, 0.15, seed=seed), best) > 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("severity", [0.0, 0.5, 1.0])
def test_shape_and_type_stay_and_the_input_is_not_changed(kind: str, severity: float) -> None:
    image = PHOTO.copy()
    found = edited(kind, severity, image=image)
    assert found.shape == PHOTO.shape
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(image, PHOTO)
    assert not np.shares_memory(found, image)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_generators_give_equal_results(kind: str) -> None:
    np.testing.assert_array_equal(edited(kind, 0.4, seed=3), edited(kind, 0.4, seed=3))


RANDOM = (
    "motion",
    "noise",
    "colour_cast",
    "haze",
    "smear",
    "oversharpening",
    "resampling",
    "warping",
    "tilt",
    "ghosting",
    "occlusion",
    "halos",
    "upscaled",
    "aliasing",
    "duplicated_texture",
    "garbled",
    "vignette_flare",
    "chromatic_noise",
    "checkerboard",
    "desaturation",
)


@pytest.mark.parametrize("kind", KINDS)
def test_only_edits_with_something_random_depend_on_the_generator(kind: str) -> None:
    results = {edited(kind, 0.4, seed=seed).tobytes() for seed in range(8)}
    assert (len(results) > 1) == (kind in RANDOM)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(64, 64), (64, 180)])
def test_small_images_can_be_edited(kind: str, size: tuple[int, int]) -> None:
    assert edited(kind, 1.0, image=scene(*size)).shape == (*size, 3)


def test_linear_light_and_back_is_exact_for_every_code() -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = np.stack([codes, codes.T, codes[::-1]], axis=-1)
    np.testing.assert_array_equal(from_linear(to_linear(image)), image)
    np.testing.assert_allclose(to_linear(image), light_of(image), atol=1e-7)


def test_light_beyond_the_range_is_clipped() -> None:
    light = np.array([[[-3.0, 0.0, 7.0]]], np.float32)
    np.testing.assert_array_equal(from_linear(light), [[[0, 0, 255]]])


@pytest.mark.parametrize("severity", [0.0, 0.3, 1.0])
def test_exposure_is_changed_by_the_stated_stops(severity: float) -> None:
    dark = np.full((64, 64, 3), 50, np.uint8)
    up = light_of(edited("overexposure", severity, image=dark)).mean()
    stops_up = np.log2(up / light_of(dark).mean())
    assert stops_up == pytest.approx(0.3 + 2.3 * severity, abs=0.03)
    bright = np.full((64, 64, 3), 250, np.uint8)
    down = light_of(edited("underexposure", severity, image=bright)).mean()
    stops_down = np.log2(light_of(bright).mean() / down)
    assert stops_down == pytest.approx(0.4 + 3.6 * severity, abs=0.03)


def test_overexposure_clips_highlights() -> None:
    assert (edited("overexposure", 0.5, image=np.full((64, 64, 3), 200, np.uint8)) == 255).all()


@pytest.mark.parametrize("kind", ["defocus", "motion"])
@pytest.mark.parametrize("severity", [0.1, 0.5, 1.0])
def test_blur_keeps_the_light(kind: str, severity: float) -> None:
    image = np.zeros((128, 128, 3), np.uint8)
    image[56:72, 56:72] = 255
    after = light_of(edited(kind, severity, image=image)).sum()
    assert after == pytest.approx(light_of(image).sum(), rel=0.02)


def test_defocus_spreads_a_point_over_a_disc_of_seven_pixels() -> None:
    image = np.zeros((65, 65, 3), np.uint8)
    image[32, 32] = 255
    y, x = np.nonzero(edited("defocus", 1.0, image=image)[..., 0])
    reach = np.hypot(y - 32, x - 32).max()
    assert 6.5 <= reach <= 7.6


def test_motion_spreads_a_point_along_a_path() -> None:
    image = np.zeros((101, 101, 3), np.uint8)
    image[50, 50] = 255
    for seed in range(5):
        y, x = np.nonzero(edited("motion", 1.0, image=image, seed=seed)[..., 0])
        extent = np.hypot(y.max() - y.min(), x.max() - x.min())
        assert 30 <= extent <= 38
        assert len(y) < 130  # a line, not a disc


def test_noise_has_the_mean_of_the_image_and_grows() -> None:
    grey = np.full((256, 256, 3), 128, np.uint8)
    spreads = []
    for severity in (0.0, 0.5, 1.0):
        found = light_of(edited("noise", severity, image=grey, seed=1))
        assert found.mean() == pytest.approx(light_of(grey).mean(), rel=0.05)
        spreads.append(found.std())
    assert spreads[0] < spreads[1] / 3 < spreads[2] / 9


@pytest.mark.parametrize("seed", range(6))
def test_a_colour_cast_tints_and_keeps_the_luminance(seed: int) -> None:
    grey = np.full((64, 64, 3), 100, np.uint8)
    found = light_of(edited("colour_cast", 0.5, image=grey, seed=seed)).mean(axis=(0, 1))
    luminance = np.array([0.2126, 0.7152, 0.0722])
    assert found @ luminance == pytest.approx(light_of(grey)[0, 0] @ luminance, rel=0.02)
    gains = np.log(found / found.mean())
    assert gains.max() - gains.min() > 0.5


def test_haze_draws_the_image_towards_grey_air() -> None:
    for value in (0, 255):
        image = np.full((64, 64, 3), value, np.uint8)
        found = edited("haze", 1.0, image=image)
        assert 150 < found.mean() < 240
    assert edited("haze", 1.0).std() < PHOTO.std() / 2


def test_compression_leaves_what_jpeg_leaves() -> None:
    code = cv2.imencode(".jpg", PHOTO[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 4])[1]
    decoded = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR))[..., ::-1]
    np.testing.assert_array_equal(edited("compression", 1.0), decoded)
    np.testing.assert_array_equal(edited("compression", 0.0), as_jpeg(PHOTO, 55))


def test_oversaturation_leaves_grey_alone_and_drives_colours_apart() -> None:
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    np.testing.assert_array_equal(edited("oversaturation", 1.0, image=grey), grey)
    colour = np.full((4, 4, 3), (120, 100, 90), np.uint8)
    found = edited("oversaturation", 0.0, image=colour)[0, 0].astype(int)
    assert found[0] - found[2] == pytest.approx(1.3 * 30, abs=1.1)


@pytest.mark.parametrize("kind", ["smear", "oversharpening", "resampling", "defocus", "motion"])
def test_flat_areas_stay_flat(kind: str) -> None:
    flat = np.full((96, 96, 3), (40, 120, 200), np.uint8)
    np.testing.assert_allclose(edited(kind, 0.7, image=flat), flat, atol=1)


def test_smear_wipes_texture_and_keeps_edges() -> None:
    rng = np.random.default_rng(0)
    texture = rng.normal(0, 4, (96, 96, 3))
    image = np.clip(60 + 130 * (np.arange(96) >= 48)[None, :, None] + texture, 0, 255)
    found = edited("smear", 0.3, image=image.astype(np.uint8)).astype(float)
    assert found[:, 8:36].std() < image[:, 8:36].std() / 2
    step = found[:, 48].mean() - found[:, 47].mean()
    assert step > 110


def test_oversharpening_overshoots_at_edges() -> None:
    image = np.full((64, 64, 3), 80, np.uint8)
    image[:, 32:] = 160
    found = edited("oversharpening", 0.3, image=image)
    assert found.max() > 180
    assert found.min() < 60


def test_resampling_loses_fine_structure() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    found = edited("resampling", 1.0, image=stripes)
    assert found.std() < 30


def test_warping_moves_pixels_about() -> None:
    y, x = np.mgrid[:128, :128]
    ramp = np.stack([y, x, y], axis=-1).astype(np.uint8)
    found = edited("warping", 0.5, image=ramp).astype(int)
    moved = np.hypot(found[..., 0] - y, found[..., 1] - x)[24:-24, 24:-24]
    assert 1 < moved.mean() < 15


@pytest.mark.parametrize(("severity", "levels"), [(0.0, 26), (1.0, 4)])
def test_banding_leaves_so_many_levels(severity: float, levels: int) -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert len(np.unique(edited("banding", severity, image=ramp))) == levels


def spots(*, size: int = 400) -> Image:
    """Return a black frame with a soft red spot left of the middle and a green one right of it."""
    image = np.zeros((size, size, 3), np.uint8)
    image[size // 2, size // 2 - 80, 0] = 255
    image[size // 2, size // 2 + 80, 1] = 255
    soft = cv2.GaussianBlur(image.astype(np.float32) * 40, (0, 0), 3)
    return np.clip(soft, 0, 255).astype(np.uint8)


def line_through_spots(image: Image) -> NDArray[np.float64]:
    """Return the vector (y, x) from the red spot to the green one."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    middles = [
        np.array([(y * image[..., c]).sum(), (x * image[..., c]).sum()]) / image[..., c].sum()
        for c in (0, 1)
    ]
    return np.asarray(middles[1] - middles[0])


@pytest.mark.parametrize("severity", [0.05, 0.3, 0.7, 1.0])
def test_tilt_turns_by_the_stated_angle_either_way(severity: float) -> None:
    turned = []
    for seed in range(6):
        dy, dx = line_through_spots(edited("tilt", severity, image=spots(), seed=seed))
        turned.append(np.degrees(np.arctan2(dy, dx)))
    np.testing.assert_allclose(np.abs(turned), 1.5 + 9.5 * severity, atol=0.1)
    assert min(turned) < 0 < max(turned)


def test_tilt_of_severity_zero_is_the_same_crop_unturned() -> None:
    upright = line_through_spots(edited("tilt", 0.0, image=spots()))
    turned = line_through_spots(edited("tilt", 0.8, image=spots()))
    assert upright[0] == pytest.approx(0, abs=0.05)
    assert np.hypot(*upright) == pytest.approx(np.hypot(*turned), rel=0.01)
    assert np.hypot(*upright) > 161


@pytest.mark.parametrize("size", [(240, 360), (360, 240), (300, 300), (64, 180)])
def test_tilt_leaves_no_empty_corner(size: tuple[int, int]) -> None:
    white = np.full((*size, 3), 255, np.uint8)
    assert edited("tilt", 0.97, image=white).min() == 255
    assert edited("tilt", 1.0, image=white).min() > 200
