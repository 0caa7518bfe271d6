"""Pictures of series, comparisons and difference maps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageFilter

from fgaesq.errors import InputError
from fgaesq.report.drawing import Palette, Pen, contained, rounded
from fgaesq.report.picture import comparison_picture, difference_overlay, series_picture
from fgaesq.types import (
    Comparison,
    DifferenceMap,
    EffectMap,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Reason,
    Score,
)

COLOURS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (40, 200, 200), (9, 9, 9)]


def _flat(colour: tuple[int, int, int], height: int = 40, width: int = 60) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def _series_of(number: int) -> RankedSeries:
    images = tuple(RankedImage(f"{i}.jpg", i + 1, 5.0, 1 / number) for i in range(number))
    pairs = tuple(
        Pair(f"{i}.jpg", f"{j}.jpg", 0.8, "first") for i in range(number) for j in range(i, number)
    )
    return RankedSeries("s", images, pairs)


def _colour_of(path: str) -> NDArray[np.uint8]:
    return _flat(COLOURS[int(path.split(".")[0])])


def _has(picture: Image.Image, colour: str) -> bool:
    wanted = np.array(ImageColor.getrgb(colour), np.uint8)
    return bool((np.asarray(picture) == wanted).all(axis=-1).any())


def test_series_picture_shows_all_images_in_rank_order() -> None:
    pixels = np.asarray(series_picture(_series_of(3), _colour_of, width_px=900))
    middles = [
        float(np.flatnonzero((pixels == colour).all(axis=-1).any(axis=0)).mean())
        for colour in COLOURS[:3]
    ]
    assert pixels.shape[1] == pytest.approx(900, abs=3)
    assert middles == sorted(middles)


def test_series_picture_of_six_has_two_rows_of_three() -> None:
    pixels = np.asarray(series_picture(_series_of(6), _colour_of, width_px=900))
    first, last = ((pixels == COLOURS[i]).all(axis=-1).any(axis=1) for i in (0, 5))
    assert np.flatnonzero(first).max() < np.flatnonzero(last).min()


def test_series_picture_of_few_images_is_narrower_than_asked() -> None:
    assert series_picture(_series_of(1), _colour_of, width_px=1600).width == 720


def test_series_picture_frames_the_best_and_colours_an_open_verdict(
    series: RankedSeries, images: Callable[[str], NDArray[np.uint8] | None]
) -> None:
    picture = series_picture(series, images, width_px=900)
    assert _has(picture, Palette.BEST)
    assert _has(picture, Palette.UNCLEAR)
    third = picture.crop((picture.width * 2 // 3 + 12, 0, picture.width, picture.height))
    assert not _has(third, Palette.BEST)
    clear = tuple(dataclasses.replace(pair, verdict="first") for pair in series.pairs)
    decided = series_picture(dataclasses.replace(series, pairs=clear), images, width_px=900)
    assert not _has(decided, Palette.UNCLEAR)


def test_series_picture_without_a_title_is_lower() -> None:
    titled = series_picture(_series_of(2), _colour_of, title="Burst")
    untitled = series_picture(_series_of(2), _colour_of, title="")
    assert untitled.height < titled.height


def test_series_picture_takes_portraits_panoramas_and_one_pixel() -> None:
    shapes = {"0.jpg": (90, 40), "1.jpg": (10, 400), "2.jpg": (1, 1)}
    picture = series_picture(_series_of(3), lambda path: _flat((200, 40, 40), *shapes[path]))
    assert _has(picture, "#c82828")


def test_series_picture_needs_every_image() -> None:
    with pytest.raises(InputError) as caught:
        series_picture(_series_of(2), {"0.jpg": _flat(COLOURS[0])}.get)
    assert str(caught.value) == "1.jpg: there is no image to draw; give one for each path"


def test_series_picture_of_nothing_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        series_picture(RankedSeries("s", (), ()), _colour_of)
    assert str(caught.value) == "series 's' holds no images; there is none to draw"


def test_pictures_refuse_what_is_no_rgb_image(difference: DifferenceMap) -> None:
    with pytest.raises(InputError) as caught:
        difference_overlay(np.zeros((4, 5), np.uint8), difference, "a.jpg")
    assert str(caught.value) == (
        "a.jpg: an image to draw is uint8 of shape (H, W, 3), not uint8 of shape (4, 5)"
    )


def test_overlay_is_grey_where_nothing_differs_and_yellow_where_most(
    difference: DifferenceMap,
) -> None:
    overlay = difference_overlay(_flat((200, 40, 40), 400, 600), difference, "beach/a.jpg")
    pixels = np.asarray(overlay).astype(int)
    red, green, blue = pixels[100, 100]
    assert red == green == blue
    red, green, blue = pixels[300, 500]
    assert red > 200
    assert green > 150
    assert blue < 120


def test_overlay_outlines_the_fine_cells_and_not_between_them(difference: DifferenceMap) -> None:
    overlay = difference_overlay(_flat((200, 40, 40), 400, 600), difference, "beach/a.jpg")
    assert overlay.getpixel((300, 200)) == (255, 255, 255)
    assert overlay.getpixel((200, 300)) == (255, 255, 255)
    assert overlay.getpixel((400, 300)) != (255, 255, 255)
    assert overlay.getpixel((100, 200)) != (255, 255, 255)


def test_overlay_puts_the_map_into_the_box_of_the_image(difference: DifferenceMap) -> None:
    moved = dataclasses.replace(difference, boxes={"b": (-0.5, 0.5, 0.5, 1.5)})
    pixels = np.asarray(difference_overlay(_flat((200, 40, 40), 400, 600), moved, "b")).astype(int)
    assert len(set(pixels[100, 200])) == 1, "left of the box nothing is coloured"
    assert len(set(pixels[100, 550])) > 1, "the middle of the map's lower row lies here"
    assert len(set(pixels[300, 550])) == 1, "beneath the box nothing is coloured"


def test_overlay_of_an_image_that_was_not_aligned_shows_no_cells() -> None:
    difference = DifferenceMap(np.ones((2, 3), np.float32), (0,), {"a.jpg": None})
    picture = difference_overlay(_flat((200, 40, 40), 320, 480), difference, "a.jpg")
    photo = np.asarray(picture)[:320]
    assert (photo[..., 0] == photo[..., 1]).all()
    assert (photo[..., 1] == photo[..., 2]).all()


@pytest.mark.parametrize(("width", "expected"), [(60, 480), (700, 700), (2000, 1600)])
def test_overlay_is_as_wide_as_the_image_within_limits(
    difference: DifferenceMap, width: int, expected: int
) -> None:
    image = _flat((200, 40, 40), width // 2, width)
    assert difference_overlay(image, difference, "beach/a.jpg").width == expected
    assert difference_overlay(image, difference, "beach/a.jpg", width_px=500).width == 500


def test_comparison_picture_adds_the_maps_beneath(comparison: Comparison) -> None:
    images = (_flat(COLOURS[0]), _flat(COLOURS[1]))
    with_maps = comparison_picture(comparison, *images, width_px=800)
    without = comparison_picture(
        dataclasses.replace(comparison, difference=None), *images, width_px=800
    )
    assert with_maps.width == without.width == 800
    assert with_maps.height > 1.5 * without.height
    assert comparison.difference is not None
    effects = EffectMap(
        {"beach/a.jpg": np.ones((2, 3), np.float32), "beach/c.jpg": None},
        comparison.difference.boxes,
    )
    both = comparison_picture(
        dataclasses.replace(comparison, effects=effects), *images, width_px=800
    )
    assert both.height - with_maps.height == with_maps.height - without.height
    left, right = (without.crop((x, 0, x + 400, without.height)) for x in (0, 400))
    assert _has(left, Palette.BEST)
    assert not _has(right, Palette.BEST)


def test_pictures_have_a_line_for_reasons_where_there_are_any(comparison: Comparison) -> None:
    plain = _series_of(2)
    reason = (Reason("sharper", 0.8),)
    explained = dataclasses.replace(
        plain, images=tuple(dataclasses.replace(image, reasons=reason) for image in plain.images)
    )
    heights = [series_picture(one, _colour_of).height for one in (plain, explained)]
    assert heights[1] > heights[0]
    images = (_flat(COLOURS[0]), _flat(COLOURS[1]))
    with_reasons = comparison_picture(dataclasses.replace(comparison, reasons=reason), *images)
    without = comparison_picture(comparison, *images)
    assert with_reasons.size == without.size
    assert with_reasons.tobytes() != without.tobytes()


def test_comparison_picture_of_an_open_verdict_prefers_none(model: ModelIdentity) -> None:
    comparison = Comparison(model, Score("a", 5, ()), Score("b", 5, ()), 0.5, "too_close")
    picture = comparison_picture(comparison, _flat(COLOURS[0], 90, 40), _flat(COLOURS[1]))
    assert not _has(picture, Palette.BEST)
    assert _has(picture, Palette.UNCLEAR)


def test_fitted_text_is_never_wider_than_its_room() -> None:
    pen = Pen(Image.new("RGB", (10, 10)))
    name = "a_very_long_file_name_of_a_camera_0412.jpg"
    fitted = pen.fitted(name, 150, size_px=16)
    assert pen.width(fitted, size_px=16) <= 150
    assert fitted.startswith("a_")
    assert fitted.endswith("0412.jpg")
    assert pen.fitted("short", 150, size_px=16) == "short"
    assert pen.fitted("short", 1, size_px=16) == "…"


def test_contained_keeps_the_shape_and_rounded_cuts_the_corners() -> None:
    assert contained(Image.new("RGB", (100, 50)), (20, 20)).size == (20, 10)
    assert contained(Image.new("RGB", (1, 50)), (20, 20)).size == (1, 20)
    mask = np.asarray(rounded((20, 10), 5))
    assert (mask[0, 0], mask[5, 10]) == (0, 255)


def test_pictures_of_real_photos(shared: Path, model: ModelIdentity) -> None:
    photo = Image.open(shared / "photos" / "free-094.jpg").convert("RGB").resize((900, 506))
    soft = photo.filter(ImageFilter.GaussianBlur(3))
    first, second = np.asarray(photo), np.asarray(soft)
    values = np.random.default_rng(3).random((15, 28), np.float32)
    paths = ("a.jpg", "b.jpg")
    whole = dict.fromkeys(paths, (0.0, 0.0, 1.0, 1.0))
    difference = DifferenceMap(values, tuple(range(0, 420, 3)), {**whole})
    verdict = Comparison(
        model, Score("a.jpg", 7, ()), Score("b.jpg", 5, ()), 0.9, "first", difference
    )
    picture = comparison_picture(verdict, first, second)
    assert picture.size == (1600, 1094)
