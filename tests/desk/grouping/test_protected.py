"""Brackets, focus stacks, panoramas and time-lapses: recognised, and not what only looks so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageFilter
from tests.desk.sightings import drawn, ids_by_kind, seen, series_of

from fgaesq.desk.grouping import Sighting, group
from fgaesq.types import Image


def bracket(
    stops: Sequence[float],
    *,
    first: int = 0,
    at_s: float = 0.0,
    bias: bool = True,
    **capture: object,
) -> list[Sighting]:
    """Return exposures of one framing, half a second apart."""
    return [
        seen(
            first + i,
            drawn(1, stops=stop, right=i % 2),
            at_s + 0.5 * i,
            exposure_s=2.0**stop / 100,
            bias_ev=stop if bias else 0.0,
            **capture,
        )
        for i, stop in enumerate(stops)
    ]


def stack(*, focus_m: Sequence[float | None]) -> list[Sighting]:
    """Return photos in which the focus moves from the left to the right."""
    sharp = PILImage.fromarray(drawn(1))
    versions = [sharp.filter(ImageFilter.GaussianBlur(0.8 * k)) for k in range(6)]
    levels = np.stack([np.asarray(version) for version in versions])
    number = len(focus_m)
    found = []
    for i, metres in enumerate(focus_m):
        apart = np.abs(np.linspace(0, 1, 320) - (i + 0.5) / number) * 8
        level = np.broadcast_to(apart.astype(int).clip(0, 5), (240, 320))
        image = np.take_along_axis(levels, level[None, ..., None], 0)[0]
        found.append(seen(i, image, i, focus_m=metres))
    return found


def panorama(steps: Sequence[float], *, stops: Sequence[float] | None = None) -> list[Sighting]:
    """Return photos each of which lies by a share of the frame to the right of the last."""
    right = np.rint(320 * np.cumsum([0.0, *steps])).astype(int)
    return [
        seen(i, drawn(1, right=int(x)), 2.0 * i, exposure_s=0.01 * 2 ** (stops[i] if stops else 0))
        for i, x in enumerate(right)
    ]


def lapse(number: int, interval_s: float = 5.0, *, jitter: float = 0.0) -> list[Sighting]:
    """Return photos at an even interval from one viewpoint."""
    rng = np.random.default_rng(0)
    found = []
    for i in range(number):
        image = drawn(1)
        image[20:60, 10 * i % 280 : 10 * i % 280 + 40] = 200  # a cloud
        found.append(seen(i, image, interval_s * (i + float(rng.uniform(-jitter, jitter)))))
    return found


def kinds(sightings: Sequence[Sighting]) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.kind, one.members) for one in group(sightings)]


@pytest.mark.parametrize("stops", [(0, -2, 2), (-2, -1, 0, 1, 2), (0, -0.7, 0.7), (-3, 0, 3)])
def test_exposures_of_one_framing_are_a_bracket(stops: tuple[float, ...]) -> None:
    assert kinds(bracket(stops)) == [("bracket", tuple(range(len(stops))))]


def test_a_bracket_says_its_exposures() -> None:
    why = "exposure bracket: 3 exposures of one framing from -2.0 to +2.0 EV within 1.0 s"
    assert group(bracket((0, -2, 2)))[0].why == why


def test_a_bracket_by_hand_needs_no_compensation() -> None:
    assert kinds(bracket((0, -1, 1), bias=False)) == [("bracket", (0, 1, 2))]


def test_brackets_that_follow_each_other_are_several() -> None:
    twice = bracket((0, -1, 1)) + bracket((0, -1, 1), first=3, at_s=1.5)
    assert kinds(twice) == [("bracket", (0, 1, 2)), ("bracket", (3, 4, 5))]


@pytest.mark.parametrize("stops", [(0, 0, 0, -1, 1), (-1, 0, 1, 0, 0), (0, 0, -1, 0, 1)])
def test_a_bracket_is_found_beside_a_burst(stops: tuple[float, ...]) -> None:
    assert len(ids_by_kind(group(bracket(stops)), "bracket")[0]) == 3


def test_a_camera_that_follows_the_light_does_not_bracket() -> None:
    follows = [seen(i, drawn(1, right=2 * i), 0.5 * i, exposure_s=0.01 * 2.0**i) for i in range(4)]
    assert series_of(group(follows)) == [(0, 1, 2, 3)]


def test_two_exposures_are_a_bracket_only_if_the_camera_says_so() -> None:
    assert series_of(group(bracket((0, -1)))) == [(0, 1)]
    assert kinds(bracket((0, -1), auto_bracket=True)) == [("bracket", (0, 1))]


def test_exposures_of_other_framings_are_no_bracket() -> None:
    scenes = [seen(i, drawn(i), 0.5 * i, bias_ev=i - 1.0, exposure_s=0.01 * 2**i) for i in range(3)]
    assert {kind for kind, _ in kinds(scenes)} == {"single"}


def test_long_exposures_have_their_time() -> None:
    slow = bracket((0, 2, 4))
    night = [
        seen(i, drawn(1, stops=stop), at, exposure_s=2.0**stop, bias_ev=stop)
        for i, (stop, at) in enumerate(((0.0, 0), (2.0, 2), (4.0, 7)))
    ]
    assert kinds(slow) == kinds(night) == [("bracket", (0, 1, 2))]


def test_focus_distances_tell_a_stack() -> None:
    found = group(stack(focus_m=(0.3, 0.4, 0.55, 0.8)))
    assert [(one.kind, one.members) for one in found] == [("focus_stack", (0, 1, 2, 3))]
    assert found[0].why == (
        "focus stack: 4 photos of one framing and exposure within 3.0 s, "
        "focus moves from 0.30 to 0.80 m"
    )


def test_sharpness_that_moves_through_the_frame_tells_a_stack() -> None:
    found = group(stack(focus_m=(None,) * 6))
    assert [one.kind for one in found] == ["focus_stack"]
    assert found[0].why.endswith("sharpness moves through the frame")


def test_blurred_frames_do_not_make_a_stack() -> None:
    sharp = PILImage.fromarray(drawn(1))
    blurred = [sharp.filter(ImageFilter.GaussianBlur(radius)) for radius in (2, 1, 0, 0, 1, 2)]
    burst = [seen(i, np.asarray(image), 0.2 * i) for i, image in enumerate(blurred)]
    assert series_of(group(burst)) == [(0, 1, 2, 3, 4, 5)]


def test_a_focus_that_stays_is_no_stack() -> None:
    burst = [seen(i, drawn(1, right=2 * i), 0.2 * i, focus_m=3.0) for i in range(4)]
    assert series_of(group(burst)) == [(0, 1, 2, 3)]


@pytest.mark.parametrize("step", [0.2, 0.35, 0.5, 0.65])
def test_photos_that_continue_each_other_are_a_panorama(step: float) -> None:
    assert kinds(panorama((step,) * 3)) == [("panorama", (0, 1, 2, 3))]


def test_a_panorama_says_its_steps() -> None:
    why = "panorama: 3 photos of one exposure within 4.0 s, each 50 to 50 % further to the right"
    assert group(panorama((0.5, 0.5)))[0].why == why


def test_another_exposure_ends_a_panorama() -> None:
    assert "panorama" not in dict(kinds(panorama((0.4,) * 3, stops=(0, 2, -1, 3))))


def test_going_back_and_forth_is_no_panorama() -> None:
    assert "panorama" not in dict(kinds(panorama((0.4, -0.4, 0.4, -0.4))))


@pytest.mark.parametrize("interval_s", [1.0, 5.0, 600.0])
def test_an_even_interval_is_a_timelapse(interval_s: float) -> None:
    assert kinds(lapse(24, interval_s)) == [("timelapse", tuple(range(24)))]


def test_a_timelapse_says_its_interval() -> None:
    why = "time-lapse: 24 photos every 5.0 s from one viewpoint, over 115.0 s"
    assert group(lapse(24))[0].why == why


def test_a_timelapse_may_lack_photos() -> None:
    kept = [one for one in lapse(30) if one.id not in {7, 15, 16}]
    assert kinds(kept) == [("timelapse", tuple(one.id for one in kept))]


def test_uneven_intervals_are_no_timelapse() -> None:
    assert series_of(group(lapse(24, jitter=0.4))) == [tuple(range(24))]


def test_an_even_burst_is_no_timelapse() -> None:
    assert series_of(group(lapse(24, 0.1))) == [tuple(range(24))]


def test_other_scenes_at_even_intervals_are_no_timelapse() -> None:
    assert {kind for kind, _ in kinds([seen(i, drawn(i), 5 * i) for i in range(14)])} == {"single"}


def test_what_follows_a_timelapse_on_its_beat_is_no_part_of_it() -> None:
    after: Image = drawn(2)
    assert kinds([*lapse(24), seen(24, after, 24 * 5.0)])[-1] == ("single", (24,))
