"""Numbers that papers publish, for the report to show beside ours."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from fgaesq.evaluation.results import PublishedTable

__all__ = ["published_tables"]


def published_tables(dataset: str) -> tuple[PublishedTable, ...]:
    """Return the tables that belong beside results on a dataset, () if there is none.

    Args:
        dataset: name of its format, such as `fgaesthetics` or `ava`.
    """
    content = _content()
    return tuple(
        PublishedTable(
            name=name.replace("-", " "),
            caption=table["caption"],
            source=content["source"],
            columns=tuple(table["columns"]),
            rows=tuple(
                (method, tuple(None if math.isnan(value) else value for value in values))
                for method, values in table["rows"].items()
            ),
        )
        for name, table in content.items()
        if name.startswith("table-") and dataset in table["shown_beside"]
    )


@cache
def _content() -> dict[str, Any]:
    file = resources.files("fgaesq.evaluation") / "reference_numbers" / "fgaesq.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
