"""Writing model folders, without third parties talking over our output."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from tests.conftest import write_tiny

from fgaesq.engines.export import INPUT_NAMES, _int8, _quiet_exporter
from fgaesq.errors import WeightsError
from fgaesq.models.weights import open_folder


def test_folder_holds_both_engines_files_and_their_checksums(tiny_model: Path) -> None:
    names = {path.name for path in tiny_model.iterdir()}
    assert names == {"model.onnx", "model.safetensors", "model.json"}
    folder = open_folder(tiny_model)
    assert set(folder.files) == {"model.onnx", "model.safetensors"}
    for name in folder.files:
        assert folder.verified(name) == tiny_model / name


def test_exported_file_names_inputs_and_outputs_and_no_place_on_this_disk(
    tiny_model: Path,
) -> None:
    graph = onnx.load(tiny_model / "model.onnx").graph
    assert tuple(value.name for value in graph.input) == INPUT_NAMES[:5]
    assert [value.name for value in graph.output] == ["feature", "logits"]
    content = (tiny_model / "model.onnx").read_bytes()
    assert b".py" not in content
    assert os.fsencode(Path.cwd()) not in content


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(WeightsError) as caught:
        write_tiny(tmp_path, seed=1)
    assert str(caught.value) == f"{tmp_path}: is not an empty folder; give a new one to --out"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError) as caught:
        write_tiny(tmp_path / "file" / "model", seed=1)
    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'model'}: cannot be written (Not a directory); choose another place"
    )


def test_exporting_is_silent(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path\n"
        "from tests.conftest import write_tiny\n"
        f"write_tiny(Path({str(tmp_path / 'model')!r}), seed=1)\n"
    )
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert (run.stdout, run.stderr) == ("", "")


def test_other_warnings_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.propagate, before = True, logger.propagate
    try:
        with _quiet_exporter():
            logger.warning("torchvision is not installed. Skipping %s", "torchvision::nms")
            logger.warning("something else")
            with pytest.warns(UserWarning, match="something else"):
                warnings.warn("something else", stacklevel=1)
        logger.warning("torchvision is not installed. Heard again")
    finally:
        logger.propagate = before
    assert [record.getMessage() for record in caplog.records] == [
        "something else",
        "torchvision is not installed. Heard again",
    ]


@pytest.mark.parametrize("axis", [0, 1])
def test_int8_is_off_by_at_most_half_a_step(axis: int) -> None:
    values = np.random.default_rng(3).normal(size=(40, 30)).astype(np.float32)
    values[:, 4] *= 100
    codes, scale = _int8(values, axis)
    assert codes.dtype == np.int8
    assert scale.shape == ((40, 1) if axis == 0 else (1, 30))
    assert np.abs(codes.astype(np.float32) * scale - values).max(initial=0) <= scale.max() / 2
    assert (np.abs(codes * scale - values) <= scale * 0.5001).all()


def test_int8_of_nothing_but_zeros_stays_zero() -> None:
    codes, scale = _int8(np.zeros((4, 5), np.float32), 1)
    np.testing.assert_array_equal(codes * scale, np.zeros((4, 5)))


def test_small_tensors_and_vectors_keep_their_values(tmp_path: Path, tiny_model: Path) -> None:
    write_tiny(tmp_path / "int8", seed=7, quantise=True)
    before, after = (
        {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}
        for path in (tiny_model / "model.onnx", tmp_path / "int8" / "model.onnx")
    )
    kept = before.keys() & after.keys()
    assert kept
    assert len(kept) < len(before)
    for name in kept:
        np.testing.assert_array_equal(before[name], after[name])
