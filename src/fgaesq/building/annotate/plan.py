"""What the organiser asks for: how many votes, how many control questions, when to rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from fgaesq.building.votes.database import Database
from fgaesq.errors import InputError

__all__ = ["Plan", "kept_plan"]

_SETTING = "plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a dataset is annotated.

    Attributes:
        per_pair: votes wanted on each pair, by as many people (ten in FGAesthetics).
        every_pair_up_to: series of at most so many images are judged pair by pair; of larger ones
            the pairs that tell most are chosen, until their order is clear.
        golden_rate: share of questions with a known answer, 0 to 1.
        repeat_rate: share of questions that the person has answered before, 0 to 1.
        bad_after: a series that so many people call bad is no longer asked.
        rest_minutes, rest_votes: after so much without a break the page reminds to rest; 0: never.
    """

    per_pair: int = 10
    every_pair_up_to: int = 7
    golden_rate: float = 0.04
    repeat_rate: float = 0.04
    bad_after: int = 2
    rest_minutes: int = 25
    rest_votes: int = 300

    def __post_init__(self) -> None:
        for name in ("per_pair", "every_pair_up_to", "bad_after"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it is at least 1")
        for name in ("rest_minutes", "rest_votes"):
            if getattr(self, name) < 0:
                raise InputError(
                    f"{name} is {getattr(self, name)}; it is at least 0, which is never"
                )
        shares = self.golden_rate, self.repeat_rate
        if not (all(share >= 0 for share in shares) and sum(shares) <= 0.5):  # nor NaN
            raise InputError(
                f"golden and repeated questions are {shares[0]:g} and {shares[1]:g} of all; give "
                "shares from 0 that are at most half together"
            )


def kept_plan(votes: Database, given: Mapping[str, object]) -> Plan:
    """Return the plan of a dataset, changed by what is given now, and keep it.

    Args:
        votes: of the dataset.
        given: attributes of `Plan`; those that are None stay as they were.

    Raises:
        InputError: a value is impossible.
    """
    known = {field.name for field in fields(Plan)}
    before = votes.setting(_SETTING, {})
    plan = Plan(**{name: value for name, value in before.items() if name in known})
    plan = replace(plan, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    if asdict(plan) != before:
        votes.set(_SETTING, asdict(plan))
    return plan
