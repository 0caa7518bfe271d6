"""The inference engine reports nothing about its use, and leaves nothing in the home folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import os, sys
import fgaesq.engines.onnx_engine
print(os.environ["ORT_DISABLE_TELEMETRY"])
"""


def _import_engine(home: Path, **settings: str) -> str:
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT],
        env=environment,
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return run.stdout


def test_loading_the_engine_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    assert _import_engine(tmp_path) == "1\n"
    assert list(tmp_path.rglob("*")) == []


def test_the_user_can_allow_reports(tmp_path: Path) -> None:
    assert _import_engine(tmp_path, ORT_DISABLE_TELEMETRY="0", CI="true") == "0\n"
