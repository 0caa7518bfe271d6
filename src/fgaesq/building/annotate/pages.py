"""The pages of annotators and of the organiser, as HTML."""

from __future__ import annotations

from typing import Any

from fgaesq.building.annotate.keys import KEYS
from fgaesq.building.annotate.words import BAD, NOTES
from fgaesq.report.page import text
from fgaesq.web.pages import filled, page_html

__all__ = ["annotators_page"]

_PACKAGE = "fgaesq.building.annotate"


def annotators_page(state: dict[str, Any], theme: str) -> str:
    """Return the page of an annotator; the script fills it from `state`."""
    bad = "".join(
        f'<button type="button" data-bad="{key}"{" autofocus" if number == 1 else ""}>'
        f"<kbd>{number}</kbd> {text(words)}</button>\n"
        for number, (key, words) in enumerate(BAD.items(), start=1)
    )
    return page_html(
        "annotate",
        "Which is better?",
        filled(_PACKAGE, "annotate.html", bad=bad, words=text(state["words"])),
        style="annotate",
        keys=KEYS,
        notes=NOTES,
        theme=theme,
        data={"state": state},
    )
