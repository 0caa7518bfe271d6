"""Judging: which images a series loses, for which reason, by which numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.building.refine.made import LINES, measures, plain_series, sources

from fgaesq.building.records import Category, Drop
from fgaesq.building.refine.judging import Judgement, judged
from fgaesq.building.refine.measuring import Measured

APART = {"likeness": 0.1, "ssim": 0.2, "matches": 0.0}


def judgement(
    measured: Measured, images: int = 4, category: Category = "natural", **sizes: int
) -> Judgement:
    known = sources(images, sizes={int(name[1:]): side for name, side in sizes.items()})
    return judged(plain_series(images, category), measured, LINES, known)


def reasons(found: Judgement) -> dict[int | None, str]:
    return {drop.image: drop.reason for drop in found.drops}


def apart(*pairs: tuple[int, int]) -> dict[tuple[int, int], dict[str, float]]:
    return dict.fromkeys(pairs, APART)


def test_a_sound_series_loses_nothing() -> None:
    assert judgement(measures(4)) == Judgement(())


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"content": -6.0}, "empty", "structure -6.00, needs 2.30"),
        ({"sharpness": -6.0}, "defective", "blurred: sharpness -6.00, needs -3.90"),
        (
            {"light": -8.0, "content": 1.5},
            "defective",
            "underexposed: its brightest parts are 8.0 stops below white, at most 6.3",
        ),
        ({"light": -12.0, "content": 0.1}, "empty", "structure 0.10, needs 0.50"),
        (
            {"blown": 0.9},
            "defective",
            "overexposed: 90% white, 90% more than another of the series",
        ),
        ({"broken": 0.25}, "defective", "25.0% of it are blocks or bands of one colour"),
    ],
)
def test_looks_beyond_the_line_go(changed: dict[str, float], reason: str, detail: str) -> None:
    found = judgement(measures(4, {2: changed}))
    assert found.drops == (Drop(7, 2, "metrics", reason, detail),)


def test_what_all_images_share_is_no_defect() -> None:
    white_wall = {image: {"blown": 0.8, "broken": 0.3} for image in range(1, 5)}
    assert judgement(measures(4, white_wall)).drops == ()


def test_an_unreadable_file_goes_with_the_reason_given() -> None:
    found = judgement(measures(4, unreadable={3: "/photos/3.jpg: the JPEG file is cut short"}))
    assert found.drops == (Drop(7, 3, "metrics", "unreadable", "the JPEG file is cut short"),)


def test_what_does_not_belong_to_the_largest_part_goes() -> None:
    found = judgement(measures(4, pairs=apart((1, 4), (2, 4), (3, 4))))
    assert found.drops == (
        Drop(
            7, 4, "metrics", "dissimilar",
            "likeness 0.10 of 0.40, ssim 0.20 of 0.70, matches 0.00 of 0.06", 1,
        ),
    )  # fmt: skip
    assert found.parts == ()


def test_images_belong_together_through_others() -> None:
    found = judgement(measures(4, pairs=apart((1, 3), (1, 4), (2, 4))))
    assert found.drops == ()


def test_a_wide_series_is_proposed_for_splitting() -> None:
    across = [(a, b) for a in (1, 2, 3) for b in (4, 5)]
    found = judgement(measures(5, pairs=apart(*across)), images=5)
    assert found.parts == ((1, 2, 3), (4, 5))
    assert reasons(found) == {4: "dissimilar", 5: "dissimilar"}
    assert found.drops[0].detail.endswith("; part 2 of 2 of a wide series, split it to keep it")


def test_images_of_one_prompt_may_all_differ() -> None:
    every = apart(*((a, b) for a in range(1, 5) for b in range(a + 1, 5)))
    assert judgement(measures(4, pairs=every), category="aigc").drops == ()
    most = apart((1, 4), (2, 4), (3, 4))
    assert reasons(judgement(measures(4, pairs=most), category="aigc")) == {4: "dissimilar"}


def test_of_copies_the_first_is_kept() -> None:
    found = judgement(measures(3, pairs={(1, 2): {"difference": 0.2}}), images=3)
    assert found.drops == (
        Drop(
            7, 2, "metrics", "near_identical",
            "visible difference 0.20, needs 0.92; the first is kept", 1,
        ),
    )  # fmt: skip


def test_of_copies_a_much_larger_one_is_kept() -> None:
    found = judgement(measures(3, pairs={(1, 2): {"difference": 0.2}}), images=3, i2=110)
    assert found.drops == (
        Drop(
            7, 1, "metrics", "near_identical",
            "visible difference 0.20, needs 0.92; the other has more pixels", 2,
        ),
    )  # fmt: skip


def test_a_bad_image_is_no_reason_to_drop_its_copy() -> None:
    measured = measures(3, {1: {"sharpness": -6.0}}, pairs={(1, 2): {"difference": 0.1}})
    assert reasons(judgement(measured, images=3)) == {1: "defective"}


def test_crops_that_show_nearly_the_same_or_too_little_go() -> None:
    overlaps = {(1, 2): 0.7, (1, 3): 0.99, (2, 3): 0.7, (1, 4): 0.02, (2, 4): 0.05, (3, 4): 0.02}
    measured = replace(
        measures(4), pairs={**{n: {} for n in measures(4).pairs}, "overlap": overlaps}
    )
    found = judgement(measured, category="cropping")
    assert found.drops == (
        Drop(7, 4, "metrics", "overlap", "overlap with the nearest 0.05, needs 0.20"),
        Drop(7, 3, "metrics", "overlap", "overlap 0.990, at most 0.950", 1),
    )


def test_an_image_that_does_not_fit_its_prompt_goes() -> None:
    measured = measures(3)
    aligned = replace(measured, looks={**measured.looks, "alignment": {1: 0.3, 2: 0.08}})
    found = judgement(aligned, images=3, category="aigc")
    assert found.drops == (
        Drop(7, 2, "metrics", "misaligned", "cosine of image and prompt 0.080, needs 0.190"),
    )


def test_a_series_of_one_image_goes() -> None:
    found = judgement(measures(2, {1: {"content": -6.0}}), images=2)
    assert reasons(found) == {1: "empty", None: "too_few"}
    assert found.drops[-1].detail == "1 of 2 images left"


def test_what_people_dropped_is_no_measure_for_others() -> None:
    series = replace(plain_series(3), dropped={1: Drop(7, 1, "people", "other")})
    measured = measures(3, pairs={(1, 2): {"difference": 0.1}})
    assert judged(series, measured, LINES, sources(3)).drops == ()
