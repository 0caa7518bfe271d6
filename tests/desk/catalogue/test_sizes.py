"""The size of groups of a shoot: remembered for its folders and those in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fgaesq.desk.catalogue import Catalogue
from fgaesq.desk.catalogue.sizes import chosen_size, forget_sizes, save_sizes, sizes_of

SHOOT, DAY, OTHER = Path("/shoot"), Path("/shoot/day"), Path("/other")


@pytest.mark.parametrize(
    ("folders", "expected"),
    [((SHOOT,), 0.2), ((DAY,), 0.2), ((OTHER,), None), ((Path("/"),), None), ((OTHER, DAY), 0.2)],
)
def test_a_size_holds_for_its_folder_and_those_in_it(
    catalogue: Catalogue, folders: tuple[Path, ...], expected: float | None
) -> None:
    save_sizes(catalogue, [(SHOOT, 0.2)])
    assert chosen_size(catalogue, folders) == expected


def test_the_nearest_folder_counts(catalogue: Catalogue) -> None:
    save_sizes(catalogue, [(DAY, 0.0), (SHOOT, 0.9)])
    assert chosen_size(catalogue, [DAY]) == 0.0
    assert chosen_size(catalogue, [DAY / "card"]) == 0.0


def test_of_several_folders_the_last_choice_counts(catalogue: Catalogue) -> None:
    save_sizes(catalogue, [(SHOOT, 0.9)])
    save_sizes(catalogue, [(OTHER, 0.1)])
    assert chosen_size(catalogue, [OTHER, SHOOT]) == 0.1
    save_sizes(catalogue, [(SHOOT, 0.8)])
    assert chosen_size(catalogue, [OTHER, SHOOT]) == 0.8


def test_what_was_chosen_can_be_forgotten(catalogue: Catalogue) -> None:
    save_sizes(catalogue, [(SHOOT, 0.2), (DAY, 0.7)])
    forget_sizes(catalogue, [DAY])
    assert sizes_of(catalogue, [SHOOT, DAY]) == {SHOOT: 0.2, DAY: None}
    assert chosen_size(catalogue, [DAY]) == 0.2
