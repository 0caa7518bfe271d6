"""The table of models."""

from __future__ import annotations

import pytest

from fgaesq.errors import UnknownNameError
from fgaesq.models.specs import SPECS, find_spec


@pytest.mark.parametrize("name", sorted(SPECS))
def test_specs_are_consistent(name: str) -> None:
    spec = find_spec(name)
    assert spec.name == name
    assert spec.width % spec.heads == 0
    assert spec.layout.coarse < spec.layout.budget - 4
    assert spec.tokenizers[0] == "series"
    assert spec.licence
    assert spec.source


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("fgaesq-b61", "did you mean fgaesq-b16 or fgaesq-s or fgaesq-tiny?"),
        ("nima", "known: fgaesq-b16, fgaesq-s, fgaesq-tiny"),
    ],
)
def test_unknown_names_are_an_error_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find_spec(name)
    assert str(caught.value) == f"unknown model '{name}'; {hint}"
