"""Tables of a TOML file as frozen dataclasses, every key and value checked."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from fgaesq.errors import RecipeError

__all__ = ["checked_section", "read_toml"]

_Section = TypeVar("_Section")

_TYPE_NAMES = {
    bool: "true or false",
    dict: "table of keys",
    float: "number",
    int: "whole number",
    str: "string",
    tuple: "list of names",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a recipe.

    Raises:
        RecipeError: the file is missing, cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"{path}: not found; give the path of a recipe (.toml)") from None
    except OSError as error:
        reason = error.strerror
        raise RecipeError(f"{path}: cannot be read ({reason}); give a recipe (.toml)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not a TOML file ({error}); mend it") from None


def checked_section(
    default: _Section,
    values: object,
    where: str,
    *,
    least: Mapping[str, float] | None = None,
    choices: Mapping[str, tuple[str, ...]] | None = None,
) -> _Section:
    """Return `default` with the values of a table; each must be known and of its key's type.

    Args:
        default: a frozen dataclass; a key whose default is None takes a number.
        values: of the table.
        where: name of the section, for messages.
        least: the smallest possible value of each key that has one.
        choices: the possible values of each key that is a choice, by `Class.key`.

    Raises:
        RecipeError: an unknown key, a wrong type or an impossible value.
    """
    if not isinstance(values, dict):
        raise RecipeError(f"{where} is {values!r}; needs a table of keys")
    known = [one.name for one in dataclasses.fields(default)]  # type: ignore[arg-type]
    place = f"{where}: " if where else ""
    checked: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise RecipeError(f"{place}unknown key '{key}'; known: {', '.join(known)}")
        before = getattr(default, key)
        checked[key] = _value(key, value, float if before is None else type(before), place)
        if least and key in least and not checked[key] >= least[key]:
            raise RecipeError(f"{place}{key} is {checked[key]!r}; needs at least {least[key]}")
        allowed = (choices or {}).get(f"{type(default).__name__}.{key}")
        if allowed and value not in allowed:
            *others, last = allowed
            raise RecipeError(f"{place}{key} is '{value}'; use {', '.join(others)} or {last}")
    return replace(default, **checked)  # type: ignore[type-var]


def _value(key: str, value: Any, wanted: Any, place: str) -> Any:  # noqa: ANN401 - what TOML holds
    """Return the value of a key in the type it must have."""
    if wanted is tuple and isinstance(value, list):
        if not all(isinstance(one, str) for one in value):
            raise RecipeError(f"{place}{key} is {value!r}; needs a list of names")
        value = tuple(value)
    if type(value) is int and wanted is float:
        value = float(value)
    if type(value) is not wanted:
        raise RecipeError(f"{place}{key} is {value!r}; needs a {_TYPE_NAMES[wanted]}")
    return value
