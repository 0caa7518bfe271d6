"""`fgaesq taste`: what it prints and returns, and what `fgaesq cull` says of the taste."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import json_of, run
from tests.desk.photo_shoots import make_shoot

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.records import Mark
from fgaesq.desk.shoot import ShootDesk
from fgaesq.sidecars.marks import Marks
from fgaesq.sidecars.xmp import merge

SERIES = 32


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FGAESQ_CATALOGUE", str(tmp_path / "catalogue.sqlite3"))
    make_shoot(tmp_path / "shoot", (2,) * SERIES)
    return tmp_path / "shoot"


def keep_what_scores_lower(folder: Path) -> None:
    with Catalogue() as catalogue:
        desk = ShootDesk([folder], catalogue)
        for group in desk.groups():
            better, worse = sorted(group.photos, key=lambda photo: -(photo.score or 0))
            desk.mark([worse.id], Mark("keep"))
            desk.mark([better.id], Mark("reject"))


def best_names(culled: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[str]:
    return [Path(group["photos"][0]["path"]).name for group in culled["groups"]]


def test_a_taste_is_learned_used_switched_off_and_deleted(folder: Path, tiny_model: Path) -> None:
    cull = ("cull", folder, "--model", tiny_model)
    alone = json_of(*cull)
    assert alone["taste"] is None
    keep_what_scores_lower(folder)
    fitted = json_of("taste", "fit", "--model", tiny_model)["taste"]
    assert (fitted["picks"], fitted["groups"], fitted["on"]) == (2 * SERIES, SERIES, True)
    assert json_of("taste", "show")["taste"] == fitted
    tasted = json_of(*cull)
    words = f"with your taste, learned from {2 * SERIES} picks"
    assert tasted["taste"] == {"used": True, "picks": 2 * SERIES, "words": words}
    assert all(group["taste"] for group in tasted["groups"])
    moved = sum(a != b for a, b in zip(best_names(tasted), best_names(alone), strict=True))
    assert moved > SERIES * 0.9
    assert run(*cull).stdout.splitlines()[-1] == f"{words.capitalize()}."
    assert words in run(*cull, "--format", "csv").stdout
    assert "is off" in run("taste", "off").stderr
    assert json_of("taste", "show")["taste"]["on"] is False
    assert best_names(json_of(*cull)) == best_names(alone)
    run("taste", "on")
    assert best_names(json_of(*cull)) == best_names(tasted)
    run("taste", "delete")
    assert json_of(*cull)["taste"] is None
    assert best_names(json_of(*cull)) == best_names(alone)


def test_stars_and_rejects_in_sidecars_are_picks(folder: Path, tiny_model: Path) -> None:
    photos = sorted(folder.iterdir())
    for place, photo in enumerate(photos):
        sidecar = merge(None, Marks(rating=4 if place % 2 else -1)).data
        photo.with_suffix(".xmp").write_bytes(sidecar)
    run("cull", folder, "--model", tiny_model)
    fitted = json_of("taste", "fit", "--model", tiny_model)["taste"]
    assert fitted["picks"] == 2 * SERIES


def test_too_few_picks_are_said_to_be_too_few(folder: Path, tiny_model: Path) -> None:
    run("cull", folder, "--model", tiny_model)
    result = run("taste", "fit", "--model", tiny_model)
    assert "That is too little: picks in at least 30 groups are needed." in result.stdout
    assert "stays off" in run("taste", "on", code=1).stderr
    run("taste", "delete")
    assert run("taste", "show").stdout.startswith("No taste has been learned.")


@pytest.mark.parametrize("verb", ["on", "off", "delete"])
def test_a_taste_that_is_not_there_cannot_be_switched(folder: Path, verb: str) -> None:
    assert "no taste has been learned" in run("taste", verb, code=1).stderr
    assert json_of("taste", "show") == {"taste": None}
