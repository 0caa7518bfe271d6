"""The package's front: lazy, complete, and clear about names it does not have."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fgaesq.images


def test_importing_the_package_loads_no_decoder() -> None:
    script = (
        "import sys, fgaesq.images\n"
        "heavy = {'PIL', 'numpy', 'torch', 'onnxruntime'} & set(sys.modules)\n"
        "print(sorted(heavy), len(dir(fgaesq.images)))\n"
        "missing = [n for n in fgaesq.images.__all__ if not hasattr(fgaesq.images, n)]\n"
        "print(missing)\n"
    )
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert run.stdout == "[] 9\n[]\n"


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'read_foto'"):
        _ = fgaesq.images.read_foto  # type: ignore[attr-defined]
