"""The keys of the page: each does one thing, and the document lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.building.people.keys import IMAGE_REASONS, KEYS, SERIES_REASONS
from fgaesq.building.records import REASONS
from fgaesq.web.keys import key_actions, key_caps


@pytest.mark.parametrize("view", ["overview", "series"])
def test_no_key_does_two_things_in_a_view(view: str) -> None:
    keys = [key for one in KEYS if view in one.views for key in one.keys]
    assert len(keys) == len(set(keys))


def test_every_reason_of_images_has_a_key() -> None:
    bindings = key_actions(KEYS, "series")
    assert [bindings[str(number)] for number in range(1, 9)] == [
        f"reason-{reason}" for reason in IMAGE_REASONS
    ]
    assert set(SERIES_REASONS) <= set(REASONS)


def test_the_document_shows_the_table_of_keys() -> None:
    document = (Path(__file__).parents[3] / "docs" / "checking.md").read_text(encoding="utf-8")
    rows = document.split("<!-- keys -->")[1].split("<!-- /keys -->")[0].strip().splitlines()[2:]
    assert rows == [f"| {key_caps(one)} | {one.words} |" for one in KEYS]
