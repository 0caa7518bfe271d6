"""Sets that grow by joining: union-find."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sets"]


class Sets:
    """Numbers 0 to n - 1 in sets; the smallest number of a set stands for it."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, one: int) -> int:
        """Return the number that stands for the set of `one`."""
        root = one
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[one] != root:
            self._parent[one], one = root, self._parent[one]
        return root

    def join(self, one: int, other: int) -> int:
        """Join the sets of two numbers; return the number that stands for both."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low
        return low

    def labels(self) -> NDArray[np.intp]:
        """Return for each number the one that stands for its set, (n,)."""
        return np.array([self.find(one) for one in range(len(self._parent))], np.intp)
