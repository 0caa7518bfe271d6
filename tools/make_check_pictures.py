"""Write the pictures of docs/checking.md: the page to check a dataset, on the example series.

Run it with the development packages and a Chromium on the path:

    python -m tools.make_check_pictures
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFilter
from playwright.sync_api import Browser
from tools.make_review_pictures import (
    DESKTOP,
    PHONE,
    ROOT,
    TOKEN,
    chromium,
    opened_page,
    write_picture,
)

from fgaesq.building.collection import Collection, create_collection
from fgaesq.building.collection.decisions import decide
from fgaesq.building.collection.images import add_images
from fgaesq.building.collection.series import add_series, replace_drops
from fgaesq.building.people import app
from fgaesq.building.records import Category, Drop, NewSeries, SourceImage
from fgaesq.datasets.records import Crop
from fgaesq.web.serving import running_app

BURSTS = ROOT / "examples" / "bursts"
WREN, OSPREY, LAKE = "canyon-wren/IMG_331{}", "osprey/IMG_204{}", "sherburne-lake/DSC_04{}"
OTTER = "otter-crops/otter-{}"


def main() -> None:
    """Make all pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
        create_collection(Path(folder) / "birds-and-lakes") as collection,
    ):
        _Heap(collection, Path(folder) / "heap").fill()
        with _served(collection) as address:
            _take_all(browser, address)


@contextmanager
def _served(collection: Collection) -> Iterator[str]:
    with running_app(app(collection, TOKEN, who="ada")) as address:
        yield address


class _Heap:
    """A collection of copies of the example photos, as metrics and a model left it."""

    def __init__(self, collection: Collection, folder: Path) -> None:
        self.collection, self.folder = collection, folder
        folder.mkdir()
        self.number = 4710

    def fill(self) -> None:
        """Add all series, what steps found, proposals and a few decisions."""
        wren = self.series([WREN.format(n) for n in (0, 1, 2, 3)] + [WREN.format(0)], "feeder")
        osprey = self.series(
            [OSPREY.format(n) for n in (1, 2, 3, 4)], "nest", blurred=[OSPREY.format(5)]
        )
        self.series([LAKE.format(n) for n in (17, 18, 19, 20)], "lake")
        self.series([OTTER.format(n) for n in (1, 2, 3)], "otters", kind="cropping")
        wide = self.series(
            [WREN.format(n) for n in (1, 2)]
            + [OSPREY.format(n) for n in (3, 4, 5)]
            + [LAKE.format(n) for n in (17, 20)],
            "feeder",
        )
        dropped = self.series([LAKE.format(18), OSPREY.format(1)], "lake")
        crops = self.crops(LAKE.format(19), ((0, 0), (120, 0), (60, 60), (120, 90)))
        more = self.series([WREN.format(n) for n in (3, 2)], "feeder")
        last = self.series([OSPREY.format(n) for n in (2, 5, 1)], "nest")
        same = self.series([LAKE.format(n) for n in (20, 17)], "lake")
        near = "near_identical"
        replace_drops(
            self.collection,
            "metrics",
            [
                Drop(wren[0], wren[5], "metrics", near, "SSIM 0.996", wren[1]),
                Drop(osprey[0], osprey[5], "metrics", "defective", "sharpness 3"),
                Drop(crops[0], crops[4], "metrics", "overlap", "IoU 0.91", crops[3]),
            ],
        )
        found = [
            Drop(dropped[0], None, "model", "context", "a lake and a bird"),
            Drop(last[0], last[2], "model", "context", "another bird is landing"),
        ]
        replace_drops(self.collection, "model", found)
        parts = [wide[1:3], wide[3:6], wide[6:]]
        self.collection.set("proposed_splits", {str(wide[0]): parts})
        self.collection.set("proposed_merges", [[3, same[0]]])
        decide(self.collection, more[0], None, keep=True, who="ada")
        decide(self.collection, 4, None, keep=True, who="bob")

    def series(
        self,
        names: Sequence[str],
        source: str,
        *,
        blurred: Sequence[str] = (),
        kind: Category = "natural",
    ) -> list[int]:
        """Add copies of photos as a series; return its id and those of its images."""
        images = [self.copy(name) for name in names]
        images += [self.copy(name, blur_px=7) for name in blurred]
        return self.add(images, NewSeries(kind, (), source, "taken within 2 s"))

    def crops(self, name: str, corners: Sequence[tuple[int, int]]) -> list[int]:
        """Add crops of one photo as a series."""
        whole = self.copy(name)
        height, width = whole.height * 3 // 5, whole.width * 3 // 5
        images = [
            SourceImage(whole.path, whole.digest, height, width, Crop(x, y, x + width, y + height))
            for x, y in corners
        ]
        return self.add(images, NewSeries("cropping", (), "lake", "crops of one photo"))

    def add(self, images: Sequence[SourceImage], new: NewSeries) -> list[int]:
        """Add images as a series; return its id and those of its images."""
        ids = add_images(self.collection, images)
        (series,) = add_series(
            self.collection, [NewSeries(new.category, tuple(ids), new.source, new.why)]
        )
        return [series, *ids]

    def copy(self, name: str, *, blur_px: float = 0) -> SourceImage:
        """Copy a photo into the heap under a new number."""
        self.number += 1
        path = self.folder / f"DSC_{self.number}.jpg"
        image = Image.open(BURSTS / f"{name}.jpg").filter(ImageFilter.GaussianBlur(blur_px))
        image.save(path, quality=90)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return SourceImage(path, digest, image.height, image.width)


def _take_all(browser: Browser, address: str) -> None:
    page = opened_page(browser, address, dark=True, viewport={"width": 1280, "height": 620})
    write_picture(page, "check-overview")
    page.get_by_text("What every step took out").click()
    page.mouse.move(0, 0)
    write_picture(page, "check-counts")
    page = opened_page(browser, address, "/series/1", dark=True, **DESKTOP)
    page.keyboard.press("ArrowRight")
    write_picture(page, "check-series")
    for key in ("ArrowLeft", "c", "ArrowRight", "+", "+"):
        page.keyboard.press(key)
    write_picture(page, "check-compare")
    page = opened_page(browser, address, "/series/5", dark=False, **DESKTOP)
    write_picture(page, "check-split")
    page = opened_page(browser, address, "/series/2", dark=True, **PHONE)
    write_picture(page, "check-phone")


if __name__ == "__main__":
    main()
