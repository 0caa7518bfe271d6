"""The page of a refinement, and the statistics that it shows."""

from __future__ import annotations

import numpy as np
from tests.building.refine.made import series_of_files
from tests.scenes import scene

from fgaesq.building.collection import Collection
from fgaesq.building.collection.series import all_series
from fgaesq.building.refine import MetricsStep, refine_by_metrics
from fgaesq.building.refine.page import refinement_page, write_report
from fgaesq.building.refine.statistics import similarities
from fgaesq.datasets.edits import EDITS, as_jpeg


def refined(collection: Collection) -> MetricsStep:
    frame = scene(90, 120, seed=1)
    series_of_files(
        collection,
        [
            frame,
            EDITS["colour_cast"](frame, 0.3, np.random.default_rng(1)),
            as_jpeg(frame, 92),
            np.zeros_like(frame),
        ],
    )
    return refine_by_metrics(collection, processes=1)


def test_the_page_shows_counts_reasons_and_examples(collection: Collection) -> None:
    step = refined(collection)
    page = refinement_page(collection, step)
    assert "2 of 4 images in 1 of 1 series are left" in page
    for words in ("Near identical: 1", "Empty: 1", "What is left", "Thresholds"):
        assert words in page
    assert page.count("data:image/jpeg;base64,") == 4  # two dropped, each beside another
    assert "visible difference" in page


def test_the_page_loads_nothing_and_runs_nothing(collection: Collection) -> None:
    page = refinement_page(collection, refined(collection))
    assert "<script" not in page
    assert 'src="http' not in page
    assert "default-src 'none'" in page
    assert 'style="' not in page  # the policy would not allow it


def test_an_unreadable_image_has_its_place(collection: Collection) -> None:
    refined(collection)
    (collection.folder / "photos" / "002.jpg").write_bytes(b"nothing")
    page = refinement_page(collection, refine_by_metrics(collection, processes=1))
    assert "cannot be read" in page


def test_the_report_lies_with_the_dataset(collection: Collection) -> None:
    path = write_report(collection, refined(collection))
    assert path == collection.folder / "refinement" / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_similarities_are_those_of_what_is_left(collection: Collection) -> None:
    step = refined(collection)
    found = {one.name: one for one in similarities(all_series(collection), step.measured)}
    assert set(found) == {"ssim", "matches", "patches", "likeness"}
    assert (len(found["ssim"].values), len(found["ssim"].before)) == (1, 6)
    summary = found["ssim"].summary()
    assert summary["pairs"] == 1
    assert summary["category"] == "natural"
