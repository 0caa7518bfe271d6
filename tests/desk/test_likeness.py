"""Fingerprints: what does not change them much, what does, and how photos continue each other."""

from __future__ import annotations

import numpy as np
import pytest
from tests.scenes import scene

from fgaesq.desk.likeness import (
    Fingerprint,
    Fingerprints,
    fingerprint,
    likeness,
    overlap,
    pair_likeness,
    pair_overlap,
)
from fgaesq.errors import InputError
from fgaesq.types import Image

LARGE = scene(360, 640, seed=1)


def frame(top: int = 30, left: int = 50, *, height: int = 300, width: int = 400) -> Image:
    return np.ascontiguousarray(LARGE[top : top + height, left : left + width])


def blank(level: int) -> Image:
    return np.full((300, 400, 3), level, np.uint8)


def alike(first: Image, second: Image) -> float:
    return likeness(fingerprint(first), fingerprint(second))


def test_a_photo_is_fully_like_itself() -> None:
    assert alike(frame(), frame()) == pytest.approx(1, abs=1e-5)


def test_a_shift_of_a_few_percent_counts_little() -> None:
    assert alike(frame(), frame(38, 66)) > 0.85


def test_exposure_counts_little() -> None:
    darker = (frame() * 0.45).astype(np.uint8)
    assert alike(frame(), darker) > 0.85


def test_grain_counts_little() -> None:
    grain = np.random.default_rng(0).normal(0, 12, frame().shape)
    assert alike(frame(), np.clip(frame() + grain, 0, 255).astype(np.uint8)) > 0.9


def test_other_scenes_are_not_alike() -> None:
    others = [alike(frame(), scene(300, 400, seed=seed)) for seed in range(2, 12)]
    assert max(others) < 0.4


def test_likeness_is_the_same_both_ways() -> None:
    other = frame(38, 66)
    assert alike(frame(), other) == pytest.approx(alike(other, frame()), abs=1e-5)


def test_photos_without_structure_are_compared_by_light() -> None:
    assert alike(blank(90), blank(92)) > 0.9
    assert alike(blank(20), blank(200)) < 0.1


def test_brightness_is_in_stops() -> None:
    linear_half = round(255 * 0.5 ** (1 / 2.2))
    white, half = fingerprint(blank(255)), fingerprint(blank(linear_half))
    assert white.brightness_ev == pytest.approx(0, abs=0.01)
    assert half.brightness_ev == pytest.approx(-1, abs=0.02)


def test_sharpness_tells_where_the_frame_is_sharp() -> None:
    image = frame()
    image[:, 200:] = 128
    sharpness = fingerprint(image).sharpness
    assert sharpness[:, :4].min() > 20
    assert sharpness[:, 5:].max() == 0


def test_fingerprint_is_stored_in_some_bytes_and_comes_back() -> None:
    stored = fingerprint(frame()).to_bytes()
    assert len(stored) == 1221
    back = Fingerprint.from_bytes(stored)
    assert back.to_bytes() == stored
    assert back.aspect == pytest.approx(4 / 3)
    assert back.colour.min() < 0


@pytest.mark.parametrize("content", [b"", b"\x01" * 7, b"\x09" + b"0" * 1220])
def test_other_bytes_are_refused(content: bytes) -> None:
    expected = (
        f"a stored fingerprint has {len(content)} bytes of version {content[:1].hex()}, "
        "not 1221 of version 01; read the photo again"
    )
    with pytest.raises(InputError) as raised:
        Fingerprint.from_bytes(content)
    assert str(raised.value) == expected


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (2000, 3)])
def test_any_shape_has_a_fingerprint(shape: tuple[int, int]) -> None:
    assert fingerprint(np.full((*shape, 3), 100, np.uint8)).aspect == shape[1] / shape[0]


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_overlap_tells_how_far_to_the_right_the_second_photo_lies(share: float) -> None:
    first = fingerprint(frame(0, 0, height=300, width=360))
    second = fingerprint(frame(0, round(360 * share), height=300, width=360))
    found = overlap(first, second)
    assert found.down == 0
    assert found.right == pytest.approx(share, abs=0.03)
    assert found.confidence > 0.5
    assert overlap(second, first).right == pytest.approx(-share, abs=0.03)


def test_overlap_tells_how_far_down_the_second_photo_lies() -> None:
    found = overlap(fingerprint(frame(0, 0, height=200)), fingerprint(frame(100, 0, height=200)))
    assert found.down == pytest.approx(0.5, abs=0.03)
    assert found.right == 0


def test_other_scenes_do_not_overlap() -> None:
    first = fingerprint(frame())
    others = [overlap(first, fingerprint(scene(300, 400, seed=seed))) for seed in range(2, 8)]
    assert max(one.confidence for one in others) < 0.3


def test_pairs_compared_at_once_are_as_alike_as_one_by_one() -> None:
    prints = [fingerprint(frame(left=left)) for left in (0, 15, 120)]
    first, second = [0, 0, 1], [1, 2, 2]
    many = Fingerprints(prints)
    together, _ = pair_likeness(many, first, second)
    (_, right), _ = pair_overlap(many, first, second)
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        assert together[place] == pytest.approx(likeness(prints[one], prints[other]), abs=1e-5)
        assert right[place] == overlap(prints[one], prints[other]).right


def test_no_pairs_are_no_trouble() -> None:
    alikes, shifts = pair_likeness(Fingerprints([]), [], [])
    assert (len(alikes), len(shifts)) == (0, 0)
