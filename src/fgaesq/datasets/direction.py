"""Which way undocumented values of a series run, found out from the judged pairs beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fgaesq.errors import InputError

__all__ = ["Direction", "direction_of"]

_LEAST_SHARE = 0.75
_LEAST_DEVIATIONS = 2.0


@dataclass(frozen=True, slots=True)
class Direction:
    """How often the preferred image of a pair has the greater value.

    Attributes:
        agree: pairs in which the preferred image has the greater value.
        against: pairs in which it has the smaller one. Ties of either kind count for nothing.
    """

    agree: int
    against: int

    @property
    def sign(self) -> int:
        """1 if higher values are better, -1 if lower ones are, 0 if that cannot be told.

        It can be told when three quarters of the pairs say the same, and that many would not by
        chance (two standard deviations of a fair coin).
        """
        number = self.agree + self.against
        if not number:
            return 0
        surplus = self.agree - self.against
        share = max(self.agree, self.against) / number
        if share < _LEAST_SHARE or abs(surplus) / math.sqrt(number) < _LEAST_DEVIATIONS:
            return 0
        return 1 if surplus > 0 else -1

    def known_sign(self, where: str) -> int:
        """Return `sign`.

        Raises:
            InputError: it cannot be told. Guessing would turn every series upside down half of
                the time.
        """
        if self.sign:
            return self.sign
        raise InputError(
            f"{where}: it cannot be told whether high values of the last two columns are good or "
            f"bad: {self.agree} pairs say good, {self.against} say bad; check the columns"
        )

    def words(self) -> str:
        """Return the verdict and the evidence for a note."""
        better = "higher" if self.sign > 0 else "lower"
        number = self.agree + self.against
        share = max(self.agree, self.against)
        return f"{better} values are better, as {share} of {number} decided pairs say"


def direction_of(rows: Iterable[tuple[float, float, float]]) -> Direction:
    """Count the evidence in rows of (P that the first is better, its value, the second's value)."""
    table = np.asarray(list(rows), np.float64).reshape(-1, 3)
    same = np.sign(table[:, 0] - 0.5) * np.sign(table[:, 1] - table[:, 2])
    return Direction(agree=int((same > 0).sum()), against=int((same < 0).sum()))
