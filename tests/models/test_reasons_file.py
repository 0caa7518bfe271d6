"""The file of words by which a model names reasons."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.conftest import made_up_words

from fgaesq.errors import WeightsError
from fgaesq.models.reasons_file import ReasonWord, ReasonWords, read_reasons, write_reasons
from fgaesq.models.weights import open_folder
from fgaesq.storage.digests import file_sha256

Change = Callable[[dict[str, Any]], object]


def changed(source: Path, target: Path, change: Change) -> Path:
    """Return a copy of a model folder whose reasons were changed, with a right checksum."""
    folder = shutil.copytree(source, target)
    content = json.loads((folder / "reasons.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "reasons.json").write_text(json.dumps(content), encoding="utf-8")
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    manifest["files"]["reasons.json"] = file_sha256(folder / "reasons.json")
    (folder / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_words_come_back_as_they_were_written(telling_model: Path) -> None:
    words = read_reasons(open_folder(telling_model))
    written = made_up_words(7)
    assert words is not None
    assert (words.words, words.temperature) == (written.words, written.temperature)
    np.testing.assert_allclose(words.directions, written.directions, rtol=0, atol=5e-7)


def test_a_model_without_the_file_has_no_words(tiny_model: Path) -> None:
    assert read_reasons(open_folder(tiny_model)) is None


def test_a_file_that_the_manifest_does_not_name_is_no_part_of_the_model(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    write_reasons(made_up_words(1), folder / "reasons.json")
    assert read_reasons(open_folder(folder)) is None


def _set(key: str, value: object) -> Change:
    return lambda content: content.update({key: value})


def _set_word(key: str, value: object) -> Change:
    return lambda content: content["words"][0].update({key: value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set("format", 2), "ValueError: format 2, this version reads 1"),
        (_set("words", []), "ValueError: there must be at least one word, and each kind once"),
        (_set("temperature", 0), "ValueError: temperature is 0.0, must be above 0"),
        (_set_word("kind", "haze"), "ValueError: there must be at least one word, and each kind"),
        (_set_word("opposite", ""), "ValueError: a word has an empty kind, text or opposite"),
        (_set_word("direction", [2.0] * 32), "ValueError: a direction is not a vector of length 1"),
        (_set_word("direction", [1.0]), "ValueError: setting an array element with a sequence"),
        (lambda content: content.pop("words"), "KeyError: 'words'"),
        (
            lambda content: [w.update(direction=w["direction"][:1]) for w in content["words"]],
            "ValueError: a direction is not a vector of length 1",
        ),
    ],
)
def test_a_file_that_is_not_sound_is_refused(
    telling_model: Path, tmp_path: Path, change: Change, reason: str
) -> None:
    folder = changed(telling_model, tmp_path / "model", change)
    with pytest.raises(WeightsError) as caught:
        read_reasons(open_folder(folder))
    message = str(caught.value)
    assert message.startswith(f"{folder / 'reasons.json'}: not a sound file of reasons ({reason}")
    assert message.endswith("; import or install the model again")


def test_directions_must_have_the_length_of_the_model_s_feature(
    telling_model: Path, tmp_path: Path
) -> None:
    def longer(content: dict[str, Any]) -> None:
        for word in content["words"]:
            word["direction"] += [0.0]

    folder = changed(telling_model, tmp_path / "model", longer)
    with pytest.raises(
        WeightsError, match="directions of length 33, fgaesq-tiny has features of length 32"
    ):
        read_reasons(open_folder(folder))


def test_a_changed_file_is_refused(telling_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(telling_model, tmp_path / "model")
    with (folder / "reasons.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(WeightsError, match="the file is damaged or was changed"):
        read_reasons(open_folder(folder))


def test_words_and_directions_must_fit() -> None:
    words = made_up_words(1)
    with pytest.raises(ValueError, match=r"3 words and directions of shape \(4, 32\)"):
        replace(words, words=words.words[:3])
    with pytest.raises(ValueError, match="not a vector of length 1"):
        ReasonWords((ReasonWord("a", "b", "c"),), np.full((1, 2), np.nan), 0.1)
