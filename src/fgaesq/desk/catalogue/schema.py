"""The tables of the catalogue, and how an older catalogue becomes one of today.

Paths are BLOBs (`os.fsencode`), as a file name need not be valid text. A photo's `content` is the
key of its main file (`contents.content_key`); rankings belong to contents, not to paths, so that
they outlive moved and renamed files.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS"]

APPLICATION_ID: Final = 0x46474145
"""`FGAE`, in the header of the file: tells it from other SQLite files."""

_PHOTOS_AND_RANKINGS = """
CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    engine TEXT NOT NULL,
    tokenizer TEXT NOT NULL,
    reasons INTEGER NOT NULL,
    UNIQUE (name, version, sha256, engine, tokenizer, reasons)
);
CREATE TABLE rankings (
    id INTEGER PRIMARY KEY,
    members BLOB NOT NULL,              -- digest of the contents that were ranked together
    model_id INTEGER NOT NULL REFERENCES models(id),
    margin REAL,                        -- P(first beats second); NULL for one photo
    pairs BLOB,                         -- compressed JSON
    maps BLOB,                          -- compressed arrays
    UNIQUE (members, model_id)
);
CREATE TABLE ranked (
    ranking_id INTEGER NOT NULL REFERENCES rankings(id) ON DELETE CASCADE,
    content BLOB NOT NULL,
    rank INTEGER NOT NULL,
    score REAL NOT NULL,
    p_best REAL NOT NULL,
    reasons TEXT NOT NULL,              -- JSON
    PRIMARY KEY (ranking_id, content)
) WITHOUT ROWID;
CREATE TABLE groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    why TEXT NOT NULL,
    by_hand INTEGER NOT NULL DEFAULT 0,
    ranking_id INTEGER REFERENCES rankings(id) ON DELETE SET NULL
);
CREATE TABLE photos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content BLOB NOT NULL,
    capture TEXT,                       -- JSON; NULL until the photo has been read
    taken TEXT NOT NULL DEFAULT '',     -- ISO 8601
    taken_s REAL,                       -- the same as a number to sort by
    fingerprint BLOB,
    failure TEXT NOT NULL DEFAULT '',
    gone INTEGER NOT NULL DEFAULT 0,    -- its file was not there at the last look
    group_id INTEGER REFERENCES groups(id)
);
CREATE INDEX photos_by_content ON photos(content);
CREATE INDEX photos_by_group ON photos(group_id);
CREATE TABLE files (
    path BLOB PRIMARY KEY,
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    role TEXT NOT NULL,                 -- main, raw, clip, sidecar
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_by_photo ON files(photo_id);
"""

_DECISIONS = """
CREATE TABLE proposals (
    photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
    verb TEXT NOT NULL,
    stars INTEGER NOT NULL,
    why TEXT NOT NULL
);
CREATE TABLE marks (
    photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
    verb TEXT,
    stars INTEGER,
    label TEXT
);
CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,                   -- ISO 8601, UTC; for people only, the id gives the order
    words TEXT NOT NULL,
    before TEXT NOT NULL,               -- JSON of what undoing puts back
    after TEXT NOT NULL,                -- JSON of what redoing puts back
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL                 -- JSON
) WITHOUT ROWID;
"""

_RUNS = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,                   -- ISO 8601, UTC; for people only
    manifest BLOB,                      -- of files that were moved; NULL if none were
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sidecar_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    path BLOB NOT NULL,
    before BLOB,                        -- NULL if there was no sidecar
    after BLOB NOT NULL,
    written TEXT NOT NULL,              -- JSON of what of us is in it
    line TEXT NOT NULL
);
CREATE INDEX sidecar_changes_by_run ON sidecar_changes(run_id);
CREATE INDEX sidecar_changes_by_path ON sidecar_changes(path);
CREATE TABLE sidecars_read (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    rating INTEGER,
    flag INTEGER,
    label TEXT
) WITHOUT ROWID;
"""

_TASTE = """
CREATE TABLE features (
    ranking_id INTEGER NOT NULL REFERENCES rankings(id) ON DELETE CASCADE,
    content BLOB NOT NULL,
    strength REAL NOT NULL,             -- the score over the temperature of the model
    vector BLOB NOT NULL,               -- float16
    PRIMARY KEY (ranking_id, content)
) WITHOUT ROWID;
CREATE TABLE tastes (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at TEXT NOT NULL,                   -- ISO 8601, UTC; for people only
    model TEXT NOT NULL,
    sha256 TEXT NOT NULL,               -- of the weights whose features it is for
    picks INTEGER NOT NULL,
    groups INTEGER NOT NULL,
    held_out TEXT,                      -- JSON; NULL if the picks were too few
    confidence REAL NOT NULL,
    weights BLOB NOT NULL,              -- float32
    switched_on INTEGER NOT NULL
);
CREATE TABLE tasted_rankings (
    ranking_id INTEGER PRIMARY KEY REFERENCES rankings(id) ON DELETE CASCADE,
    picks INTEGER NOT NULL,             -- that the taste was learned from
    margin REAL NOT NULL                -- P(first beats second)
);
CREATE TABLE tasted (
    ranking_id INTEGER NOT NULL REFERENCES rankings(id) ON DELETE CASCADE,
    content BLOB NOT NULL,
    rank INTEGER NOT NULL,
    p_best REAL NOT NULL,
    strength REAL NOT NULL,
    PRIMARY KEY (ranking_id, content)
) WITHOUT ROWID;
"""

_GROUP_SIZES = """
CREATE TABLE group_sizes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they were chosen
    folder BLOB NOT NULL UNIQUE,
    size REAL NOT NULL                  -- 0 (tight) to 1 (wide)
);
"""

_READINGS = """
CREATE TABLE models_and_readings (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    engine TEXT NOT NULL,
    tokenizer TEXT NOT NULL,
    reasons INTEGER NOT NULL,
    reading TEXT NOT NULL,              -- of the photos that it was given: normal, fast
    UNIQUE (name, version, sha256, engine, tokenizer, reasons, reading)
);
INSERT INTO models_and_readings
SELECT id, name, version, sha256, engine, tokenizer, reasons, 'normal' FROM models;
DROP TABLE models;
ALTER TABLE models_and_readings RENAME TO models;
CREATE TABLE readings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which folders were culled
    folder BLOB NOT NULL UNIQUE,
    reading TEXT NOT NULL
);
"""

MIGRATIONS: Final[tuple[str, ...]] = (
    _PHOTOS_AND_RANKINGS,
    _DECISIONS,
    _RUNS,
    _TASTE,
    _GROUP_SIZES,
    _READINGS,
)
"""Number n leads from version n to n + 1. Never edit one that was released; add one."""
