"""The numbers of the paper: whole, and consistent with one another."""

from __future__ import annotations

import pytest

from fgaesq.evaluation.measures import paper_summary
from fgaesq.evaluation.published import published_tables
from fgaesq.evaluation.results import Estimate, OrderMeasures

TABLES = {one.name: one for name in ("fgaesthetics", "aadb") for one in published_tables(name)}


def row(table: str, method: str) -> list[float | None]:
    return list(dict(TABLES[table].rows)[method])


def test_all_four_tables_are_there_and_shown_where_they_belong() -> None:
    assert sorted(TABLES) == ["table 2", "table 3", "table 4", "table 5"]
    assert [one.name for one in published_tables("ava")] == ["table 3", "table 5"]
    assert published_tables("phototriage") == ()


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_value_for_every_column(name: str) -> None:
    table = TABLES[name]
    assert "2603.03907" in table.source
    for method, values in table.rows:
        assert len(values) == len(table.columns), method
        assert all(value is None or 0 <= value <= 1 for value in values), method


@pytest.mark.parametrize("method", [name for name, _ in TABLES["table 3"].rows])
def test_table_3_follows_from_table_2(method: str) -> None:
    """Its columns Pair and Series are means over sources, up to the rounding of both tables."""
    values = [Estimate(value or 0, 0, 1) for value in row("table 2", method)]
    sources = [
        OrderMeasures(1, 1, values[n], values[n + 1], values[n + 2], values[n + 3], None)
        for n in (0, 4, 8)
    ]
    pair, series = paper_summary(sources)
    # One number as printed does not follow: .684 from table 2, .687 in table 3.
    exception = 2e-3 if method == "VILA, fine-tuned" else 0
    assert pair == pytest.approx(row("table 3", method)[2], abs=1.1e-3 + exception)
    assert series == pytest.approx(row("table 3", method)[3], abs=1.1e-3)


def test_known_values() -> None:
    assert row("table 2", "FGAesQ")[:4] == [0.779, 0.779, 0.753, 0.729]
    assert row("table 3", "FGAesQ") == row("table 5", "FGAesQ") == [0.770, 0.781, 0.753, 0.600]
    assert row("table 4", "UNIAA")[2] is None
