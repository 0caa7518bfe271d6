"""`fgaesq data check`: what it serves, and what it says if there is nothing to check."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.command_line import run, served
from tests.photos import burst

from fgaesq.building.collection import create_collection
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series
from fgaesq.building.records import NewSeries, SourceImage


@pytest.mark.skipif(find_spec("fastapi") is None, reason="needs the extra web")
def test_the_page_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    with create_collection(tmp_path / "birds") as collection:
        images = [SourceImage(path, "0" * 64, 360, 480) for path in burst(tmp_path / "heap")]
        add_series(collection, [NewSeries("natural", tuple(add_images(collection, images)))])
    assert b"1 series, 3 images" in served("data", "check", tmp_path / "birds", "--as", "ada")


def test_an_empty_name_is_refused(tmp_path: Path) -> None:
    result = run("data", "check", tmp_path, "--as", " ", code=1)
    assert result.stderr == "fgaesq: --as '': decisions are kept under a name; give yours\n"


def test_a_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    result = run("data", "check", tmp_path, code=1)
    assert result.stderr == (
        f"fgaesq: {tmp_path}: holds no dataset in the making (collection.sqlite3 is not there); "
        "begin one with 'fgaesq data collect'\n"
    )
