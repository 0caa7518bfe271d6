"""Importing: what is refused before anything is written (the import itself: tests/parity)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from fgaesq.engines.importing import import_checkpoint
from fgaesq.errors import WeightsError


def refusal(checkpoint: Path, out: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        import_checkpoint(checkpoint, out)
    return str(caught.value)


def test_other_weights_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    other = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, other)
    message = refusal(other, tmp_path / "out")
    assert message.startswith(f"{other}: does not hold the released FGAesQ weights; keys ")
    assert message.endswith("need FGAesQ.pt as published")
    assert not (tmp_path / "out").exists()


def test_no_file_and_no_checkpoint(tmp_path: Path) -> None:
    gone = tmp_path / "gone.pt"
    assert refusal(gone, tmp_path / "out") == (
        f"{gone}: no such file; give the path of a checkpoint"
    )
    page = tmp_path / "page.pt"
    page.write_text("<html>Not found</html>")
    assert refusal(page, tmp_path / "out").startswith(f"{page}: not a weights file: ")


def test_a_folder_in_use_is_refused_before_the_checkpoint_is_read(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "model.json").write_text("{}")
    assert refusal(tmp_path / "gone.pt", tmp_path / "out") == (
        f"{tmp_path / 'out'}: is not an empty folder; give a new one to --out"
    )
    (tmp_path / "file").write_text("")
    assert refusal(tmp_path / "gone.pt", tmp_path / "file") == (
        f"{tmp_path / 'file'}: is not an empty folder; give a new one to --out"
    )
