"""Rank a burst: which frame to keep, how sure that is, and which others are as good.

Run `python examples/01_rank_a_burst.py [PHOTO PHOTO ...]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import fgaesq

BURST = Path(__file__).parent / "bursts" / "osprey"


def main() -> None:
    """Print the ranking of the given photos, or of the example burst."""
    photos = [Path(name) for name in sys.argv[1:]] or sorted(BURST.glob("*.jpg"))
    ranking = fgaesq.rank(photos)
    for failure in ranking.failures:
        print(f"left out: {failure.error}", file=sys.stderr)

    series = ranking.series[0]
    for image in series.images:
        name = Path(image.path).name
        print(f"{image.rank}. {name}  score {image.score:.2f}  best with p = {image.p_best:.2f}")

    # A gap between two scores means something only through its probability: ask the pairs.
    best = series.images[0]
    rivals = [p.second for p in series.pairs if p.first == best.path and p.verdict == "too_close"]
    if rivals:
        names = ", ".join(Path(rival).name for rival in rivals)
        print(f"{Path(best.path).name} is too close to call against {names}")
    else:
        print(f"keep {Path(best.path).name}")


if __name__ == "__main__":
    main()
