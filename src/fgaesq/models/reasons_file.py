"""The words by which a model says why one image is better than another: `reasons.json`.

In training the difference of two images' features (better minus worse) is pulled towards the
direction of what makes them differ (paper, CTAlign; `losses.alignment`). The file carries those
directions and what to call them, so that giving reasons needs neither texts nor training code::

    {"format": 1, "feature": 192, "temperature": 0.1,
     "words": [{"kind": "defocus", "text": "sharper", "opposite": "blurrier",
                "direction": [0.0132, ...]}, ...]}

It lies in the model folder and is optional; `model.json` names its checksum like those of weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fgaesq.errors import WeightsError
from fgaesq.models.weights import REASONS_FILE, ModelFolder

__all__ = ["ReasonWord", "ReasonWords", "read_reasons", "write_reasons"]

_FORMAT = 1
_DECIMALS = 6
_UNIT_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class ReasonWord:
    """One thing in which images differ.

    Attributes:
        kind: its name in training, such as `defocus`.
        text: what the better image is: `sharper`.
        opposite: what the worse image is: `blurrier`.
    """

    kind: str
    text: str
    opposite: str


@dataclass(frozen=True, slots=True, eq=False)
class ReasonWords:
    """All words of a model.

    Attributes:
        words: K words of different kinds.
        directions: (K, F) float64, unit vectors of the feature space, from worse to better.
        temperature: divides the cosines before the softmax over the words; above 0.

    Raises:
        ValueError: the parts do not fit together, are not finite, or a direction has not length 1.
    """

    words: tuple[ReasonWord, ...]
    directions: NDArray[np.float64]
    temperature: float

    def __post_init__(self) -> None:
        kinds = [word.kind for word in self.words]
        if not kinds or len(set(kinds)) != len(kinds):
            raise ValueError("there must be at least one word, and each kind once")
        if not all(word.kind and word.text and word.opposite for word in self.words):
            raise ValueError("a word has an empty kind, text or opposite")
        if self.directions.ndim != 2 or len(self.directions) != len(kinds):
            raise ValueError(f"{len(kinds)} words and directions of shape {self.directions.shape}")
        lengths = np.linalg.norm(self.directions, axis=1)
        if not (np.abs(lengths - 1) < _UNIT_TOLERANCE).all():  # false for NaN too
            raise ValueError("a direction is not a vector of length 1")
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"temperature is {self.temperature}, must be above 0")


def read_reasons(folder: ModelFolder) -> ReasonWords | None:
    """Return the words of a model, None if it has none.

    Raises:
        WeightsError: the file is missing, was changed, or is not as described above.
    """
    if REASONS_FILE not in folder.files:
        return None
    path = folder.verified(REASONS_FILE)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != _FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {_FORMAT}")
        words = _words(content)
        if words.directions.shape[1] != folder.spec.feature:
            raise ValueError(
                f"directions of length {words.directions.shape[1]}, "
                f"{folder.spec.name} has features of length {folder.spec.feature}"
            )
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path}: not a sound file of reasons ({type(error).__name__}: {error}); "
            "import or install the model again"
        ) from None
    return words


def write_reasons(words: ReasonWords, path: Path) -> None:
    """Write the file that `read_reasons` reads; directions to 6 decimals."""
    content = {
        "format": _FORMAT,
        "feature": words.directions.shape[1],
        "temperature": words.temperature,
        "words": [
            {
                "kind": word.kind,
                "text": word.text,
                "opposite": word.opposite,
                "direction": _rounded(direction.tolist()),
            }
            for word, direction in zip(words.words, words.directions, strict=True)
        ],
    }
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")


def _words(content: dict[str, Any]) -> ReasonWords:
    entries = content["words"]
    return ReasonWords(
        words=tuple(
            ReasonWord(str(one["kind"]), str(one["text"]), str(one["opposite"])) for one in entries
        ),
        directions=np.array([one["direction"] for one in entries], dtype=np.float64),
        temperature=float(content["temperature"]),
    )


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, _DECIMALS) + 0.0 for value in values]
