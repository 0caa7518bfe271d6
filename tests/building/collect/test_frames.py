"""Frames of clips: some of each scene, apart, written into the dataset."""

from __future__ import annotations

import hashlib
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.building.collect.heaps import (
    collected,
    content,
    made,
    members,
    sums_up,
    two_scenes,
    write_clip,
)
from tests.clips.made import blurred, detailed, moving
from tests.desk.photo_shoots import make_shoot
from tests.desk.shoots import tree

from fgaesq.building.collect.frames import scenes_of
from fgaesq.clips.frames import open_clip


@pytest.fixture
def heap(tmp_path: Path) -> Path:
    write_clip(tmp_path / "heap" / "IMG_9.mp4")
    return tmp_path / "heap"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


def test_each_scene_is_a_series_of_frames(heap: Path, dataset: Path) -> None:
    done = collected(heap, dataset)
    assert (done.photos, done.clips, done.series) == (0, 1, 2)
    for scene, (category, frames) in enumerate(members(dataset), 1):
        assert category == "natural"
        assert 2 <= len(frames) <= 5
        times = [float(one.origin["time_s"]) for one in frames]
        assert min(np.diff(times)) >= 0.5
        assert {one.origin["scene"] for one in frames} == {str(scene)}
        assert all((scene - 1) * 3 <= time < scene * 3 for time in times)


def test_a_frame_is_whole_and_says_where_it_is_from(heap: Path, dataset: Path) -> None:
    collected(heap, dataset, source="LSVQ", licence="CC0-1.0")
    (_, frames), _ = members(dataset)
    one = frames[1]
    clip = heap / "IMG_9.mp4"
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert one.origin["clip"] == str(clip)
    assert one.origin["clip_digest"] == digest
    assert one.path == dataset / one.origin["frame"]
    assert one.path.parent == dataset / "frames" / digest[:16]
    assert one.digest == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert (one.source, one.licence) == ("LSVQ", "CC0-1.0")
    assert (one.height, one.width) == (96, 128)
    moment = scenes_of(clip, 5)[0][1]
    with open_clip(clip) as opened:
        (frame,) = opened.at([moment.pts])
        pixels = opened.pixels(frame)
    with PILImage.open(one.path) as stored:
        np.testing.assert_array_equal(np.asarray(stored), pixels)
        assert stored.info["Source"] == "IMG_9.mp4"


def test_blurred_frames_are_not_taken(tmp_path: Path) -> None:
    frames = [moving(detailed(96, 128, seed=1), 2 * number) for number in range(36)]
    frames[12:20] = [blurred(one) for one in frames[12:20]]
    (scene,) = scenes_of(write_clip(tmp_path / "a.mp4", frames), 30)
    assert len(scene) > 2
    assert not [one for one in scene if 1.0 <= one.time_s < 1.6]


def test_a_scene_that_stands_still_is_left_out(tmp_path: Path) -> None:
    still = [detailed(96, 128, seed=3)] * 24
    write_clip(tmp_path / "heap" / "a.mp4", still)
    done = collected(tmp_path / "heap", tmp_path / "dataset")
    assert done.left_out.counts == {"few_frames": 1}
    assert made(tmp_path / "dataset") == []


def test_a_clip_is_taken_once(heap: Path, dataset: Path) -> None:
    shutil.copy(heap / "IMG_9.mp4", heap / "copy.mp4")
    done = collected(heap, dataset)
    assert done.left_out.counts == {"duplicate": 1}
    before, files = content(dataset), tree(dataset / "frames")
    (heap / "copy.mp4").unlink()
    (heap / "IMG_9.mp4").rename(heap / "moved.mp4")
    again = collected(heap, dataset)
    assert (again.series, again.known) == (0, 1)
    assert content(dataset) == before
    assert tree(dataset / "frames") == files
    assert sums_up(again, 0)


def test_a_dry_run_writes_no_frames(heap: Path, dataset: Path) -> None:
    done = collected(heap, dataset, dry_run=True)
    assert not dataset.exists()
    assert (done.series, done.images) == (2, collected(heap, dataset).images)


def test_frames_move_with_the_dataset(heap: Path, dataset: Path) -> None:
    collected(heap, dataset)
    moved = dataset.rename(dataset.parent / "elsewhere")
    done = collected(heap, moved)
    assert (done.moved, done.series) == (done.images_in_all, 0)
    assert all(one.path.is_file() for _, some in members(moved) for one in some)


def test_a_run_that_stopped_before_a_clip_was_entered(heap: Path, dataset: Path) -> None:
    collected(heap, dataset)
    series = made(dataset)
    for file in dataset.glob("collection.sqlite3*"):
        file.unlink()
    collected(heap, dataset)
    assert made(dataset) == series


def test_broken_clips_are_named_and_the_rest_goes_on(heap: Path, dataset: Path) -> None:
    (heap / "bad.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(40))
    (heap / "empty.mov").touch()
    done = collected(heap, dataset)
    assert done.series == 2
    assert [Path(one.path).name for one in done.failures] == ["bad.mp4", "empty.mov"]
    assert all(one.error.startswith(one.path) for one in done.failures)


def test_clips_are_left_out_on_request(heap: Path, dataset: Path) -> None:
    make_shoot(heap, (2,))
    done = collected(heap, dataset, clips=False)
    assert done.series == 1
    assert done.left_out.counts == {"clip": 1}
    assert collected(heap, dataset, "aigc").left_out.counts == {"no_prompt": 2, "clip": 1}


def test_the_clip_of_a_live_photo_belongs_to_the_photo(heap: Path, dataset: Path) -> None:
    make_shoot(heap, (2,))
    (heap / "IMG_9.mp4").rename(heap / "IMG_00.mov")
    assert collected(heap, dataset).clips == 0


def test_a_frame_has_the_time_at_which_it_was_taken(heap: Path, dataset: Path) -> None:
    clip = (heap / "IMG_9.mp4").read_bytes()
    place = clip.index(b"mvhd") + 8
    since_1904 = 2_082_844_800 + int(datetime(2026, 5, 1).timestamp())
    (heap / "IMG_9.mp4").write_bytes(
        clip[:place] + since_1904.to_bytes(4, "big") + clip[place + 4 :]
    )
    collected(heap, dataset)
    (_, frames), _ = members(dataset)
    assert frames[0].taken.startswith("2026-0")


def test_two_scenes_differ() -> None:
    first, second = two_scenes()[0], two_scenes()[40]
    assert np.abs(first.astype(int) - second).mean() > 20
