"""Series of generated images: one prompt, one folder, one generator or several."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.building.collect.generated_images import (
    GRAPH,
    INFOTEXT,
    unicode_comment,
    write_exif,
    write_png,
)
from tests.building.collect.heaps import collected, made, members, sums_up


def infotext(prompt: str, model: str = "film", seed: int = 1) -> str:
    return f"{prompt}\nNegative prompt: text\nSteps: 20, Seed: {seed}, Model: {model}"


@pytest.fixture
def heap(tmp_path: Path) -> Path:
    folder = tmp_path / "heap"
    write_png(folder / "1.png", {"parameters": infotext("a red fox")}, seed=1)
    write_png(folder / "2.png", {"prompt": GRAPH}, seed=2)
    comment = unicode_comment(infotext("A red fox, ", "xl", 7), "utf-16-be")
    write_exif(folder / "3.jpg", comment=comment, seed=3)
    write_png(folder / "4.png", {"parameters": infotext("a blue bird")}, seed=4)
    write_png(folder / "5.png", {}, seed=5)
    return folder


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "dataset"


def test_images_of_one_prompt_are_a_series(heap: Path, dataset: Path) -> None:
    done = collected(heap, dataset, "aigc")
    assert made(dataset) == [("aigc", ["1.png", "2.png", "3.jpg"])]
    assert done.left_out.counts == {"no_prompt": 1, "one_of_prompt": 1}
    assert sums_up(done, 3)


def test_an_image_keeps_what_made_it(heap: Path, dataset: Path) -> None:
    collected(heap, dataset, "aigc")
    ((_, (first, second, third)),) = members(dataset)
    assert first.prompt == "a red fox"
    assert third.prompt == "A red fox,"
    assert second.source == "ComfyUI dream"
    assert dict(third.origin) == {
        "generator": "AUTOMATIC1111",
        "model": "xl",
        "seed": "7",
        "negative": "text",
    }


def test_the_source_of_a_series_is_the_collection_it_comes_from(heap: Path, dataset: Path) -> None:
    assert collected(heap, dataset, "aigc", source="mine").by_source == {"mine": 1}
    ((_, some),) = members(dataset)
    assert [one.source for one in some] == [
        "AUTOMATIC1111 film",
        "ComfyUI dream",
        "AUTOMATIC1111 xl",
    ]


def test_generators_can_be_kept_apart(heap: Path, dataset: Path) -> None:
    write_png(heap / "6.png", {"parameters": infotext("a red fox")}, seed=6)
    collected(heap, dataset, "aigc", generators_apart=True)
    assert made(dataset) == [("aigc", ["1.png", "6.png"])]


def test_a_folder_is_a_series_on_request(tmp_path: Path, dataset: Path) -> None:
    for number in range(3):
        folder = tmp_path / "heap" / "ab"[number // 2]
        write_png(folder / f"{number}.png", {"parameters": INFOTEXT}, seed=number)
    done = collected(tmp_path / "heap", dataset, "aigc", folders=True)
    assert made(dataset) == [("aigc", ["0.png", "1.png"])]
    assert done.left_out.counts == {"alone": 1}
    ((_, (first, _)),) = members(dataset)
    assert first.prompt == "a red fox, in snow\nsoft light"


def test_prompts_of_a_table_go_before_those_of_files(heap: Path, dataset: Path) -> None:
    (heap / "MANIFEST.csv").write_text(
        "file,prompt,model\n4.png,a bird,m1\n5.png,A bird,m2\n1.png,a bird,\n"
    )
    collected(heap, dataset, "aigc")
    assert made(dataset) == [
        ("aigc", ["1.png", "4.png", "5.png"]),
        ("aigc", ["2.png", "3.jpg"]),
    ]
    ((_, (_, second, third)), _) = members(dataset)
    assert (second.origin["model"], third.origin) == ("m1", {"model": "m2"})


def test_a_second_run_changes_nothing(heap: Path, dataset: Path) -> None:
    collected(heap, dataset, "aigc")
    before = members(dataset)
    write_png(heap / "7.png", {"parameters": infotext("a red fox")}, seed=7)
    done = collected(heap, dataset, "aigc")
    assert members(dataset) == before
    assert done.left_out.counts == {"no_prompt": 1, "joins": 1, "one_of_prompt": 1}
