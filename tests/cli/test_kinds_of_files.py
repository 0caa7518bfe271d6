"""HEIC and RAW files beside JPEG: ranked together, and every broken one named."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image as PILImage
from tests.command_line import json_of, run
from tests.images.corpus import encode, scene, write
from tests.tiff_writer import dng_bytes, mosaic_of


@pytest.fixture
def shoot(tmp_path: Path) -> Path:
    """A folder of a JPEG with its RAW, a RAW alone, a HEIC, and a text that claims to be a RAW."""
    folder = tmp_path / "shoot"
    folder.mkdir()
    picture = scene(120, 160)
    jpeg = encode(picture, "JPEG")
    raw = dng_bytes(mosaic_of(picture), preview=(jpeg, (160, 120)))
    write(folder / "IMG_1.JPG", jpeg)
    write(folder / "IMG_1.DNG", raw)
    write(folder / "IMG_2.dng", raw)
    stream = io.BytesIO()
    pillow_heif.from_pillow(PILImage.fromarray(scene(120, 160, seed=1))).save(stream)
    write(folder / "IMG_3.heic", stream.getvalue())
    write(folder / "IMG_4.cr2", b"Dear diary,\n" * 20)
    return folder


def test_all_kinds_are_ranked_together(shoot: Path, tiny_model: Path) -> None:
    result = json_of("rank", shoot, "--model", tiny_model, code=3)
    names = {Path(image["path"]).name for image in result["series"][0]["images"]}
    assert names == {"IMG_1.JPG", "IMG_2.dng", "IMG_3.heic"}
    assert [Path(one["path"]).name for one in result["failures"]] == ["IMG_4.cr2"]


def test_raw_and_heic_are_scored_and_compared(shoot: Path, tiny_model: Path) -> None:
    result = json_of("score", shoot / "IMG_2.dng", shoot / "IMG_3.heic", "--model", tiny_model)
    assert len(result["images"]) == 2
    run("compare", shoot / "IMG_2.dng", shoot / "IMG_3.heic", "--model", tiny_model)


def test_without_the_extras_the_others_are_ranked(
    shoot: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    done = run("rank", shoot, "--model", tiny_model, code=3)
    assert "IMG_1.JPG" in done.stdout
    assert "pip install 'fgaesq[raw]'" in done.stderr
    assert "pip install 'fgaesq[heif]'" in done.stderr
