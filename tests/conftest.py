"""What all tests share: a closed environment and the optional folder of shared data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from fgaesq.models.reasons_file import ReasonWords

SHARED = Path(
    os.environ.get("FGAESQ_SHARED", Path(__file__).resolve().parents[1].parent / "shared")
)


@pytest.fixture(autouse=True)
def _closed_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's settings and home folder out of every test."""
    for name in list(os.environ):
        if name.startswith(("FGAESQ_", "HF_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of evaluation data beside the repository; tests that need it skip without it."""
    if not (SHARED / "oracle").is_dir():
        pytest.skip(f"no shared data folder at {SHARED}; set FGAESQ_SHARED to its place")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the system, without a window; tests that need it skip without it."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        pytest.skip("needs chromium; 'make test' installs it")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of `fgaesq-tiny` for both engines, with seeded weights that spread the scores."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder, seed=7)
    return folder


@pytest.fixture(scope="session")
def telling_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like `tiny_model` (ONNX only) that names reasons and tells the tokens' effects."""
    folder = tmp_path_factory.mktemp("models") / "telling"
    write_tiny(folder, seed=7, quantise=True, tells=True)
    return folder


def write_tiny(folder: Path, *, seed: int, quantise: bool = False, tells: bool = False) -> None:
    """Write a model folder of `fgaesq-tiny` with weights that follow from `seed`.

    With `tells` the network is one that tells what each token adds, and the folder has made-up
    words for reasons.
    """
    import torch  # takes seconds, and most tests do without

    from fgaesq.engines.export import write_model_folder
    from fgaesq.models.specs import SPECS, build

    spec = SPECS["fgaesq-tiny"]
    if tells:
        spec = replace(spec, readout="mean", head=(), dropout=())
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = build(spec)
        for name, parameter in model.named_parameters():
            if name.startswith("head.") and name.endswith(".weight"):
                parameter.mul_(3)  # fresh heads score all images nearly the same
    write_model_folder(
        model,
        spec,
        folder,
        version="0.0.1",
        temperature=0.002 if tells else 0.05,  # of the telling one, few pairs are too close
        licence="Apache-2.0",
        provenance={"seed": seed},
        reasons=made_up_words(seed) if tells else None,
        quantise=quantise,
    )


def made_up_words(seed: int, *, feature: int = 32) -> ReasonWords:
    """Return four words with directions that follow from `seed`."""
    from fgaesq.models.reasons_file import ReasonWord, ReasonWords

    words = (
        ReasonWord("defocus", "sharper", "blurrier"),
        ReasonWord("noise", "less noise", "more noise"),
        ReasonWord("tilt", "straighter horizon", "more tilted"),
        ReasonWord("haze", "less haze", "more haze"),
    )
    directions = np.random.default_rng(seed).normal(size=(len(words), feature))
    return ReasonWords(
        words, directions / np.linalg.norm(directions, axis=1, keepdims=True), temperature=0.1
    )
