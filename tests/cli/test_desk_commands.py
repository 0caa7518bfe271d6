"""`fgaesq cull`, `review`, `apply` and `undo`: what they print, write and return."""

from __future__ import annotations

import csv
import io
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.command_line import json_of, run, served
from tests.desk.photo_shoots import make_shoot

from fgaesq.storage.digests import file_sha256


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FGAESQ_CATALOGUE", str(tmp_path / "catalogue.sqlite3"))
    make_shoot(tmp_path / "shoot")
    return tmp_path / "shoot"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_table_names_every_photo_and_sums_up(folder: Path, tiny_model: Path) -> None:
    lines = run("cull", folder, "--model", tiny_model).stdout.splitlines()
    assert lines[0].startswith("2026-05-01 09:00  series of 3, the first is preferred with ")
    assert all(any(f"  {name}  " in line for line in lines) for name in names(folder))
    assert lines[-1].startswith("6 photos in 3 groups: ")


def test_json_has_the_documented_shape(folder: Path, tiny_model: Path) -> None:
    result = json_of("cull", folder, "--model", tiny_model)
    assert list(result) == ["model", "reading", "taste", "groups", "read", "failures"]
    assert result["model"]["sha256"] == file_sha256(tiny_model / "model.onnx")
    keys = ["id", "kind", "why", "protected", "by_hand", "margin", "taste", "photos"]
    assert list(result["groups"][0]) == keys
    photo = result["groups"][0]["photos"][0]
    assert list(photo) == [
        *("id", "path", "taken", "rank", "score", "p_best", "reasons"),
        *("verb", "stars", "why", "marked", "failure"),
    ]
    assert photo["taken"] == "2026-05-01T09:00:00"
    assert json_of("cull", folder, "--model", tiny_model)["read"] == 0


def test_csv_names_the_model_in_every_row(folder: Path, tiny_model: Path) -> None:
    text = run("cull", folder, "--model", tiny_model, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 6
    assert {row["sha256"] for row in rows} == {file_sha256(tiny_model / "model.onnx")}
    assert {row["verb"] for row in rows} <= {"keep", "reject", "undecided"}


def test_scores_are_written_as_csv_and_parquet(
    folder: Path, tiny_model: Path, tmp_path: Path
) -> None:
    table, parquet = tmp_path / "scores.csv", tmp_path / "scores.parquet"
    call = ("cull", folder, "--model", tiny_model)
    text = run(*call, "--scores", table, "--format", "csv").stdout
    assert table.read_text(encoding="utf-8") == text
    run(*call, "--scores", parquet)
    pq = pytest.importorskip("pyarrow.parquet")
    read = pq.read_table(parquet)
    assert read.schema.metadata[b"fgaesq.sha256"].decode() == file_sha256(tiny_model / "model.onnx")
    assert read.schema.metadata[b"fgaesq.reading"] == b"normal"
    assert read.num_rows == 6
    assert set(read.column("verb").to_pylist()) <= {"keep", "reject", "undecided"}


def test_the_page_shows_the_shoot(folder: Path, telling_model: Path, tmp_path: Path) -> None:
    page = tmp_path / "shoot.html"
    run("cull", folder, "--model", telling_model, "--html", page)
    text = page.read_text(encoding="utf-8")
    assert all(name in text for name in names(folder))
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_share_of_the_shoot_is_kept(folder: Path, tiny_model: Path) -> None:
    result = json_of("cull", folder, "--model", tiny_model, "--share", "100")
    verbs = {photo["verb"] for group in result["groups"] for photo in group["photos"]}
    assert verbs == {"keep"}


def test_apply_and_undo_leave_the_folder_as_it_was(folder: Path, tiny_model: Path) -> None:
    before = names(folder)
    run("cull", folder, "--model", tiny_model)
    assert names(folder) == before
    dry = run("apply", folder, "--dry-run")
    assert names(folder) == before
    applied = run("apply", folder)
    assert applied.stdout == dry.stdout
    assert names(folder) > before
    assert run("undo").stdout
    assert names(folder) == before
    assert "nothing was applied" in run("undo", code=1).stderr


def test_cull_applies_when_told(folder: Path, tiny_model: Path) -> None:
    call = ("cull", folder, "--model", tiny_model, "--apply", "--keep", "3")
    result = run(*call, "--dry-run")
    assert "6 sidecars would be written" in result.stderr
    assert len(names(folder)) == 6
    result = run(*call, "--sidecar", "stem")
    assert "6 sidecars written" in result.stderr
    assert "IMG_00.xmp" in names(folder)


def test_rejects_are_moved_when_told(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    result = json_of("cull", folder, "--model", tiny_model)
    photos = [photo for group in result["groups"] for photo in group["photos"]]
    rejects = {Path(photo["path"]).name for photo in photos if photo["verb"] == "reject"}
    assert rejects
    run("apply", folder, "--move-rejects", tmp_path / "rejects")
    assert rejects <= names(tmp_path / "rejects")
    assert not rejects & names(folder)
    run("undo")
    assert rejects <= names(folder)


def test_the_size_of_groups_is_remembered_and_said(folder: Path, tiny_model: Path) -> None:
    call = ("cull", folder, "--model", tiny_model)
    said = "group size 0.20, as chosen before (--size changes it)"
    assert "group size" not in run(*call).stderr
    assert "group size" not in run(*call, "--size", "0.2").stderr
    assert said in run(*call).stderr


def test_the_reading_is_said_in_every_form(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    call = ("cull", folder, "--model", tiny_model)
    said = "Read fast: scores differ slightly from those of the normal reading."
    result = run(*call, "--fast", "--html", tmp_path / "shoot.html")
    assert result.stdout.splitlines()[-1] == said
    assert "read fast" in (tmp_path / "shoot.html").read_text(encoding="utf-8")
    assert json_of(*call, "--fast")["reading"] == "fast"
    text = run(*call, "--fast", "--format", "csv").stdout
    assert {row["reading"] for row in csv.DictReader(io.StringIO(text))} == {"fast"}
    assert said not in run(*call).stdout
    assert json_of(*call)["reading"] == "normal"


def test_a_photo_that_failed_makes_the_exit_code_three(folder: Path, tiny_model: Path) -> None:
    (folder / "IMG_99.jpg").write_bytes(b"no photo")
    result = run("cull", folder, "--model", tiny_model, code=3)
    assert "IMG_99.jpg" in result.stderr
    assert "7 photos in 4 groups" in result.stdout


@pytest.mark.parametrize("name", ["false.cr2", "false.heic"])
@pytest.mark.parametrize("installed", [True, False])
def test_rank_and_cull_say_the_same_of_a_false_file(
    folder: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, installed: bool
) -> None:
    if not installed:
        for module in ("rawpy", "pillow_heif"):
            monkeypatch.setitem(sys.modules, module, None)
    (folder / name).write_bytes(b"this is no photo at all, whatever its name says")
    said = [
        [line for line in run(command, folder, "--model", tiny_model, code=3).stderr.splitlines()
         if name in line]
        for command in ("rank", "cull")
    ]  # fmt: skip
    reason = "it is not a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or camera RAW image"
    assert said[0] == [f"{folder / name}: {reason}; check that it is a photo file"]
    assert said[1] == said[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--keep", "2", "--share", "10"), "--keep and --share exclude each other"),
        (("--dry-run",), "--dry-run is for --apply"),
        (("--scores", "scores.txt"), "give a name that ends in .csv or .parquet"),
        (("--keep", "0"), "0 is not in the range"),
        (("--share", "0"), "0.0 is not in the range"),
        (("--size", "2"), "2.0 is not in the range"),
    ],
)
def test_wrong_usage_is_named(folder: Path, options: tuple[str, ...], said: str) -> None:
    assert said in run("cull", folder, *options, code=2).stderr


def test_what_cannot_be_done_is_one_line(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    missing = run("cull", tmp_path / "missing", "--model", tiny_model, code=1)
    assert missing.stderr == (
        f"fgaesq: {tmp_path / 'missing'}: the folder does not exist; check the path and the card\n"
    )
    assert "run: fgaesq cull" in run("apply", folder, code=1).stderr
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"not a database" * 100)
    result = run("cull", folder, "--model", tiny_model, "--catalogue", broken, code=1)
    assert result.stderr.startswith(f"fgaesq: {broken}: it is damaged")


@pytest.mark.skipif(find_spec("fastapi") is not None, reason="the extra web is installed")
def test_the_review_asks_for_its_extra(folder: Path, tiny_model: Path) -> None:
    run("cull", folder, "--model", tiny_model)
    result = run("review", folder, "--model", tiny_model, code=1)
    assert "pip install 'fgaesq[web]'" in result.stderr


@pytest.mark.skipif(find_spec("fastapi") is None, reason="needs the extra web")
def test_the_review_is_served_until_it_is_stopped(folder: Path, tiny_model: Path) -> None:
    run("cull", folder, "--model", tiny_model)
    assert b"IMG_00.jpg" in served("review", folder, "--model", tiny_model)
