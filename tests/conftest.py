"""What all tests share: a closed environment and the optional folder of shared data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(
    os.environ.get("FGAESQ_SHARED", Path(__file__).resolve().parents[1].parent / "shared")
)


@pytest.fixture(autouse=True)
def _closed_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's settings and home folder out of every test."""
    for name in list(os.environ):
        if name.startswith(("FGAESQ_", "HF_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data beside the repository; tests that need it skip without it."""
    if not (SHARED / "oracle").is_dir():
        pytest.skip(f"no shared data folder at {SHARED}; set FGAESQ_SHARED to its place")
    return SHARED
