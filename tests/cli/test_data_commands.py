"""`fgaesq data` on datasets that exist."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import run
from tests.datasets.miniatures import make_fgaesthetics, make_gaic, make_own

from fgaesq.datasets.reading import FORMATS


def test_formats_are_listed_with_the_files_they_are_known_by() -> None:
    lines = run("data", "formats").stdout.splitlines()
    assert [line.split()[0] for line in lines[::2]] == list(FORMATS)
    assert lines[lines.index(next(line for line in lines if line.startswith("ava"))) + 1] == (
        "              known by: AVA.txt"
    )
    listed = json.loads(run("data", "formats", "--json").stdout)["formats"]
    assert [one["name"] for one in listed] == list(FORMATS)


def test_inspect_prints_what_is_in_a_dataset(tmp_path: Path) -> None:
    make_fgaesthetics(tmp_path, sources=("natural",))
    (tmp_path / "000001" / "000001-03.jpg").unlink()
    assert run("data", "inspect", tmp_path).stdout == (
        f"{tmp_path}: fgaesthetics, judged in series\n"
        "\n"
        "           images    series     pairs    scores\n"
        "train           8         3         7         0\n"
        "val             6         2         6         0\n"
        "test            6         2         6         0\n"
        "natural        20         7        19         0\n"
        "all            20         7        19         0\n"
        "\n"
        "series sizes      1 of 2, 6 of 3\n"
        "values            of 7 series, 0 pairs are equal\n"
        "value gaps        median 1, half of them 1 to 2\n"
        "pairs             19 decided, 0 ties\n"
        "P, 0 to 1         0 0 0 13 0 0 0 0 6 0\n"
        "mean |2P - 1|     0.470\n"
        "against values    0 pairs\n"
        "intransitive      0 of 6 triples judged in all three pairs\n"
        "split leaks       none\n"
        "images opened     20: sides 64 to 96 px, median 96x64 px\n"
        "note              natural: lower values are better, as 21 of 21 decided pairs say; they "
        "read like ranks, 1 the best\n"
        "note              the fourth column is read as the probability that the first image is "
        "better\n"
        "note              there are no label files aigc_train, aigc_val, aigc_test, "
        "cropping_train, cropping_val, cropping_test\n"
        f"PROBLEM           images that are not there: 1 ({tmp_path}/000001/000001-03.jpg)\n"
        "PROBLEM           pairs without their images: 2 (natural/000001: natural/000001-01, "
        "natural/000001-03, natural/000001: natural/000001-03, natural/000001-02)\n"
    )


def test_inspect_gives_the_same_as_json(tmp_path: Path) -> None:
    make_gaic(tmp_path)
    result = run("data", "inspect", tmp_path, "--json", "--split", "val", "--images", "0")
    report = json.loads(result.stdout)
    assert report["total"] == {"images": 6, "series": 2, "pairs": 0, "scores": 0}
    assert report["images"] is None
    assert report["problems"][0]["harmless"]


def test_inspect_stops_at_a_problem_only_when_told(tmp_path: Path) -> None:
    make_own(tmp_path)
    (tmp_path / "photos" / "1" / "0.jpg").unlink()
    run("data", "inspect", tmp_path)
    result = run("data", "inspect", tmp_path, "--strict", code=1)
    assert result.stderr.startswith(f"fgaesq: {tmp_path}: images that are not there: 1 (")


def test_a_wrong_format_is_wrong_usage(tmp_path: Path) -> None:
    result = run("data", "inspect", tmp_path, "--format", "phototriag", code=2)
    assert (
        result.stderr
        == "fgaesq: unknown format of datasets 'phototriag'; did you mean phototriage?\n"
    )


def test_convert_writes_a_dataset_in_our_own_format(tmp_path: Path) -> None:
    root = make_gaic(tmp_path / "gaic")
    out = tmp_path / "copy"
    result = run("data", "convert", root, "--out", out, "--split", "train")
    assert result.stdout == f"{out}: 9 images of 'gaic'\n"
    assert result.stderr.startswith(f"{root}: crops that the authors left out (-2): 7 (")
    assert "9         3" in run("data", "inspect", out).stdout
