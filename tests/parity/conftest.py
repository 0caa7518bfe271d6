"""The released checkpoint with seeded weights, written and imported once for all parity tests."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import spawn


@pytest.fixture(scope="session")
def oracle(shared: Path) -> Path:
    return shared / "oracle"


@pytest.fixture(scope="session")
def cases(oracle: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((oracle / "cases.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def checkpoint(oracle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file of 345 MB under the released names."""
    import torch

    spec = importlib.util.spec_from_file_location("make_weights", oracle / "make_weights.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = tmp_path_factory.mktemp("released") / "FGAesQ.pt"
    torch.save(module.checkpoint(with_text=False), path)
    yield path
    path.unlink()


@pytest.fixture(scope="session")
def released_model(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that `fgaesq weights import` makes of the checkpoint."""
    folder = tmp_path_factory.mktemp("imported") / "b16"
    done = spawn("weights", "import", checkpoint, "--out", folder)
    assert done.returncode == 0, done.stderr
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("Licence: ")
    assert done.stdout.decode() == f"{folder}: 309 keys read, 0 of the text tower left out\n"
    yield folder
    shutil.rmtree(folder)
