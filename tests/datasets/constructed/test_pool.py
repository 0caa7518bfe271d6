"""The pool: what its manifest may say, and splits that never change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.datasets.pool import names_of, write_pool

from fgaesq.datasets.constructed import read_pool, split_of
from fgaesq.errors import InputError


def test_splits_have_their_shares() -> None:
    shares = Counter(split_of(f"some-{i}.jpg") for i in range(20_000))
    assert shares["train"] / 20_000 == pytest.approx(0.80, abs=0.01)
    assert shares["val"] / 20_000 == pytest.approx(0.06, abs=0.01)
    assert shares["test"] / 20_000 == pytest.approx(0.14, abs=0.01)


def test_the_split_of_a_name_never_changes() -> None:
    names = ("free-000.jpg", "urban-000.jpg", "free-001.jpg", "é.png")
    assert [split_of(name) for name in names] == ["test", "val", "train", "train"]


def test_the_pool_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    names = write_pool(tmp_path)
    pool = read_pool(tmp_path)
    assert [photo.path.name for photo in pool] == list(names)
    assert [photo.tier for photo in pool[:4]] == ["free", "research", "research", "free"]


def test_a_split_of_the_pool_holds_its_photos_alone(tmp_path: Path) -> None:
    write_pool(tmp_path, train=6, val=3)
    parts = {
        split: {photo.path.name for photo in read_pool(tmp_path, split=split)}
        for split in ("train", "val")
    }
    assert parts == {"train": set(names_of("train", 6)), "val": set(names_of("val", 3))}


def refusal(folder: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_pool(folder, **options)
    return str(caught.value).replace(str(folder), "POOL")


def test_a_folder_without_manifest_is_an_error(tmp_path: Path) -> None:
    text = "POOL/MANIFEST.csv: not found; give a folder of photos with a MANIFEST.csv"
    assert refusal(tmp_path) == text


def test_missing_photos_are_an_error(tmp_path: Path) -> None:
    names = write_pool(tmp_path)
    for name in names[2:4]:
        (tmp_path / name).unlink()
    assert refusal(tmp_path) == f"POOL/MANIFEST.csv: lists 2 missing files, first {names[2]}"


def test_a_manifest_without_a_column_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("file,licence\na.jpg,CC0\n", encoding="utf-8")
    text = "POOL/MANIFEST.csv: has no column 'tier'; it needs file and tier"
    assert refusal(tmp_path) == text


def test_an_empty_manifest_or_split_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.csv").write_text("file,tier\n", encoding="utf-8")
    assert refusal(tmp_path) == (
        "POOL/MANIFEST.csv: lists no photo at all; add photos to the folder"
    )
    write_pool(tmp_path, val=0)
    text = "POOL/MANIFEST.csv: lists no photo of the split 'val'; add photos to the folder"
    assert refusal(tmp_path, split="val") == text
