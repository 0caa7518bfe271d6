"""The documents say what is so: commands, links, files, keys, shown output and examples."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest
from PIL import Image

from fgaesq.cli import main as fgaesq_command
from fgaesq.models.weights import embedded_models, find_model
from fgaesq.report.formats import ranking_data
from fgaesq.types import (
    EffectMap,
    Failure,
    ModelIdentity,
    Pair,
    RankedImage,
    RankedSeries,
    Ranking,
    Reason,
)

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if path.is_file()
)
EXAMPLES = sorted((ROOT / "examples").glob("0*.py"))
FRAMES = sorted((ROOT / "examples" / "bursts").rglob("*.jpg"))

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _needs_the_model() -> None:
    if "fgaesq-s" not in embedded_models():
        pytest.skip("the embedded model fgaesq-s is not in this checkout")


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, such as `fgaesq weights pull`."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            member = command.get_command(context, name)
            assert member is not None, f"{path} {name}"
            yield from _commands(member, f"{path} {name}")


COMMANDS = dict(_commands(fgaesq_command, "fgaesq"))


def test_reference_of_the_commands_is_up_to_date() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == _tool("make_cli_docs").cli_reference(), "run: make docs"


def test_numbers_page_is_that_of_the_stored_results() -> None:
    written = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    assert written == _tool("make_numbers").page(), "run: make docs"


def test_numbers_page_shows_reasons_where_they_were_measured() -> None:
    share = {"value": 0.5, "low": 0.25, "high": 0.75}
    row = {"word": "less noise", "right_named": share, "named": share, "best_named": None}
    tool = _tool("make_numbers")
    scorer = {"name": "ours", "reasons": {"noise": row | {"mistaken": {"none": 3}}}}
    shown = "| noise | less noise | 0.500 (0.250-0.750) | 0.500 (0.250-0.750) |  | none 3 |"
    assert tool._reasons(scorer).splitlines()[-1] == shown
    assert tool._reasons({"name": "sharpness"}) == ""


def test_stored_results_are_of_the_embedded_model() -> None:
    _needs_the_model()
    sha256 = find_model("fgaesq-s").files["model.onnx"]
    results = ROOT / "benchmarks" / "results"
    for name in ("constructed", "shaken", "variants", "scenes", "human", "tokens"):
        measured = json.loads((results / f"{name}.json").read_text(encoding="utf-8"))
        model = measured["models"][0] if "models" in measured else measured["model"]
        assert model["sha256"] == sha256, f"measure again: {name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_its_options_have_help_and_a_section(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    without = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert without == []
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / "cli.md").read_text("utf-8"), re.MULTILINE)
    assert headings.count(name) == 1


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_inside_the_repository_resolve(document: Path) -> None:
    broken = []
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


def _anchors(document: Path) -> set[str]:
    """Return the anchors that headings get: lower case, words joined by hyphens."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def test_anchors_are_those_of_the_usual_renderers(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("# JSON, NDJSON and CSV\ntext\n## Is a gap `real`?\n", encoding="utf-8")
    assert _anchors(document) == {"json-ndjson-and-csv", "is-a-gap-real"}


@pytest.mark.parametrize(
    "name", ["ARCHITECTURE.md", "docs/paper-map.md", "docs/decisions/0001-two-tokenizers.md"]
)
def test_files_and_functions_that_a_document_names_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = [code for code in _CODE.findall(text) if re.search(r"\.(py|toml|md)\b", code)]
    named = [code for code in named if "/x.py" not in code and "test_x.py" not in code]
    assert len(named) > 5
    assert [code for code in named if not _exists(code)] == []


def _exists(code: str) -> bool:
    """Tell whether `file` or `file::name` is there, from the root, the package or the tests."""
    path, _, attribute = code.partition("::")
    if "{" in path:
        folder, _, rest = path.partition("{")
        names, _, ending = rest.partition("}")
        return all(_exists(f"{folder}{one}{ending}") for one in names.split(","))
    places = (ROOT, ROOT / "src" / "fgaesq", ROOT / "tests")
    files = [place / path for place in places if (place / path).is_file()]
    return bool(files) and (not attribute or attribute in _defined(files[0]))


def _defined(file: Path) -> set[str]:
    """Return the functions, classes and variables of a module's top level."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return names


def test_a_missing_file_or_function_is_noticed() -> None:
    assert _exists("tokens/difftoken.py::tokenize_series")
    assert not _exists("tokens/difftoken.py::tokenise_series")
    assert not _exists("tokens/missing.py")
    assert not _exists("src/fgaesq/engines/{torch_engine,missing}.py")


def test_architecture_is_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 150


def test_guide_documents_exactly_the_keys_of_a_ranking() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    written = {key.removesuffix("[]") for key in _keys(_explained_data())}
    assert _documented_keys(guide) == written
    shown = _shown_json(guide, "fgaesq rank")
    assert shown["failures"] == []
    always = {key for key in written if not key.startswith("failures[]") and not _told(key)}
    assert {key for key in _keys(shown) if not _told(key)} == always


def test_guide_shows_exactly_the_keys_of_scores_and_comparisons() -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    model = {
        f"model.{key}" for key in ("name", "version", "sha256", "engine", "tokenizer", "reasons")
    }
    scores = _keys(_shown_json(guide, "fgaesq score"))
    assert scores - model == {"images[].path", "images[].score", "images[].distribution[]"}
    comparison = _keys(_shown_json(guide, "fgaesq compare"))
    sides = {f"{side}.{key}" for side in ("first", "second") for key in ("path", "score")}
    assert {key for key in comparison - model if not _told(key)} == {*sides, "p", "verdict"}


def _told(key: str) -> bool:
    """Tell whether a key is there only if the model names reasons or tells effects."""
    return "reasons[]" in key or "cells[]" in key


def _explained_data() -> dict[str, Any]:
    reasons = (Reason("sharper", 0.8),)
    images = (RankedImage("a.jpg", 1, 7.0, 0.8, reasons), RankedImage("b.jpg", 2, 6.0, 0.2))
    effects = EffectMap(
        {"a.jpg": np.ones((1, 1), np.float32), "b.jpg": None},
        {"a.jpg": (0.0, 0.0, 1.0, 1.0), "b.jpg": None},
    )
    pairs = (Pair("a.jpg", "b.jpg", 0.8, "first", reasons),)
    series = RankedSeries("x", images, pairs, effects=effects)
    failure = Failure("c.jpg", "decode", "c.jpg: it is empty")
    model = ModelIdentity("m", "1", "0", "onnx", "series", reasons=True)
    return ranking_data(Ranking(model, (series,), (failure,)), with_pairs=True)


def _keys(data: object, prefix: str = "") -> set[str]:
    """Return the paths of all values, such as `series[].images[].rank`."""
    if isinstance(data, dict):
        dot = f"{prefix}." if prefix else ""
        return set().union(*(_keys(value, dot + key) for key, value in data.items()))
    if isinstance(data, list):
        return set().union(*(_keys(value, f"{prefix}[]") for value in data))
    return {prefix}


def _documented_keys(guide: str) -> set[str]:
    """Return the keys of the table; `.x` after a full key stands for its neighbour."""
    keys: set[str] = set()
    for row in re.findall(r"^\| (`[^|]*`) \|", guide, re.MULTILINE):
        names = _CODE.findall(row)
        if not re.match(r"(model|series\[\]|failures\[\])\.", names[0]):
            continue
        parent = names[0].rpartition(".")[0]
        keys.update(parent + name if name.startswith(".") else name for name in names)
    return {key for key in keys if not key.endswith("[]")}


def _shown_json(guide: str, start: str) -> dict[str, Any]:
    outputs = _tool("make_shown_output").shown_outputs(guide)
    found = [text for command, text in outputs if command.startswith(start) and "json" in command]
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0])
    return data


def _shown() -> list[tuple[str, str]]:
    tool = _tool("make_shown_output")
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in tool.DOCUMENTS]
    return sorted({shown for text in texts for shown in tool.shown_outputs(text)})


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), _shown(), ids=[command for command, _ in _shown()])
def test_shown_output_is_what_the_command_prints(command: str, shown: str) -> None:
    _needs_the_model()
    printed: str = _tool("make_shown_output").output_of(command)
    assert _NUMBER.sub("0", printed) == _NUMBER.sub("0", shown), "run: make docs"
    for one, other in zip(_NUMBER.findall(printed), _NUMBER.findall(shown), strict=True):
        decimals = len(one.partition(".")[2])
        # Other processors round the last digit of a shown number differently, no more.
        assert abs(float(one) - float(other)) <= max(10.0**-decimals, 1e-4) * 1.001


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_example_runs_and_is_short(example: Path, tmp_path: Path) -> None:
    assert len(example.read_text(encoding="utf-8").splitlines()) < 60
    _needs_the_model()
    run = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") >= 2
    assert list(tmp_path.rglob("*")) == [], "an example writes nothing"


def test_examples_are_there() -> None:
    assert [path.name for path in EXAMPLES] == [
        "01_rank_a_burst.py",
        "02_score.py",
        "03_compare.py",
    ]
    assert len(FRAMES) == 16


@pytest.mark.parametrize("frame", FRAMES, ids=_name)
def test_example_frame_is_small_and_credited(frame: Path) -> None:
    assert frame.stat().st_size < 250_000
    with Image.open(frame) as picture:
        assert max(picture.size) <= 1200
    third_party = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert f"| `{frame.parent.name}` | `backgrounds/" in third_party


def test_third_party_names_every_package_that_users_install() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["train"]]
    names = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime", "opencv-python-headless": "OpenCV"}
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    for requirement in wanted:
        name = re.split(r"[<>=\[]", requirement)[0]
        assert names.get(name, name).lower() in text


def test_photo_table_counts_sources_and_licences(tmp_path: Path) -> None:
    manifest = tmp_path / "MANIFEST.csv"
    manifest.write_text(
        'file,source,licence\na,x/y,CC0\nb,v/w,"A, ""b"""\nc,x/y,CC0\n', encoding="utf-8"
    )
    assert _tool("make_photo_table").photo_table(manifest) == (
        "| source (owner/name on GitHub) | licence | photos |\n|---|---|---|\n"
        '| x/y | CC0 | 2 |\n| v/w | A, "b" | 1 |\n| all | | 3 |\n'
    )


def test_photo_table_is_that_of_the_pool(shared: Path) -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert _tool("make_photo_table").photo_table(shared / "photos" / "MANIFEST.csv") in text


def test_shown_output_is_renewed_in_its_place_only() -> None:
    tool = _tool("make_shown_output")
    text = "a\n<!-- output: fgaesq x -->\n```json\nold\n```\nb\n```\nkept\n```\n"
    assert tool.renewed(text, lambda command: f"{command}!\n") == (
        "a\n<!-- output: fgaesq x -->\n```json\nfgaesq x!\n```\nb\n```\nkept\n```\n"
    )


def test_shown_commands_are_ours_only() -> None:
    with pytest.raises(ValueError, match=r"^'rm -r x': only fgaesq and python examples/"):
        _tool("make_shown_output").output_of("rm -r x")
