"""Splits: shares, balance, scenes that stay together, sides that stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from tests.building.publish.finished_sets import calibrated, finished_collection, source_image
from tests.scenes import scene

from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.ranks import splits
from fgaesq.building.publish.finished import finished_dataset
from fgaesq.building.publish.look_store import LookStore
from fgaesq.building.publish.publishing import Publishing, publish
from fgaesq.building.publish.scenes import ALIKE, alike_sides, look_at
from fgaesq.building.publish.splitting import choose_splits, split_series
from fgaesq.building.records import SourceImage
from fgaesq.datasets.records import Crop, Split
from fgaesq.errors import CollectionError


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Collection]:
    with create_collection(tmp_path / "set") as made:
        yield made


def chosen(
    sizes: list[tuple[str, int]],
    scene: list[int] | None = None,
    known: list[Split | None] | None = None,
) -> list[Split]:
    order = np.random.default_rng(0).permutation(len(sizes)).tolist()
    scene = scene or list(range(len(sizes)))
    return choose_splits(sizes, np.array(scene), order=order, known=known or [None] * len(sizes))


def images_by_side(sizes: list[tuple[str, int]], sides: list[Split]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (category, number), side in zip(sizes, sides, strict=True):
        found[category, side] += number
    return found


def test_val_and_test_hold_a_tenth_in_equal_parts_of_each_category() -> None:
    sizes = [("natural", 3)] * 2000 + [("aigc", 2)] * 1000 + [("cropping", 10)] * 200
    found = images_by_side(sizes, chosen(sizes))
    for side in ("val", "test"):
        for category in ("natural", "aigc", "cropping"):
            assert abs(found[category, side] - 1000 / 3) < 10


def test_a_small_category_gives_no_more_than_a_fifth() -> None:
    sizes = [("natural", 3)] * 3000 + [("aigc", 2)] * 100
    found = images_by_side(sizes, chosen(sizes))
    for side in ("val", "test"):
        assert found["aigc", side] == 40
        assert abs(found["natural", side] - (920 - 40)) < 5


def test_even_a_few_series_have_all_three_sides() -> None:
    sizes = [("natural", 4)] * 3
    assert sorted(chosen(sizes)) == ["test", "train", "val"]


def test_a_scene_stays_together_and_known_sides_stay() -> None:
    sizes = [("natural", 3)] * 100
    scene = [number // 2 for number in range(100)]
    known: list[Split | None] = [None] * 100
    known[0], known[2], known[3] = "val", "train", "test"
    sides = chosen(sizes, scene, known)
    assert sides[0::2] == sides[1::2]
    assert (sides[0], sides[2]) == ("val", "test"), "the side not trained on counts"


def photo(folder: Path, name: str, seed: int, *, shift: int = 0) -> SourceImage:
    pixels = scene(300, 400, seed=seed)
    PILImage.fromarray(np.roll(pixels, shift, axis=1)).save(folder / name, quality=85)
    return source_image(folder / name)


def test_series_that_share_a_photo_prompt_clip_or_look_share_a_side(
    collection: Collection, tmp_path: Path
) -> None:
    made = [photo(tmp_path, f"{k}.jpg", seed=k, shift=0) for k in range(40)]
    (tmp_path / "copy.jpg").write_bytes(made[0].path.read_bytes())
    pairs = [made[k : k + 2] for k in range(0, 40, 2)]
    pairs.append([source_image(tmp_path / "copy.jpg"), photo(tmp_path, "x.jpg", 90)])
    pairs.append([photo(tmp_path, "like.jpg", 2, shift=8), photo(tmp_path, "y.jpg", 91)])
    of_prompt = [replace(photo(tmp_path, f"p{k}.jpg", 60 + k), prompt=f"A  Wren{' ' * k}")
                 for k in range(4)]  # fmt: skip
    of_clip = [replace(photo(tmp_path, f"c{k}.jpg", 70 + k), origin={"clip": "a.mp4"})
               for k in range(4)]  # fmt: skip
    pairs += [of_prompt[:2], of_prompt[2:], of_clip[:2], of_clip[2:]]
    ids = [calibrated(collection, "natural", images) for images in pairs]
    finished = finished_dataset(collection)
    for seed in range(5):
        report = split_series(finished, seed=seed)
        side = [report.splits[id] for id in ids]
        assert side[0] == side[20]
        assert side[1] == side[21]
        assert side[22] == side[23]
        assert side[24] == side[25]
        assert report.joined == 8
        assert report.highest < ALIKE


def test_the_sides_are_compared_image_by_image(tmp_path: Path) -> None:
    members = [
        [photo(tmp_path, "a.jpg", 1), photo(tmp_path, "b.jpg", 2)],
        [photo(tmp_path, "c.jpg", 3), photo(tmp_path, "d.jpg", 2, shift=5)],
    ]
    looks = look_at(members)
    same, _ = alike_sides(looks, np.array([0, 0, 0, 0]))
    across, highest = alike_sides(looks, np.array([0, 0, 1, 1]))
    assert same == []
    assert across == [(0, 1)]
    assert highest > ALIKE


def test_looks_are_kept_and_no_photo_is_opened_twice(tmp_path: Path) -> None:
    members = [[photo(tmp_path, "a.jpg", 1), photo(tmp_path, "b.jpg", 2)]]
    whole = members[0][0]
    members.append([replace(whole, crop=Crop(0, 0, 200, 150)), whole])
    with LookStore(tmp_path / "looks.sqlite3") as store:
        first = look_at(members, store=store)
    for path in tmp_path.glob("*.jpg"):
        path.unlink()
    with LookStore(tmp_path / "looks.sqlite3") as store:
        again = look_at(members, store=store)
    assert again.unread == ()
    np.testing.assert_array_equal(again.prints.structure, first.prints.structure)
    assert (first.prints.structure[2] != first.prints.structure[3]).any()


def test_looks_that_cannot_be_written_leave_no_file_open(tmp_path: Path) -> None:
    store = LookStore(tmp_path / "looks.sqlite3")
    look_at([[photo(tmp_path, "a.jpg", 1), photo(tmp_path, "b.jpg", 2)]], store=store)
    store.write("DROP TABLE looks")
    with pytest.raises(CollectionError, match="looks.sqlite3: .*no such table"):
        store.close()
    with pytest.raises(CollectionError, match="closed database"):
        store.rows("SELECT 1")


def test_splits_follow_from_the_photos_and_the_seed(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=12, aigc=0, crops=0) as collection:
        finished = finished_dataset(collection)
    first, again, *others = (split_series(finished, seed=seed).splits for seed in (0, 0, 1, 2))
    assert first == again
    assert any(other != first for other in others)


def test_splits_are_kept_and_new_series_find_their_place(tmp_path: Path) -> None:
    with finished_collection(tmp_path, natural=8, aigc=0, crops=0) as collection:
        publish(collection, tmp_path / "one", Publishing())
        before = splits(collection)
        images = [photo(tmp_path, f"new{k}.jpg", 95 + k) for k in range(2)]
        new = calibrated(collection, "natural", images)
        publish(collection, tmp_path / "two", Publishing(seed=5))
        after = splits(collection)
    assert {series: side for series, side in after.items() if series != new} == before
    assert new in after
