"""Compare two images: which is preferred, how surely, and where they differ.

Run `python examples/03_compare.py [FIRST SECOND]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import fgaesq

BURST = Path(__file__).parent / "bursts" / "osprey"


def main() -> None:
    """Print the comparison of the two given photos, or of two frames of the example burst."""
    first, second = sys.argv[1:] or (BURST / "IMG_2044.jpg", BURST / "IMG_2045.jpg")
    comparison = fgaesq.compare(first, second)
    print(f"P(first is preferred) = {comparison.p:.2f}, verdict: {comparison.verdict}")

    # The map has one value for each 32 px cell: 0 where the two show the same, up to 1.
    if comparison.difference is None:  # the reference tokenizer makes no map
        return
    values = comparison.difference.values
    row, column = divmod(int(values.argmax()), values.shape[1])
    print(f"{(values > 0.2).mean():.0%} of the cells differ visibly, most in row {row + 1} of")
    print(f"{values.shape[0]}, column {column + 1} of {values.shape[1]}")


if __name__ == "__main__":
    main()
