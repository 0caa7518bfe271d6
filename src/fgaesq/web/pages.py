"""The frame of local pages: head, help sheet, and what the page's script is told as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Any

from fgaesq.report.page import text
from fgaesq.web.keys import Key, help_rows, key_actions

__all__ = ["asset_text", "filled", "page_html"]


def asset_text(package: str, name: str) -> str:
    """Return a text file of the folder `assets` of a package."""
    return resources.files(package).joinpath("assets", name).read_text(encoding="utf-8")


def filled(package: str, name: str, /, **parts: object) -> str:
    """Return a template of a package; `$name` in it stands for HTML that is escaped already."""
    return Template(asset_text(package, name)).substitute(parts)


def page_html(
    view: str,
    title: str,
    body: str,
    *,
    style: str,
    keys: Sequence[Key],
    notes: Sequence[str],
    theme: str,
    data: Mapping[str, Any],
) -> str:
    """Return a page.

    Args:
        view: names the script `/assets/VIEW.js` and the class of the body.
        title: of the window.
        body: HTML.
        style: the name of the page's own style sheet, without `.css`.
        keys: of all views, for the help sheet; those of this one are told to the script.
        notes: sentences below the keys.
        theme: `dark` or `light`, anything else as the system says.
        data: for the script; what JSON can hold.
    """
    content = json.dumps({**data, "keys": key_actions(keys, view)}).replace("<", "\\u003c")
    return filled(
        "fgaesq.web",
        "page.html",
        view=view,
        title=text(title),
        theme=f' data-theme="{theme}"' if theme in ("dark", "light") else "",
        style=style,
        body=body,
        help=help_rows(keys),
        notes="".join(f"<p>{escape(one)}</p>\n" for one in notes),
        data=content,
    )
