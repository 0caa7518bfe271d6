"""`fgaesq models`: the table of models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.command_line import run

from fgaesq.models import weights
from fgaesq.models.specs import SPECS


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_model: Path) -> None:
    """Pretend that the tiny model, and no other, came with the package."""
    shutil.copytree(tiny_model, tmp_path / "embedded" / "fgaesq-tiny")
    monkeypatch.setattr(weights, "_EMBEDDED", tmp_path / "embedded")


def test_json_has_the_documented_shape() -> None:
    result = json.loads(run("models", "--format", "json").stdout)
    assert list(result) == ["models"]
    assert [row["name"] for row in result["models"]] == list(SPECS)
    keys = ["name", "ready", "version", "summary", "tokenizers", "tokens", "licence", "source"]
    assert [list(row) for row in result["models"]] == [keys] * len(SPECS)
    states = {row["name"]: (row["ready"], row["version"]) for row in result["models"]}
    assert states["fgaesq-tiny"] == (True, "0.0.1")
    assert states["fgaesq-b16"] == (False, None)


def test_table_says_which_are_ready_and_where_the_others_come_from() -> None:
    lines = run("models").stdout.splitlines()
    assert "fgaesq-tiny  ready, version 0.0.1" in lines
    assert "fgaesq-b16   needs weights" in lines
    assert lines[lines.index("fgaesq-b16   needs weights") + 1 :][:3] == [
        "             the paper's: CLIP ViT-B/16, for the released weights (import them)",
        "             512 tokens, tokenizer series or reference, "
        "licence: none stated by the authors",
        "             get it: fgaesq weights pull yzc002/FGAesQ, then fgaesq weights import",
    ]
