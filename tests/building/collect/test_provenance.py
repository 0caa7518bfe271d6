"""Source, licence and rights of each image: tables, options, what files say."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.building.collect.generated_images import write_exif, write_png, xmp_packet
from tests.building.collect.heaps import collected, members

from fgaesq.building.collect.provenance import read_tables
from fgaesq.building.collect.texts import file_texts, rights_of

RIGHTS = (
    "<dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>Ann Ito 2026</rdf:li></rdf:Alt></dc:rights>"
    "<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang='x-default'>for research</rdf:li></rdf:Alt>"
    "</xmpRights:UsageTerms>"
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
)


@pytest.fixture
def heap(tmp_path: Path) -> Path:
    for number in range(3):
        write_png(tmp_path / "heap" / "sub" / f"{number}.png", {"prompt": "fox"}, seed=number)
    return tmp_path / "heap"


def said(heap: Path, **given: str) -> list[tuple[str, str]]:
    dataset = heap.parent / "dataset"
    collected(heap, dataset, "aigc", **given)
    ((_, some),) = members(dataset)
    return [(one.source, one.licence) for one in some]


def test_options_say_it_of_all(heap: Path) -> None:
    assert said(heap, source="mine", licence="CC0-1.0") == [("mine", "CC0-1.0")] * 3


def test_without_any_word_the_source_is_the_folder(heap: Path) -> None:
    assert said(heap) == [("heap", "")] * 3


def test_a_table_says_it_of_each(heap: Path) -> None:
    (heap / "licences.csv").write_text(
        'File,Source,Licence\nsub/0.png,flickr,"CC-BY-2.0, by Ann"\n./sub/1.png,,CC0-1.0\n'
    )
    assert said(heap, source="mine", licence="all rights reserved") == [
        ("flickr", "CC-BY-2.0, by Ann"),
        ("mine", "CC0-1.0"),
        ("mine", "all rights reserved"),
    ]


def test_the_nearest_table_counts(heap: Path) -> None:
    (heap / "MANIFEST.csv").write_text("file,source,license\nsub/0.png,a,far\nsub/1.png,a,far\n")
    (heap / "sub" / "licences.csv").write_text("file,license\n0.png,near\n")
    assert said(heap) == [("a", "near"), ("a", "far"), ("heap", "")]


def test_tables_above_the_sources_are_not_read(heap: Path) -> None:
    (heap.parent / "MANIFEST.csv").write_text("file,source\nheap/sub/0.png,secret\n")
    assert said(heap)[0] == ("heap", "")


def test_a_table_of_another_kind_is_named(heap: Path) -> None:
    (heap / "MANIFEST.csv").write_text("a,b\n1,2\n")
    found = read_tables([heap], [heap / "sub" / "0.png"])
    table = heap / "MANIFEST.csv"
    assert found.notes == (f"{table}: has no column 'file' that names the images; it is left out",)


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_rights_in_a_file_are_notes(tmp_path: Path, ending: str) -> None:
    path = write_exif(
        tmp_path / f"a.{ending}",
        main={0x8298: "(c) Ann Ito", 0x013B: "Ann Ito"},
        xmp=xmp_packet(RIGHTS),
    )
    assert rights_of(file_texts(path)) == {
        "copyright": "(c) Ann Ito",
        "artist": "Ann Ito",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "terms": "for research",
    }


def test_a_licence_in_the_file_counts_where_nothing_else_does(tmp_path: Path) -> None:
    for number in range(2):
        packet = xmp_packet(RIGHTS)
        write_exif(
            tmp_path / "heap" / f"{number}.jpg", main={0x010E: "fox"}, xmp=packet, seed=number
        )
    dataset = tmp_path / "dataset"
    collected(tmp_path / "heap", dataset, "aigc")
    ((_, (first, _)),) = members(dataset)
    assert first.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert first.origin["copyright"] == "Ann Ito 2026"
