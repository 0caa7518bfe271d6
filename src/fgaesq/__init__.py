"""Pick the best image of a series of near-identical ones, and say how sure the pick is.

>>> import fgaesq
>>> ranking = fgaesq.rank(["a.jpg", "b.jpg", "c.jpg"])  # doctest: +SKIP
>>> ranking.best.path  # doctest: +SKIP
'b.jpg'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fgaesq.api import compare, load, rank, score
    from fgaesq.engines import EngineOptions
    from fgaesq.errors import (
        DecodeError,
        EngineError,
        FgaError,
        InputError,
        MissingExtraError,
        RecipeError,
        ShapeError,
        UnknownNameError,
        WeightsError,
    )
    from fgaesq.ranking.ranker import Ranker
    from fgaesq.types import (
        Comparison,
        DifferenceMap,
        EffectMap,
        Failure,
        ModelIdentity,
        Pair,
        RankedImage,
        RankedSeries,
        Ranking,
        Reason,
        Score,
        Scores,
    )

__version__ = "0.1.0"

_HOMES = {
    "fgaesq.api": ("compare", "load", "rank", "score"),
    "fgaesq.engines": ("EngineOptions",),
    "fgaesq.errors": (
        "DecodeError",
        "EngineError",
        "FgaError",
        "InputError",
        "MissingExtraError",
        "RecipeError",
        "ShapeError",
        "UnknownNameError",
        "WeightsError",
    ),
    "fgaesq.ranking.ranker": ("Ranker",),
    "fgaesq.types": (
        "Comparison",
        "DifferenceMap",
        "EffectMap",
        "Failure",
        "ModelIdentity",
        "Pair",
        "RankedImage",
        "RankedSeries",
        "Ranking",
        "Reason",
        "Score",
        "Scores",
    ),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Comparison",
    "DecodeError",
    "DifferenceMap",
    "EffectMap",
    "EngineError",
    "EngineOptions",
    "Failure",
    "FgaError",
    "InputError",
    "MissingExtraError",
    "ModelIdentity",
    "Pair",
    "RankedImage",
    "RankedSeries",
    "Ranker",
    "Ranking",
    "Reason",
    "RecipeError",
    "Score",
    "Scores",
    "ShapeError",
    "UnknownNameError",
    "WeightsError",
    "__version__",
    "compare",
    "load",
    "rank",
    "score",
]


if not TYPE_CHECKING:  # type checkers would take every misspelt name for one found here

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used; `import fgaesq` itself loads nothing."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'fgaesq' has no attribute '{name}'")
        value = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
