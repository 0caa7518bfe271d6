"""The tables of a dataset in the making.

Paths are BLOBs (`os.fsencode`), as a file name need not be valid text. What people decide is a
list of actions that are never deleted, so that each can be undone; what a step finds is replaced
as a whole when the step runs again.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS"]

APPLICATION_ID: Final = 0x46474144
"""`FGAD`, in the header of the file: tells it from other SQLite files."""

_FIRST = """
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL                 -- JSON
) WITHOUT ROWID;
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL,
    digest TEXT NOT NULL,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL,
    box TEXT NOT NULL,                  -- JSON of left, top, right, bottom in px; '' for all of it
    source TEXT NOT NULL,
    licence TEXT NOT NULL,
    prompt TEXT NOT NULL,
    taken TEXT NOT NULL,
    origin TEXT NOT NULL,               -- JSON
    UNIQUE (path, box)
);
CREATE TABLE actions (                  -- of people
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,                 -- in words, as in 'dropped 2 images'
    who TEXT NOT NULL,                  -- the person's name, '' if not known
    at REAL NOT NULL,                   -- seconds since 1970
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    category TEXT NOT NULL,
    source TEXT NOT NULL,
    why TEXT NOT NULL,
    action INTEGER REFERENCES actions(id)   -- the split or merge that made it
);
CREATE INDEX series_by_action ON series(action);
CREATE TABLE members (
    series INTEGER NOT NULL REFERENCES series(id),
    place INTEGER NOT NULL,
    image INTEGER NOT NULL REFERENCES images(id),
    PRIMARY KEY (series, place),
    UNIQUE (series, image)
) WITHOUT ROWID;
CREATE INDEX members_by_image ON members(image);
CREATE TABLE replaced (                 -- series that a split or merge took away
    series INTEGER NOT NULL REFERENCES series(id),
    action INTEGER NOT NULL REFERENCES actions(id),
    PRIMARY KEY (series, action)
) WITHOUT ROWID;
CREATE TABLE drops (                    -- found by steps
    step TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series(id),
    image INTEGER,                      -- NULL for the series
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    other INTEGER
);
CREATE INDEX drops_by_series ON drops(series);
CREATE TABLE decisions (                -- of people; the last that is not undone counts
    id INTEGER PRIMARY KEY,
    action INTEGER NOT NULL REFERENCES actions(id),
    series INTEGER NOT NULL REFERENCES series(id),
    image INTEGER,                      -- NULL for the series
    keep INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX decisions_by_series ON decisions(series);
CREATE TABLE image_measures (
    name TEXT NOT NULL,
    image INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, image)
) WITHOUT ROWID;
CREATE TABLE pair_measures (
    name TEXT NOT NULL,
    first INTEGER NOT NULL,             -- the smaller id
    second INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, first, second)
) WITHOUT ROWID;
CREATE TABLE calibrated_images (
    series INTEGER NOT NULL,
    image INTEGER NOT NULL,
    value REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    rank INTEGER NOT NULL,
    PRIMARY KEY (series, image)
) WITHOUT ROWID;
CREATE TABLE calibrated_pairs (
    series INTEGER NOT NULL,
    first INTEGER NOT NULL,
    second INTEGER NOT NULL,
    p REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    votes INTEGER NOT NULL,
    removed TEXT NOT NULL,
    PRIMARY KEY (series, first, second)
) WITHOUT ROWID;
CREATE TABLE splits (
    series INTEGER PRIMARY KEY,
    split TEXT NOT NULL
);
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST,)
"""Number n leads from version n to n + 1. Never edit one that was released; add one."""
