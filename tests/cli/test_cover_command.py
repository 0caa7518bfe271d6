"""`fgaesq cover`: what it prints and writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PILImage
from tests.capture.media import jpeg, motion_xmp
from tests.clips.made import detailed, encoded, moving
from tests.command_line import json_of, run
from tests.images.corpus import write

CLIP = encoded([moving(detailed(96, 128, seed=1), 4 * number) for number in range(12)])


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "IMG_1.MOV", CLIP)


def test_json_has_the_documented_shape(clip: Path, tiny_model: Path) -> None:
    result = json_of("cover", clip, "--model", tiny_model, "--count", "2")
    assert list(result) == ["model", "clips", "failures"]
    (one,) = result["clips"]
    assert list(one) == ["path", "duration_s", "scenes", "candidates", "covers"]
    assert [list(cover) for cover in one["covers"]] == [
        ["rank", "time_s", "scene", "score", "p_best"]
    ] * 2
    assert [cover["rank"] for cover in one["covers"]] == [1, 2]


def test_nothing_is_written_unless_it_is_asked_for(clip: Path, tiny_model: Path) -> None:
    run("cover", clip, "--model", tiny_model)
    assert list(clip.parent.iterdir()) == [clip]


def test_frames_are_written_into_a_folder(clip: Path, tiny_model: Path, tmp_path: Path) -> None:
    motion = write(tmp_path / "PXL_2.MP.jpg", jpeg(xmp=motion_xmp(len(CLIP))) + CLIP)
    out = tmp_path / "covers"
    result = json_of("cover", clip, motion, "--model", tiny_model, "--out", out)
    files = [Path(one["covers"][0]["file"]) for one in result["clips"]]
    assert sorted(out.iterdir()) == sorted(files)
    time_s = result["clips"][0]["covers"][0]["time_s"]
    assert [path.name for path in files] == [
        f"IMG_1-{time_s:.3f}s.png",
        f"PXL_2.MP-{time_s:.3f}s.png",
    ]
    with PILImage.open(files[0]) as image:
        assert (image.size, image.info["Source"]) == ((128, 96), "IMG_1.MOV")


@pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.JPG", "JPEG")])
def test_one_frame_is_written_to_a_file(
    clip: Path, tiny_model: Path, tmp_path: Path, name: str, form: str
) -> None:
    printed = run("cover", clip, "--model", tiny_model, "--out", tmp_path / name).stdout
    assert str(tmp_path / name) in printed
    with PILImage.open(tmp_path / name) as image:
        assert (image.format, image.size) == (form, (128, 96))


def test_one_file_for_several_frames_is_refused(
    clip: Path, tiny_model: Path, tmp_path: Path
) -> None:
    out = tmp_path / "a.png"
    done = run("cover", clip, "--model", tiny_model, "--count", "2", "--out", out, code=1)
    assert done.stderr == f"fgaesq: {out}: it is one file; give a folder for several frames\n"


def test_clips_of_one_name_do_not_overwrite_each_other(
    clip: Path, tiny_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "b").mkdir()
    other = write(tmp_path / "b/IMG_1.MOV", CLIP)
    result = json_of("cover", clip, other, "--model", tiny_model, "--out", tmp_path / "out", code=3)
    assert len(result["clips"]) == len(result["failures"]) == 1
    assert "is of another clip of this name" in result["failures"][0]["error"]


def test_broken_clip_is_named_and_the_others_go_on(
    clip: Path, tiny_model: Path, tmp_path: Path
) -> None:
    broken = write(tmp_path / "broken.mp4", CLIP[:500])
    done = run("cover", broken, clip, "--model", tiny_model, code=3)
    assert str(clip) in done.stdout
    assert f"{broken}: the clip file is cut short; copy it again" in done.stderr
    run("cover", broken, "--model", tiny_model, code=1)
