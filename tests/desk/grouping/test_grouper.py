"""Which photos become one series: by time and look, across folders, cameras and missing times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import numpy as np
import pytest
from tests.desk.sightings import START, drawn, seen, series_of

from fgaesq.desk.grouping import GroupingSettings, Sighting, group
from fgaesq.errors import InputError
from fgaesq.types import Image


def burst(
    first: int, seed: int, at_s: float, *, number: int = 3, **capture: object
) -> list[Sighting]:
    """Return a burst at five a second, by a hand that moves a few pixels."""
    return [
        seen(first + i, drawn(seed, right=3 * i, down=-2 * i), at_s + 0.2 * i, **capture)
        for i in range(number)
    ]


def mixed(seed: int, other: int, *, columns: int) -> Image:
    """Return a frame of one scene that ends in so many columns of another."""
    image = drawn(seed)
    image[:, 320 - columns :] = drawn(other)[:, 320 - columns :]
    return image


def test_nothing_gives_no_groups() -> None:
    assert group([]) == []


def test_a_burst_is_a_series_and_says_why() -> None:
    found = group(burst(0, 1, 0, number=4))
    assert [(one.members, one.kind) for one in found] == [((0, 1, 2, 3), "series")]
    assert found[0].why.startswith("4 photos within 0.6 s, likeness .")


def test_other_scenes_seconds_apart_stay_apart_and_say_why() -> None:
    found = group([seen(seed, drawn(seed), seed) for seed in range(4)])
    assert [one.members for one in found] == [(0,), (1,), (2,), (3,)]
    assert {one.kind for one in found} == {"single"}
    assert found[0].why.startswith("no photo looks enough like it; the most alike has likeness .")


def test_near_duplicates_minutes_apart_are_one_series_over_what_lies_between() -> None:
    again = [seen(0, drawn(1), 0), seen(1, drawn(2), 60), seen(2, drawn(1, right=8), 300)]
    assert series_of(group(again)) == [(0, 2)]


def test_a_view_of_another_day_is_no_part_of_the_series() -> None:
    again = [seen(0, drawn(1), 0), seen(1, drawn(1, right=16, down=8), 30 * 3600)]
    assert series_of(group(again)) == []


def test_a_burst_may_go_on_in_the_next_folder() -> None:
    one = burst(0, 1, 0)
    assert series_of(group([one[0], replace(one[1], folder="DCIM/101")])) == [(0, 1)]


def test_photos_without_times_are_joined_by_likeness() -> None:
    sightings = [
        seen(0, drawn(1), None, name="a-1.png"),
        seen(1, drawn(2), None, name="b.png"),
        seen(2, drawn(1, right=6), None, name="z.png"),
        seen(3, drawn(1, right=3), None, name="x.png", folder="elsewhere"),
    ]
    found = group(sightings)
    assert series_of(found) == [(0, 2, 3)]
    assert found[0].why.startswith("3 photos, 3 of them without a capture time, likeness .")


def test_the_date_of_a_file_is_no_capture_time() -> None:
    copies = [seen(i, drawn(i), 0.1 * i, time_source="file") for i in range(3)]
    assert series_of(group(copies)) == []
    alike = [seen(i, drawn(1, right=4 * i), 86400.0 * i, time_source="file") for i in range(3)]
    assert series_of(group(alike)) == [(0, 1, 2)]


def test_folders_without_times_are_series_if_wished() -> None:
    variants = [seen(i, drawn(i), None, folder=f"prompt-{i // 2}") for i in range(4)]
    found = group(variants, GroupingSettings(untimed_folders=True))
    assert [one.members for one in found] == [(0, 1), (2, 3)]
    assert found[0].why == "2 photos, 2 of them without a capture time, in one folder"


def test_two_cameras_of_which_one_clock_is_wrong() -> None:
    ours = burst(0, 1, 0)
    theirs = burst(3, 1, 5000, model="Two")
    found = group(ours + theirs)
    assert series_of(found) == [(0, 1, 2, 3, 4, 5)]
    assert found[0].why.startswith("6 photos by 2 cameras, likeness .")


def test_times_with_and_without_a_zone_are_put_in_one_order() -> None:
    zone = timezone(timedelta(hours=2))
    aware = [seen(i, drawn(i), 0, taken=START.replace(tzinfo=zone)) for i in (1, 2)]
    utc = seen(3, drawn(3), 0, taken=START.replace(tzinfo=UTC) - timedelta(hours=3))
    naive = seen(4, drawn(4), -1)
    assert [one.members for one in group([*aware, utc, naive])] == [(3,), (4,), (1,), (2,)]


def test_a_burst_id_joins_what_looks_less_alike() -> None:
    plain = [seen(i, mixed(1, 2, columns=190 * i), 2.5 * i) for i in range(2)]
    flagged = [replace(one, capture=replace(one.capture, burst="b")) for one in plain]
    tight = GroupingSettings(size=0)
    assert series_of(group(plain, tight)) == []
    assert series_of(group(flagged, tight)) == [(0, 1)]


def test_a_burst_id_never_joins_other_scenes() -> None:
    assert series_of(group([seen(i, drawn(i), i, burst="b") for i in range(3)])) == []


def test_wider_groups_hold_tighter_ones() -> None:
    sightings = [seen(i, mixed(1, 2, columns=50 * i), 100.0 * i) for i in range(6)]
    number = [len(group(sightings, GroupingSettings(size=size))) for size in (0, 0.5, 1)]
    assert number == sorted(number, reverse=True)
    assert number[0] > number[2]


def test_the_order_of_the_sightings_does_not_matter() -> None:
    sightings = burst(0, 1, 0) + burst(3, 2, 4) + [seen(6, drawn(3), None), seen(7, drawn(1), 90)]
    shuffled = [sightings[i] for i in np.random.default_rng(0).permutation(len(sightings))]
    assert group(shuffled) == group(sightings)


def test_groups_made_by_hand_are_left_out() -> None:
    assert [one.members for one in group(burst(0, 1, 0, number=4), fixed={1, 3})] == [(0, 2)]


def test_every_photo_is_in_one_group() -> None:
    sightings = burst(0, 1, 0) + [seen(3, drawn(2), None), seen(4, drawn(3), 2)]
    members = [member for one in group(sightings) for member in one.members]
    assert sorted(members) == [0, 1, 2, 3, 4]


def test_two_sightings_of_one_id_are_refused() -> None:
    with pytest.raises(InputError, match=r"^two photos have the id 7; give each an id of its own$"):
        group([seen(7, drawn(1), 0), seen(7, drawn(2), 0)])


def test_a_size_outside_the_slider_is_refused() -> None:
    with pytest.raises(InputError, match=r"^the size of groups is 2; give 0 \(tight\) to 1"):
        GroupingSettings(size=2)
