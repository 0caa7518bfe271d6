"""What results say of themselves."""

from __future__ import annotations

import pytest

from fgaesq.errors import InputError
from fgaesq.types import Failure, ModelIdentity, RankedImage, RankedSeries, Ranking

MODEL = ModelIdentity("m", "1", "0" * 64, "onnx", "series")
SERIES = RankedSeries("s", (RankedImage("a", 1, 7.0, 0.7), RankedImage("b", 2, 5.0, 0.3)), ())


def refusal(ranking: Ranking) -> str:
    with pytest.raises(InputError) as caught:
        _ = ranking.best
    return str(caught.value)


def test_best_is_the_first_image_of_the_only_series() -> None:
    assert Ranking(MODEL, (SERIES,), ()).best.path == "a"


def test_there_is_no_best_of_several_series() -> None:
    assert refusal(Ranking(MODEL, (SERIES, SERIES), ())) == (
        "2 series were ranked, so there is no one best image; use .series"
    )


def test_there_is_no_best_of_nothing() -> None:
    assert refusal(Ranking(MODEL, (), ())) == "no image could be ranked (none was given)"
    failures = tuple(Failure(n, "decode", f"{n}: broken; mend it") for n in "abcd")
    assert refusal(Ranking(MODEL, (), failures)) == (
        "no image could be ranked (a: broken; mend it; b: broken; mend it; c: broken; mend it)"
    )
