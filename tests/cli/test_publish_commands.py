"""`fgaesq data publish` and `fgaesq data import`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.building.publish.finished_sets import finished_collection
from tests.command_line import run
from tests.photos import burst

from fgaesq.building.collection import open_collection
from fgaesq.building.collection.images import images
from fgaesq.building.votes import open_votes
from fgaesq.datasets.reading import read_dataset


def test_publish_and_import_again(tmp_path: Path) -> None:
    finished_collection(tmp_path, natural=12, crops=0).close()
    out = tmp_path / "out"
    shown = run(
        "data", "publish", tmp_path / "wrens", "--out", out, "--author", "A. Wren", "--licences",
        "CC-BY-4.0,unknown",
    )  # fmt: skip
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{out}: 15 series, 42 images (train 32, val 5, test 5), 39 pairs"
    assert lines[1].startswith("0 series share a scene and stay together; the highest likeness")
    card = (out / "README.md").read_text(encoding="utf-8")
    assert card.startswith('---\npretty_name: "wrens & twigs"\nlicense: other\n')
    assert "author = {A. Wren}" in card
    assert str(tmp_path) not in card
    described = json.loads((out / "croissant.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in described["recordSet"]] == ["series", "pairs"]

    again = run("data", "import", tmp_path / "again", out)
    assert again.stdout == f"{out}: 15 series, 42 images, 39 pairs\n"
    twice = run("data", "import", tmp_path / "again", out)
    assert twice.stdout == f"{out}: 0 series, 42 images, 0 pairs; 15 series were there before\n"
    run("data", "publish", tmp_path / "again", "--out", tmp_path / "p", "--format", "parquet")
    assert set(read_dataset(tmp_path / "p").splits) == {"train", "val", "test"}


def test_photos_that_are_gone_are_named_and_the_rest_is_published(tmp_path: Path) -> None:
    finished_collection(tmp_path).close()
    gone = sorted((tmp_path / "photos").iterdir())[0]
    gone.unlink()
    shown = run("data", "publish", tmp_path / "wrens", "--out", tmp_path / "out", code=3)
    assert f"{gone}: is not there; its images are left out\n" in shown.stderr
    assert (tmp_path / "out" / "series.csv").is_file()


def test_nothing_is_left_where_publishing_fails(tmp_path: Path) -> None:
    finished_collection(tmp_path).close()
    broken = sorted((tmp_path / "photos").iterdir())[0]
    broken.write_bytes(broken.read_bytes()[:300])
    out = tmp_path / "out"
    shown = run("data", "publish", tmp_path / "wrens", "--out", out, code=1)
    assert shown.stderr == (
        f"fgaesq: {broken}: the structure of the file is damaged; get it again\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos", "wrens"]
    linked = run("data", "publish", tmp_path / "wrens", "--out", out, "--link", code=1)
    assert linked.stderr == (
        "fgaesq: links are the original files with their metadata; add --keep-metadata, or --copy\n"
    )


def test_votes_are_imported_once(tmp_path: Path) -> None:
    finished_collection(tmp_path, natural=1, aigc=0, crops=0).close()
    dataset, table = tmp_path / "wrens", tmp_path / "ann.csv"
    with open_collection(dataset) as collection:
        names = [image.path.name for image in images(collection).values()]
    table.write_text(f'better,worse\n"{names[1]}","{names[0]}"\n', encoding="utf-8")
    first = run("data", "import", dataset, table)
    assert first.stdout.splitlines() == [
        f"{table}: read as winners: winner = better, loser = worse",
        f"{table}: 1 votes, 1 of them new",
    ]
    assert "1 votes, 0 of them new" in run("data", "import", dataset, table).stdout
    with open_votes(dataset) as votes:
        assert [(vote.choice, vote.annotator) for vote in votes] == [("second", "ann")]


def test_what_to_import_has_to_be_said(tmp_path: Path) -> None:
    nothing = run("data", "import", tmp_path, code=1)
    assert nothing.stderr == "fgaesq: nothing to import; name files, or give --sidecars\n"
    gone = run("data", "import", tmp_path, tmp_path / "no.csv", code=1)
    assert gone.stderr == f"fgaesq: {tmp_path / 'no.csv'}: not found; give a folder or a table\n"
    (tmp_path / "some.csv").write_text("winner,loser\n1,2\n", encoding="utf-8")
    bare = run("data", "import", tmp_path, tmp_path / "some.csv", "--columns", "winner", code=2)
    assert "--columns winner: needs ROLE=NAME, such as winner=A" in bare.stderr


def test_a_failed_import_leaves_no_dataset_behind(tmp_path: Path) -> None:
    good = own_dataset(tmp_path / "good", source="natural")
    unclear = own_dataset(tmp_path / "unclear", source="mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for wrong, why in (
        ("empty", "has the files of no known format"),
        (unclear, "its source is 'mine'"),
        ("table.csv", "has neither columns winner and loser"),
    ):
        shown = run("data", "import", tmp_path / "new", good, tmp_path / wrong, code=1)
        assert why in shown.stderr
        assert not (tmp_path / "new").exists()


def own_dataset(folder: Path, *, source: str) -> Path:
    burst(folder, ("a.jpg", "b.jpg"))
    rows = [f"one,{name}.jpg,{value},{source}\n" for value, name in enumerate("ab")]
    (folder / "series.csv").write_text("series,image,value,source\n" + "".join(rows))
    return folder
