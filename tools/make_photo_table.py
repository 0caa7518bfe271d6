"""Write the table of photo sources in THIRD_PARTY.md from the manifest of a pool of photos.

Run `python tools/make_photo_table.py PHOTOS/MANIFEST.csv` when the pool changed. The photos are not
part of the repository, so the table is the record of what the embedded model learned from.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "THIRD_PARTY.md"
_START, _END = "<!-- photos -->\n", "<!-- end of photos -->"


def photo_table(manifest: Path) -> str:
    """Return the Markdown table source x licence x count, the largest source first.

    Args:
        manifest: CSV with the columns source and licence, one row per photo.
    """
    with manifest.open(newline="", encoding="utf-8") as lines:
        counts = Counter((row["source"], row["licence"]) for row in csv.DictReader(lines))
    rows = [
        f"| {source} | {licence} | {number} |"
        for (source, licence), number in sorted(counts.items(), key=lambda item: (-item[1], item))
    ]
    heading = ["| source (owner/name on GitHub) | licence | photos |", "|---|---|---|"]
    return "\n".join([*heading, *rows, f"| all | | {counts.total()} |"]) + "\n"


def main(manifest: Path) -> None:
    """Put the table between its marks."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    text = f"{before}{_START}\n{photo_table(manifest)}\n{_END}{after}"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
