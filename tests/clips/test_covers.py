"""The best frames of clips: scenes first, none blurred, the same ones every time."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.clips.made import RATE, blurred, detailed, encoded, moving
from tests.images.corpus import write

from fgaesq.clips.covers import cover_pixels, find_covers
from fgaesq.clips.writing import cover_name, encode_cover
from fgaesq.errors import InputError
from fgaesq.ranking.ranker import Ranker, load

FIRST, SECOND = (detailed(144, 192, seed=seed) for seed in (1, 2))
BLURRED = range(6, 10)
N_FIRST, N_SECOND = 16, 12


def two_scenes() -> bytes:
    """Return a clip: a pan of which a part is blurred, a cut, another pan."""
    pan = [moving(FIRST, 2 * number) for number in range(N_FIRST)]
    for number in BLURRED:
        pan[number] = blurred(pan[number])
    return encoded([*pan, *[moving(SECOND, 2 * number) for number in range(N_SECOND)]])


@pytest.fixture(scope="module")
def ranker(tiny_model: Path) -> Ranker:
    return load(tiny_model)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write(tmp_path / "IMG_1.mov", two_scenes())


def test_every_scene_comes_before_second_frames(clip: Path, ranker: Ranker) -> None:
    found = find_covers(clip, ranker, count=4)
    assert found.n_scenes == 2
    assert {cover.scene for cover in found.covers[:2]} == {1, 2}
    assert {cover.scene for cover in found.covers[2:]} == {1, 2}
    for pair in (found.covers[:2], found.covers[2:]):
        assert pair[0].score >= pair[1].score
    cut_s = N_FIRST / RATE
    for cover in found.covers:
        assert (cover.time_s < cut_s - 0.01) == (cover.scene == 1)


def test_no_blurred_frame_is_chosen(clip: Path, ranker: Ranker) -> None:
    found = find_covers(clip, ranker, count=40)
    numbers = {round(cover.time_s * RATE) for cover in found.covers}
    assert len(numbers) == len(found.covers) > 4
    assert not numbers & set(BLURRED)


def test_probabilities_of_a_scene_are_those_of_its_ranking(clip: Path, ranker: Ranker) -> None:
    found = find_covers(clip, ranker, count=40)
    for scene in (1, 2):
        total = sum(cover.p_best for cover in found.covers if cover.scene == scene)
        assert total == pytest.approx(1, abs=1e-6)
    assert len(found.covers) == found.n_candidates


def test_same_covers_every_time(clip: Path, ranker: Ranker) -> None:
    assert find_covers(clip, ranker, count=3) == find_covers(clip, ranker, count=3)


def test_still_clip_has_one_cover(tmp_path: Path, ranker: Ranker) -> None:
    path = write(tmp_path / "a.mp4", encoded([FIRST] * 10))
    found = find_covers(path, ranker, count=5)
    assert (len(found.covers), found.covers[0].p_best) == (1, 1.0)


def test_pixels_are_those_of_the_frame_at_full_size(clip: Path, ranker: Ranker) -> None:
    found = find_covers(clip, ranker, count=2)
    for cover, pixels in zip(found.covers, cover_pixels(clip, found.covers), strict=True):
        number = round(cover.time_s * RATE)
        picture = FIRST if number < N_FIRST else SECOND
        expected = moving(picture, 2 * (number if number < N_FIRST else number - N_FIRST))
        assert np.abs(pixels.astype(int) - expected).mean() < 6


def test_no_frames_cannot_be_asked_for(clip: Path, ranker: Ranker) -> None:
    with pytest.raises(InputError, match="^count is 0; ask for at least one frame$"):
        find_covers(clip, ranker, count=0)


def test_png_keeps_every_pixel_and_names_its_source() -> None:
    started = datetime(2023, 5, 1, 12, 0, 59, 500_000, tzinfo=UTC)
    data = encode_cover(FIRST, ".png", clip="IMG_ü.MOV", time_s=1.25, started=started)
    with PILImage.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), FIRST)
        assert image.info["Source"] == "IMG_ü.MOV"
        assert image.info["Source Time"] == "1.250 s"
        assert image.info["Creation Time"] == "2023-05-01T12:01:00.750+00:00"
        exif = image.getexif().get_ifd(0x8769)
    assert exif[0x9003] == "2023:05:01 12:01:00"
    assert (exif[0x9291], exif[0x9011]) == ("750", "+00:00")


def test_jpeg_names_its_source_too() -> None:
    data = encode_cover(FIRST, ".jpg", clip="IMG_1.MOV", time_s=1.25)
    with PILImage.open(io.BytesIO(data)) as image:
        assert image.info["comment"] == b"IMG_1.MOV, 1.250 s"
        assert image.size == (192, 144)


def test_name_has_the_time() -> None:
    assert cover_name(Path("a/IMG_1.MOV"), 62.1) == "IMG_1-62.100s.png"
