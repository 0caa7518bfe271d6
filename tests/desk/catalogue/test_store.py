"""Opening the catalogue, its schema, and what its errors say."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from fgaesq.desk.catalogue import Catalogue, default_catalogue
from fgaesq.desk.catalogue.rankings import model_id
from fgaesq.desk.catalogue.schema import APPLICATION_ID, MIGRATIONS
from fgaesq.errors import CatalogueError
from fgaesq.storage.migrations import migrate
from fgaesq.types import ModelIdentity


def schema_of(database: sqlite3.Connection) -> set[tuple[str, str]]:
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(name, sql) for name, sql in rows}


def database_of(path: Path, *, version: int) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    if version:
        migrate(database, MIGRATIONS[:version], APPLICATION_ID, CatalogueError)
    return database


def test_the_default_place_is_in_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_catalogue() == tmp_path / "fgaesq" / "catalogue.sqlite3"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_catalogue() == tmp_path / ".local/share/fgaesq/catalogue.sqlite3"


def test_the_default_place_on_other_systems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_catalogue().parent == tmp_path / "Library/Application Support/fgaesq"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert default_catalogue().parent == tmp_path / "local" / "fgaesq"


def test_the_environment_names_another_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FGAESQ_CATALOGUE", str(tmp_path / "mine.sqlite3"))
    with Catalogue() as catalogue:
        assert catalogue.path == tmp_path / "mine.sqlite3"
    assert (tmp_path / "mine.sqlite3").exists()


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_catalogue_of_any_earlier_version_becomes_one_of_today(
    tmp_path: Path, version: int
) -> None:
    fresh = database_of(tmp_path / "fresh", version=len(MIGRATIONS))
    database = database_of(tmp_path / "old", version=version)
    if version:
        database.execute("INSERT INTO photos (content) VALUES (x'00')")
    database.close()
    with Catalogue(tmp_path / "old") as catalogue:
        assert len(catalogue.rows("SELECT id FROM photos")) == bool(version)
        assert catalogue.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
        assert catalogue.rows("PRAGMA application_id") == [(APPLICATION_ID,)]
        assert catalogue.rows("PRAGMA foreign_key_check") == []
    assert schema_of(sqlite3.connect(tmp_path / "old")) == schema_of(fresh)


def test_scores_of_an_older_catalogue_are_of_the_normal_reading(tmp_path: Path) -> None:
    database = database_of(tmp_path / "old", version=5)
    database.execute("INSERT INTO models VALUES (7, 'm', '1', 'ab', 'onnx', 'series', 1)")
    database.execute("INSERT INTO rankings (members, model_id) VALUES (x'00', 7)")
    database.execute("INSERT INTO ranked VALUES (1, x'00', 1, 5.0, 1.0, '[]')")
    database.close()
    model = ModelIdentity("m", "1", "ab", "onnx", "series", reasons=True)
    with Catalogue(tmp_path / "old") as catalogue:
        assert model_id(catalogue, model, "normal") == 7
        assert model_id(catalogue, model, "fast") != 7
        assert catalogue.rows("SELECT score FROM ranked") == [(5.0,)]
        catalogue.write("DELETE FROM rankings")
        assert catalogue.rows("SELECT score FROM ranked") == []


def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    database = database_of(tmp_path / "old", version=1)
    before = schema_of(database)
    broken = (MIGRATIONS[0], "CREATE TABLE made (id INTEGER); CREATE TABLE photos (id INTEGER)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(database, broken, APPLICATION_ID, CatalogueError)
    assert schema_of(database) == before
    assert database.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_newer_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new"
    database_of(path, version=1).execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogueError) as caught:
        Catalogue(path)
    assert str(caught.value) == (
        f"{path}: it was made by a newer fgaesq (schema 99, this one knows {len(MIGRATIONS)}); "
        "update fgaesq, or choose another file"
    )


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mail (id INTEGER)")
    with pytest.raises(CatalogueError) as caught:
        Catalogue(path)
    assert str(caught.value) == (
        f"{path}: it is a database of another program; choose another file"
    )


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("this is not a database, but a text\n" * 50, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        Catalogue(path)
    assert str(caught.value).startswith(f"{path}: it is damaged (file is not a database); move it")


def test_a_damaged_catalogue_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "catalogue"
    with Catalogue(path) as catalogue:
        catalogue.write_all("INSERT INTO photos (content) VALUES (?)", [(b"x" * 500,)] * 200)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"it is damaged \(.*\); move it away"):
        Catalogue(path).rows("SELECT * FROM photos")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CatalogueError, match=r"its folder cannot be made \(.*--catalogue$"):
        Catalogue(tmp_path / "file" / "catalogue")


def test_a_full_disk_is_named_and_changes_nothing(catalogue: Catalogue) -> None:
    pages = catalogue.rows("PRAGMA page_count")[0][0]
    catalogue.rows(f"PRAGMA max_page_count = {pages + 2}")
    rows = [(b"x" * 4000,)] * 10
    with pytest.raises(CatalogueError, match=r": the disk is full; make room"):
        catalogue.write_all("INSERT INTO photos (content) VALUES (?)", rows)
    assert catalogue.rows("SELECT count(*) FROM photos") == [(0,)]


def test_a_transaction_is_done_wholly_or_not_at_all(catalogue: Catalogue) -> None:
    def fail() -> None:
        with catalogue.transaction():
            catalogue.write("INSERT INTO photos (content) VALUES (x'00')")
            with catalogue.transaction():
                catalogue.write("INSERT INTO photos (content) VALUES (x'01')")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert catalogue.rows("SELECT count(*) FROM photos") == [(0,)]


def test_foreign_keys_hold(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="it does not take a change"):
        catalogue.write("INSERT INTO marks (photo_id) VALUES (7)")


def test_decisions_wait_for_the_disk(catalogue: Catalogue) -> None:
    with catalogue.transaction(durable=True):
        assert catalogue.rows("PRAGMA synchronous") == [(2,)]
    with catalogue.transaction():
        assert catalogue.rows("PRAGMA synchronous") == [(1,)]


def test_changes_of_other_connections_are_noticed(catalogue: Catalogue) -> None:
    before = catalogue.version()
    assert catalogue.version() == before
    with Catalogue(catalogue.path) as other:
        other.write("INSERT INTO photos (content) VALUES (x'00')")
    assert catalogue.version() != before
    before = catalogue.version()
    catalogue.write("INSERT INTO photos (content) VALUES (x'01')")
    assert catalogue.version() != before
