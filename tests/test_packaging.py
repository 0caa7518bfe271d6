"""The wheel, installed with its base dependencies only, as most people have it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from tests.photos import burst

from fgaesq.models.weights import embedded_models

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def output_of(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a program without this checkout on its path, and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - our own programs
        command, capture_output=True, text=True, check=False, env=environment, cwd=cwd
    )
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # building leaves files behind, which must not be in this checkout
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for path in ROOT.iterdir():
        if path.suffix in (".toml", ".md", "") and path.is_file() and path.name[0] != ".":
            shutil.copyfile(path, source / path.name)
    output_of(sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", folder, source)
    (built,) = folder.glob("fgaesq-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    output_of(programs / "python", "-m", "pip", "install", "-q", wheel)
    return programs


def test_wheel_holds_all_data_files_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
    numbers = "evaluation/reference_numbers/fgaesq.toml"
    page = "desk/review/assets/series.html"
    assets = ("report/assets/report.css", "web/assets/compare.js", page)
    for name in ("py.typed", numbers, "cli/main.py", *assets):
        assert f"fgaesq/{name}" in names
    for model in embedded_models():
        assert f"fgaesq/models/embedded/{model}/model.onnx" in names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "tools"))]


def test_base_install_has_no_torch_and_works(installed: Path, tmp_path: Path) -> None:
    packages = json.loads(output_of(installed / "python", "-m", "pip", "list", "--format", "json"))
    names = {package["name"].lower() for package in packages}
    assert not names & {"torch", "safetensors", "onnx", "opencv-python-headless", "scipy"}
    assert output_of(installed / "fgaesq", "--help").startswith("Usage: fgaesq ")
    assert "fgaesq-b16   needs weights" in output_of(installed / "fgaesq", "models")
    burst(tmp_path / "series")
    for model in embedded_models():
        call = ("rank", "series", "--model", model, "--format", "json")
        result = json.loads(output_of(installed / "fgaesq", *call, cwd=tmp_path))
        assert len(result["series"][0]["images"]) == 3


def test_import_is_quick(installed: Path, tmp_path: Path) -> None:
    script = (
        "import time; start = time.perf_counter(); import fgaesq\n"
        "print(time.perf_counter() - start)"
    )
    times = [float(output_of(installed / "python", "-c", script, cwd=tmp_path)) for _ in range(5)]
    assert min(times) < 0.3


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["weights", "import", "x.pt", "--out", "out"], "importing weights"),
        (["rank", "s", "--model", "m", "--engine", "torch"], "the torch engine"),
    ],
)
def test_what_needs_the_train_extra_says_so(
    installed: Path, tmp_path: Path, tiny_model: Path, arguments: list[str], what: str
) -> None:
    (tmp_path / "m").symlink_to(tiny_model)
    burst(tmp_path / "s", ("a.jpg",))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - our own program
        [installed / "fgaesq", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"fgaesq: {what} needs packages that are not installed; run: pip install 'fgaesq[train]'"
    )
