"""A hand-made evaluation with everything in it, and names that try to break out."""

from __future__ import annotations

import numpy as np

from fgaesq.evaluation.results import (
    AbsoluteMeasures,
    Calibration,
    Difference,
    Estimate,
    Evaluation,
    MeasuredSet,
    Mistake,
    Monotony,
    Naming,
    OrderMeasures,
    PublishedTable,
    ReliabilityBin,
    Scorer,
    ScoreScale,
)
from fgaesq.types import Failure, ModelIdentity

__all__ = ["HOSTILE", "evaluation"]

HOSTILE = "<script>x</script>|\x1b"


def some(value: float) -> Estimate:
    return Estimate(value, value - 0.05, value + 0.05)


def order(accuracy: float, *, whole: bool = True) -> OrderMeasures:
    rest = [some(0.6), some(0.5), some(0.4)] if whole else [None, None, None]
    return OrderMeasures(40, 12, some(accuracy), some(accuracy), *rest)


def scorer(name: str, accuracy: float, *, model: bool) -> Scorer:
    picture = np.full((30, 40, 3), 90, np.uint8)
    mistake = Mistake(
        "s7", HOSTILE, "good.jpg", HOSTILE, 0.93, "votes 9 against 2", picture, picture
    )
    bins = (ReliabilityBin(10, 0.62, some(0.5)), ReliabilityBin(30, 0.98, some(0.9)))
    return Scorer(
        name=name,
        kind="model" if model else "simple",
        groups={"all": order(accuracy), "natural": order(accuracy), "aigc": order(accuracy)},
        gaps={"0 to 0.1": order(accuracy - 0.1, whole=False)},
        pair=accuracy,
        series=None,
        absolute=AbsoluteMeasures(50, some(0.7), None),
        calibration=Calibration(some(0.08), bins) if model else None,
        mistakes=(mistake,) if model else (),
        reasons=reasons() if model else {},
    )


def reasons() -> dict[str, Naming]:
    said = {"none": 9, HOSTILE: 2}
    return {
        "all": Naming(None, 40, 30, 12, some(0.7), some(0.5), some(0.8), some(0.6), said),
        "noise": Naming("less noise", 4, 0, 2, None, some(0.5), some(1.0), some(0.6), {}),
    }


def evaluation() -> Evaluation:
    """Return one set with a model, a competitor and all that can stand beside them."""
    measured = MeasuredSet(
        name="fgaesthetics",
        about=f"Split test; {HOSTILE}",
        images=31,
        gap="|p - .5|",
        ties=2,
        scorers=(scorer("ours", 0.8, model=True), scorer("sharpness", 0.6, model=False)),
        differences=(Difference("ours", "sharpness", some(0.2), 0.0001, some(-0.1), 0.4),),
        scales=(
            ScoreScale(
                "ours", 60, 2.0, 5.0, 8.0, (0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0),
                {"all": Monotony(10, some(0.9), some(0.95))},
            ),
        ),
        published=(
            PublishedTable(
                "table 2", "test split", "a paper",
                ("natural Acc", "natural s-SRCC", "Pair", "AVA SRCC", "fgaesthetics SRCC"),
                (("Other", (0.5, None, 0.75, 0.1, 0.2)),),
            ),
        ),
        failures=(Failure("gone.jpg", "decode", "gone.jpg: not found"),),
    )  # fmt: skip
    return Evaluation((ModelIdentity("ours", "1.0", "ab12" * 16, "onnx", "series"),), (measured,))
