"""Decoding clips: upright, the same frame again, and every broken clip named."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.capture.media import exif_block, heic, jpeg, motion_xmp, samsung_trailer
from tests.clips.made import RATE, detailed, encoded, moving, turned
from tests.images.corpus import write

from fgaesq.clips.frames import open_clip
from fgaesq.clips.survey import survey
from fgaesq.errors import DecodeError, MissingExtraError
from fgaesq.types import Image

PICTURE = detailed(96, 128, seed=1)
FRAMES = [moving(PICTURE, 3 * number) for number in range(30)]
CLIP = encoded(FRAMES)


def off(first: Image, second: Image) -> float:
    assert first.shape == second.shape
    return float(np.abs(first.astype(int) - second).mean())


@pytest.mark.parametrize("form", ["mp4", "mov", "matroska"])
def test_frames_are_those_that_were_encoded(tmp_path: Path, form: str) -> None:
    with open_clip(write(tmp_path / "a", encoded(FRAMES, form=form))) as clip:
        frames = list(clip.decoded())
        assert len(frames) == 30
        assert frames[12].time_s == pytest.approx(12 / RATE, abs=0.002)
        assert clip.duration_s == pytest.approx(30 / RATE, abs=0.1)
        for number in (0, 12, 29):
            assert off(clip.pixels(frames[number]), FRAMES[number]) < 6


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_frames_are_turned_upright(tmp_path: Path, quarters: int) -> None:
    stored = [np.ascontiguousarray(np.rot90(frame, quarters)) for frame in FRAMES[:3]]
    path = write(tmp_path / "a.mov", turned(encoded(stored, form="mov"), quarters))
    with open_clip(path) as clip:
        first = next(iter(clip.decoded()))
        assert off(clip.pixels(first), FRAMES[0]) < 6
        assert max(clip.pixels(first, max_long_side_px=64).shape) == 64


def test_same_frames_are_found_again(tmp_path: Path) -> None:
    with open_clip(write(tmp_path / "a.mp4", CLIP)) as clip:
        all_of_them = {frame.pts: clip.pixels(frame) for frame in clip.decoded()}
        wanted = sorted(all_of_them)[3::9]
        for pts, frame in zip(wanted, clip.at(wanted), strict=True):
            assert np.array_equal(clip.pixels(frame), all_of_them[pts])
        with pytest.raises(DecodeError, match="the clip changed while it was read; try again$"):
            list(clip.at([wanted[-1] + 1]))


def test_far_frames_are_found_by_jumping(tmp_path: Path) -> None:
    long = [FRAMES[number % 30] for number in range(12 * RATE)]
    with open_clip(write(tmp_path / "a.mp4", encoded(long))) as clip:
        pts = [frame.pts for frame in clip.decoded()]
        found = list(clip.at([pts[5], pts[100], pts[143]]))
        assert [one.pts for one in found] == [pts[5], pts[100], pts[143]]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", jpeg(xmp=motion_xmp(len(CLIP))) + CLIP),
        ("b.jpg", jpeg() + samsung_trailer(CLIP)),
        ("a.heic", heic(exif_block(None), xmp=motion_xmp(len(CLIP))) + CLIP),
    ],
)
def test_clip_of_a_motion_photo(tmp_path: Path, name: str, data: bytes) -> None:
    with open_clip(write(tmp_path / name, data)) as clip:
        assert len(list(clip.decoded())) == 30


def refusal(path: Path) -> str:
    with pytest.raises(DecodeError) as caught, open_clip(path) as clip:
        survey(clip)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("cut", [0.02, 0.3, 0.9, 0.999])
def test_truncated_clip(tmp_path: Path, cut: float) -> None:
    assert refusal(write(tmp_path / "a.mp4", CLIP[: int(len(CLIP) * cut)])) == (
        "the clip file is cut short; copy it again from the camera or card"
    )


def test_other_broken_clips(tmp_path: Path) -> None:
    unknown = (
        "it is no clip that can be read, or it is damaged; "
        "check it, or copy it again from the camera or card"
    )
    assert refusal(write(tmp_path / "a.mov", b"Dear diary,\n" * 50)) == unknown
    assert refusal(write(tmp_path / "b.mov", b"")) == (
        "the file is empty; copy it again from the camera or card"
    )
    assert refusal(tmp_path / "c.mov") == "the file does not exist; check the path"
    assert refusal(write(tmp_path / "d.jpg", jpeg())) == (
        "it is a photo that holds no clip; give the clip that lies beside it"
    )


def test_clip_of_unknown_compression(tmp_path: Path) -> None:
    data = CLIP.replace(b"avc1", b"nono")
    assert refusal(write(tmp_path / "a.mp4", data)) == (
        "FFmpeg does not know how it is compressed; convert it to H.264"
    )


def test_damaged_bytes_never_raise_anything_else(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(40):
        broken = bytearray(CLIP)
        start = CLIP.index(b"moov") if number % 2 else 0
        for place in rng.integers(start, len(CLIP), 6):
            broken[place] = rng.integers(0, 256)
        path = write(tmp_path / "a.mp4", bytes(broken))
        with contextlib.suppress(DecodeError), open_clip(path) as clip:
            glances = survey(clip)
            for frame in clip.at([glance.pts for glance in glances]):
                assert clip.pixels(frame).dtype == np.uint8


def test_clip_whose_frames_are_all_damaged(tmp_path: Path) -> None:
    data = bytearray(CLIP)
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    assert refusal(write(tmp_path / "a.mp4", bytes(data))) == (
        "no frame of it can be decoded; copy it again from the camera or card"
    )


def test_missing_extra_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.mp4", CLIP)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError) as caught, open_clip(path):
        pass
    assert str(caught.value) == (
        f"{path}: reading clips needs packages that are not installed; "
        "run: pip install 'fgaesq[video]'"
    )
