"""What the package offers, how it is documented, and that it costs nothing until it is used."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import fgaesq

HEAVY = ("torch", "onnxruntime", "PIL", "numpy", "onnx", "safetensors", "cv2")


def loaded_by(statement: str) -> list[str]:
    """Return which heavy libraries a statement loads in a fresh interpreter."""
    script = f"import sys\n{statement}\nprint(*[n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1].split()


def test_import_loads_no_library() -> None:
    assert loaded_by("import fgaesq") == []


def test_help_loads_no_library() -> None:
    run = "from fgaesq.cli import main\nmain(['--help'], standalone_mode=False)"
    assert loaded_by(run) == []


@pytest.mark.parametrize("command", ["rank", "score", "compare", "models", "weights"])
def test_help_of_a_command_loads_no_engine(command: str) -> None:
    run = f"from fgaesq.cli import main\nmain(['{command}', '--help'], standalone_mode=False)"
    assert not {"torch", "onnxruntime", "onnx", "safetensors"} & set(loaded_by(run))


def test_loading_a_name_loads_no_engine() -> None:
    assert not {"torch", "onnxruntime"} & set(loaded_by("import fgaesq; fgaesq.rank"))


def test_names_are_those_that_are_listed() -> None:
    assert dir(fgaesq) == sorted(fgaesq.__all__)
    assert sorted(fgaesq._HOME_OF) + ["__version__"] == sorted(
        fgaesq.__all__, key=lambda name: (name == "__version__", name)
    )
    for name in fgaesq.__all__:
        assert getattr(fgaesq, name) is not None


def test_names_for_type_checkers_are_the_same() -> None:
    source = Path(fgaesq.__file__).read_text(encoding="utf-8")
    block = source.split("if TYPE_CHECKING:\n")[1].split("\n__version__")[0]
    words = set(block.replace(",", " ").replace("(", " ").replace(")", " ").split())
    assert set(fgaesq._HOME_OF) <= words


def test_every_public_name_is_documented() -> None:
    for name in fgaesq.__all__:
        value = getattr(fgaesq, name)
        if name != "__version__":
            assert inspect.getdoc(value), name
            # dataclasses that say nothing get their signature as documentation
            assert not (value.__doc__ or "").startswith(f"{name}("), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="^module 'fgaesq' has no attribute 'rnak'$"):
        _ = fgaesq.rnak  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    ["Comparison", "Failure", "ModelIdentity", "Pair", "RankedImage", "RankedSeries", "Ranking"]
    + ["Score", "Scores", "DifferenceMap", "EffectMap", "EngineOptions", "Reason"],
)
def test_values_are_frozen(name: str) -> None:
    value = getattr(fgaesq, name)
    assert dataclasses.is_dataclass(value)
    assert vars(value)["__dataclass_params__"].frozen


def test_version_is_that_of_the_project() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    content = tomllib.loads(project.read_text(encoding="utf-8"))
    assert content["project"]["version"] == fgaesq.__version__
