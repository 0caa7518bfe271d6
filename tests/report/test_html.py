"""The page as a parser sees it: order, names, links, policy."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fgaesq.errors import InputError
from fgaesq.report.effects import effect_rgba, effects_top
from fgaesq.report.html import ranking_page
from fgaesq.types import DifferenceMap, RankedImage, RankedSeries, Ranking

Provider = Callable[[str], NDArray[np.uint8] | None]


class _Page(HTMLParser):
    """Elements with their attributes, in order, and the text of each tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._open.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and data.strip():
            self.texts.append((self._open[-1], data.strip()))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [a for t, a in self.elements if t == tag and wanted.items() <= a.items()]


@pytest.fixture
def html(ranking: Ranking, images: Provider) -> str:
    return ranking_page(ranking, images, title="Beach & more")


@pytest.fixture
def page(html: str) -> _Page:
    return _Page(html)


def test_page_holds_every_image_in_rank_order_with_alt_texts(
    page: _Page, series: RankedSeries
) -> None:
    assert [image["alt"] for image in page.all("img")] == [
        "a.jpg, rank 1 of 3, score 7.24",
        f"{series.images[1].path.removeprefix('beach/')}, rank 2 of 3, score 6.90",
        "c.jpg, rank 3 of 3, score 1.00",
    ]
    frames = page.all("div", class_="frame")
    assert [frame["data-rank"] for frame in frames] == ["1", "2", "3", "1"]


def test_page_embeds_the_pictures_as_jpeg_of_the_stated_size(page: _Page) -> None:
    for element in page.all("img"):
        head, data = element["src"].split(",")
        assert head == "data:image/jpeg;base64"
        picture = Image.open(io.BytesIO(base64.b64decode(data)))
        assert picture.size == (int(element["width"]), int(element["height"])) == (96, 64)


def test_page_shrinks_large_pictures_and_never_enlarges(ranking: Ranking, images: Provider) -> None:
    page = _Page(ranking_page(ranking, images, long_side_px=48))
    assert {(i["width"], i["height"]) for i in page.all("img")} == {("48", "32")}


def test_page_requests_nothing_from_outside(html: str, page: _Page) -> None:
    links = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"src", "href", "action", "srcset", "poster", "data", "xlink:href"}
    ]
    assert links
    assert {re.sub(r"[0-9]+$", "", link.split(",")[0]) for link in links} == {
        "data:image/jpeg;base",
        "data:",
        "#map-",
    }
    assert not re.search(r"https?:|url\(|@import", html)


def test_page_policy_allows_exactly_its_own_style_and_script(html: str, page: _Page) -> None:
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for tag in ("style", "script"):
        bodies = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert len(bodies) == 1
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
    assert not [a for _, a in page.elements if "style" in a or any(n[:2] == "on" for n in a)]


def test_page_escapes_names(html: str, page: _Page, series: RankedSeries) -> None:
    assert len(page.all("script")) == 1
    assert "alert(" not in re.sub(r"&lt;script&gt;alert\(", "", html)
    named = [a["title"] for a in page.all("p", class_="name")]
    assert named == [*(image.path for image in series.images), "x.jpg"]


def test_page_escapes_ids_titles_and_control_characters(ranking: Ranking) -> None:
    series = RankedSeries("<b>\x1b\udcff</b>", (RankedImage("a\u202e<i>.jpg", 1, 5, 1),), ())
    hostile = dataclasses.replace(ranking, series=(series,))
    html = ranking_page(hostile, lambda _: None, title="</title><b>")
    html.encode("utf-8")
    page = _Page(html)
    assert not page.all("b")
    assert not page.all("i")
    assert ("bdi", r"<b>\x1b\udcff</b>") in page.texts
    assert ("h1", "</title><b>") in page.texts


def test_page_says_scores_margins_and_chances(page: _Page) -> None:
    texts = [text for _, text in page.texts]
    for expected in (
        "Beach & more",
        "4 images in 2 series, 1 could not be used",
        "The pick and 1 other image are too close to call: let your eye decide among them.",
        "too close to call with the next",
        "preferred to the next (83 %)",
        "7.24",
        "62 %",
        "A single image: nothing to compare it with.",
        "beach/d.heic: needs HEIC support",
        "embedded 1.0",
        "ab12",
        "onnx",
    ):
        assert expected in texts
    assert [rect["width"] for rect in page.all("rect", class_="fill")] == ["62.0", "37.5", "0.5"]


def test_page_defines_a_map_once_and_lays_it_over_each_image(page: _Page) -> None:
    assert [g["id"] for g in page.all("g")] == ["map-1"]
    uses = page.all("use")
    assert [use["href"] for use in uses] == ["#map-1"] * 3
    assert uses[0]["transform"] == "translate(0.00 0.00) scale(32.00000 32.00000)"
    assert [choice["value"] for choice in page.all("input", type="radio", name="view-1")] == [
        "photos",
        "difference",
    ]
    outline = page.all("path", class_="map-line")[0]["d"]
    assert outline == "M1 1L3 1M1 2L3 2M1 1L1 2M3 1L3 2"


def test_page_places_the_map_into_the_box_of_each_image(ranking: Ranking, images: Provider) -> None:
    series = ranking.series[0]
    assert series.difference is not None
    boxes = dict.fromkeys(series.difference.boxes, (0.25, 0.5, 0.75, 1.0))
    moved = DifferenceMap(series.difference.values, (), {**boxes})
    changed = dataclasses.replace(series, difference=moved)
    page = _Page(ranking_page(dataclasses.replace(ranking, series=(changed,)), images))
    assert page.all("use")[0]["transform"] == "translate(48.00 16.00) scale(16.00000 16.00000)"
    assert not page.all("path", class_="map-line")
    assert "kept at full resolution" not in [text for _, text in page.texts]


def test_page_says_why_with_the_strength_of_each_reason(
    explained: Ranking, images: Provider
) -> None:
    page = _Page(ranking_page(explained, images))
    assert [text for tag, text in page.texts if tag == "span"][:1] == ["Photos"]
    whole = ranking_page(explained, images)
    assert re.findall(
        '<span class="why">(.*?)</span><span class="strength">(.*?)</span>', whole
    ) == [
        ("sharper", "75 %"),
        ("less noise", "20 %"),
        ("&lt;b&gt;blurrier", "50 %"),
    ]
    lists = re.findall('<ul class="reasons".*?</ul>', whole, re.DOTALL)
    bars = [re.findall('class="fill" width="([0-9.]+)"', one) for one in lists]
    assert bars == [["75.0", "20.0"], ["50.0"]]


def test_page_lays_its_effect_map_over_each_aligned_image(
    explained: Ranking, images: Provider
) -> None:
    page = _Page(ranking_page(explained, images))
    layers = page.all("image")
    assert len(layers) == 2
    assert {name: layers[0][name] for name in ("x", "y", "width", "height")} == {
        "x": "0.00",
        "y": "0.00",
        "width": "96.00",
        "height": "64.00",
    }
    pixels = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one["href"].split(",")[1]))))
        for one in layers
    ]
    effects = explained.series[0].effects
    assert effects is not None
    values = effects.values["beach/a.jpg"]
    assert values is not None
    np.testing.assert_array_equal(pixels[0], effect_rgba(values / effects_top(effects)))
    assert [c["value"] for c in page.all("input", name="view-1")] == [
        "photos",
        "difference",
        "effect",
    ]


def test_page_without_maps_has_no_choice(ranking: Ranking, images: Provider) -> None:
    plain = dataclasses.replace(ranking.series[0], difference=None)
    page = _Page(ranking_page(dataclasses.replace(ranking, series=(plain,)), images))
    assert not page.all("input")
    assert not page.all("use")


def test_page_shows_a_place_holder_for_a_missing_picture(ranking: Ranking) -> None:
    page = _Page(ranking_page(ranking, lambda _: None))
    assert not page.all("img")
    assert [p["aria-label"] for p in page.all("p", class_="missing")][0] == (
        "a.jpg, rank 1 of 3, score 7.24"
    )


def test_page_asks_for_each_picture_once(ranking: Ranking, images: Provider) -> None:
    asked: list[str] = []

    def provider(path: str) -> NDArray[np.uint8] | None:
        asked.append(path)
        return images(path)

    ranking_page(ranking, provider)
    assert asked == [image.path for series in ranking.series for image in series.images]


def test_page_is_the_same_each_time(ranking: Ranking, images: Provider) -> None:
    assert ranking_page(ranking, images) == ranking_page(ranking, images)


def test_page_of_a_map_that_lacks_an_image_is_an_error(ranking: Ranking, images: Provider) -> None:
    series = ranking.series[0]
    lacking = DifferenceMap(np.zeros((1, 1), np.float32), (), {})
    wrong = dataclasses.replace(ranking, series=(dataclasses.replace(series, difference=lacking),))
    with pytest.raises(InputError, match="^beach/a.jpg: the difference map has no place for this"):
        ranking_page(wrong, images)


def test_page_lays_no_map_over_an_image_that_was_not_aligned(
    ranking: Ranking, images: Provider
) -> None:
    series = ranking.series[0]
    assert series.difference is not None
    boxes = {**series.difference.boxes, "beach/c.jpg": None}
    apart = dataclasses.replace(series.difference, boxes=boxes)
    changed = dataclasses.replace(ranking, series=(dataclasses.replace(series, difference=apart),))
    assert ranking_page(ranking, images).count('<svg class="map difference"') == 3
    assert ranking_page(changed, images).count('<svg class="map difference"') == 2


def test_page_of_no_series_is_a_page(ranking: Ranking, images: Provider) -> None:
    page = _Page(ranking_page(dataclasses.replace(ranking, series=()), images))
    assert "0 images in 0 series, 1 could not be used" in [text for _, text in page.texts]
