"""The import rules between packages, and the limits on the size of files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

import fgaesq

PACKAGE: Final = Path(fgaesq.__file__).parent
FILES: Final = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
MOST_LINES: Final = 500

ORDER: Final = (
    "errors",
    "types",
    "storage",
    "images",
    "capture",
    "series",
    "tokens",
    "models",
    "texts",
    "engines",
    "ranking",
    "clips",
    "datasets",
    "losses",
    "evaluation",
    "training",
    "report",
    "web",
    "sidecars",
    "desk",
    "building",
    "cli",
)
"""Data flows down this list; a package imports only from itself and from what stands above it."""

FRONT: Final = {"__init__.py": "cli", "__main__.py": "cli", "api.py": "report"}
"""Modules beside the packages, and the place in the order that they have."""

ONLY_IN: Final = {
    "torch": (
        "models/*",
        "texts/clip_text.py",
        "texts/encoder.py",
        "losses/*",
        "training/*",
        "evaluation/*",
        "engines/torch_engine.py",
        "engines/export.py",
        "engines/networks.py",
        "engines/importing.py",
    ),
    "safetensors": ("models/*",),
    "onnx": ("engines/export.py", "engines/networks.py"),
    "onnxruntime": ("engines/onnx_engine.py",),
    "click": ("cli/*", "report/table.py"),
    "cv2": ("datasets/*", "building/refine/*"),
    "pyarrow": ("datasets/parquet.py", "desk/reports.py", "building/publish/parquet_files.py"),
    "scipy": ("building/calibrate/*",),
    "sqlite3": ("storage/*",),
    "ai_edge_litert": ("datasets/teachers.py",),
    "fastapi": ("web/application.py", "desk/review/*", "building/people/*", "building/annotate/*"),
    "pydantic": ("desk/review/*", "building/people/*", "building/annotate/*"),
    "starlette": ("web/*",),
    "sqlalchemy": ("building/votes/*",),
    "uvicorn": ("web/serving.py",),
    "rawpy": ("images/raw.py", "capture/libraw.py"),
    "pillow_heif": ("images/readers.py",),
    "av": ("clips/frames.py",),
}
"""Libraries that few files may import, also inside functions."""

TORCH_FREE_AT_IMPORT: Final = (
    "models/__init__.py",
    "models/specs.py",
    "models/weights.py",
    "models/hub.py",
    "models/hub_http.py",
    "models/released.py",
    "models/checkpoint_file.py",
    "models/torchscript_file.py",
    "models/state_dicts.py",
    "texts/__init__.py",
    "texts/vocabulary.py",
    "texts/templates.py",
    "texts/records.py",
    "texts/clip_tokenizer.py",
    "texts/prompt.py",
    "texts/chat_http.py",
    "texts/asking.py",
    "texts/endpoint.py",
    "engines/__init__.py",
    "engines/base.py",
    "engines/importing.py",
)
"""Files of those packages that the base install, which has no torch, imports."""


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(tree: ast.AST, *, inside_functions: bool = True) -> Iterator[str]:
    """Yield the modules that are imported when the code runs, not those for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and is_type_checking(node):
            otherwise = ast.Module(node.orelse, [])
            yield from imports(otherwise, inside_functions=inside_functions)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
        elif inside_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(node, inside_functions=inside_functions)


def parsed(file: str) -> ast.Module:
    return ast.parse((PACKAGE / file).read_text(encoding="utf-8"))


def place(file: str) -> str:
    """Return the entry of ORDER under which a file stands."""
    if file in FRONT:
        return FRONT[file]
    return file.split("/")[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_only_from_above(file: str) -> None:
    here = ORDER.index(place(file))
    for module in imports(parsed(file)):
        parts = module.split(".")
        if parts[0] != "fgaesq" or len(parts) == 1:
            continue
        imported = f"{parts[1]}.py" if f"{parts[1]}.py" in FRONT else f"{parts[1]}/x.py"
        assert ORDER.index(place(imported)) <= here, f"{file} imports {module}"


@pytest.mark.parametrize("file", [file for file in FILES if file.startswith("report/")])
def test_reports_know_results_and_not_how_they_come_about(file: str) -> None:
    allowed = {"errors", "types", "images", "report"}
    values = {"fgaesq.evaluation.results"}
    ours = {module for module in imports(parsed(file)) if module.startswith("fgaesq.")} - values
    assert {module.split(".")[1] for module in ours} <= allowed


@pytest.mark.parametrize("file", FILES)
def test_a_library_is_imported_only_where_it_belongs(file: str) -> None:
    for module in imports(parsed(file)):
        allowed = ONLY_IN.get(module.split(".")[0])
        assert allowed is None or any(fnmatch(file, pattern) for pattern in allowed), (
            f"{file} imports {module}"
        )


@pytest.mark.parametrize("file", TORCH_FREE_AT_IMPORT)
def test_the_base_install_never_imports_torch(file: str) -> None:
    at_import = {module.split(".")[0] for module in imports(parsed(file), inside_functions=False)}
    assert not at_import & {"torch", "safetensors", "onnx", "cv2"}


@pytest.mark.parametrize("file", FILES)
def test_no_file_is_longer_than_the_wall(file: str) -> None:
    assert len((PACKAGE / file).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_package_has_its_place() -> None:
    assert {place(file) for file in FILES} <= set(ORDER)


def test_the_rules_see_imports_inside_functions_and_skip_those_for_types() -> None:
    code = (
        "import a\n"
        "if TYPE_CHECKING:\n    import b\n"
        "else:\n    import c\n"
        "def f():\n    from d.e import x\n"
        "class C:\n    import g\n"
        "try:\n    import h\nexcept ImportError:\n    import i\n"
    )
    assert sorted(imports(ast.parse(code))) == ["a", "c", "d.e", "g", "h", "i"]
    assert sorted(imports(ast.parse(code), inside_functions=False)) == ["a", "c", "g", "h", "i"]
